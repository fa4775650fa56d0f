# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_till_global_optspecs
    string join \n store= q/quiet v/verbose no-input json y/yes accept-rollback passphrase-fd= passphrase-file= passphrase-command= key-file= h/help V/version
end

function __fish_till_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_till_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_till_using_subcommand
    set -l cmd (__fish_till_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c till -n "__fish_till_needs_command" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_needs_command" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_needs_command" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_needs_command" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_needs_command" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_needs_command" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_needs_command" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_needs_command" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_needs_command" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_needs_command" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_needs_command" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_needs_command" -s V -l version -d 'Print version'
complete -c till -n "__fish_till_needs_command" -f -a "init" -d 'Make a store: one encrypted file, with a passphrase or a key file that unlocks it'
complete -c till -n "__fish_till_needs_command" -f -a "passwd" -d 'Change the passphrase'
complete -c till -n "__fish_till_needs_command" -f -a "rekey" -d 'Put the store under a new root key; every proxy key ends'
complete -c till -n "__fish_till_needs_command" -f -a "unlock" -d 'What unlocks the store: passphrases, key files, the keyring'
complete -c till -n "__fish_till_needs_command" -f -a "master" -d 'Real API keys, sealed in the store'
complete -c till -n "__fish_till_needs_command" -f -a "provider" -d 'The APIs that till forwards to'
complete -c till -n "__fish_till_needs_command" -f -a "key" -d 'Proxy keys: each works a set number of times, then destroys itself'
complete -c till -n "__fish_till_needs_command" -f -a "prices" -d 'What models cost'
complete -c till -n "__fish_till_needs_command" -f -a "admin" -d 'Proxy keys for other machines: the admin API, and who may ask it for them'
complete -c till -n "__fish_till_needs_command" -f -a "alert" -d 'Alerts: webhooks and commands that are told what happens'
complete -c till -n "__fish_till_needs_command" -f -a "stop" -d 'Stop every live proxy key at once; needs no unlock'
complete -c till -n "__fish_till_needs_command" -f -a "run" -d 'Run a command with proxy keys in place of the real ones'
complete -c till -n "__fish_till_needs_command" -f -a "proxy" -d 'Forward requests, until Ctrl-C'
complete -c till -n "__fish_till_needs_command" -f -a "left" -d 'What a proxy key has left; needs no store, only the key'
complete -c till -n "__fish_till_needs_command" -f -a "doctor" -d 'Find real keys that lie open, and what in the store or the machine weakens it; needs no unlock'
complete -c till -n "__fish_till_needs_command" -f -a "log" -d 'What happened: the audit log; reading it needs no unlock'
complete -c till -n "__fish_till_needs_command" -f -a "usage" -d 'What was used, by key, model, hour and more; needs no unlock'
complete -c till -n "__fish_till_needs_command" -f -a "backup" -d 'Copy the store into a file, while proxies and commands go on; needs no unlock'
complete -c till -n "__fish_till_needs_command" -f -a "restore" -d 'Put a backup in the store\'s place; every proxy key in it ends'
complete -c till -n "__fish_till_needs_command" -f -a "check" -d 'Check that the store, or a backup, is whole, and as it was written'
complete -c till -n "__fish_till_needs_command" -f -a "watch" -d 'See keys, requests and spend as they change, full-screen; needs no unlock'
complete -c till -n "__fish_till_needs_command" -f -a "demo" -d 'See the whole thing work in a temporary store, with no account and no set-up'
complete -c till -n "__fish_till_needs_command" -f -a "completions" -d 'Print the completions for a shell'
complete -c till -n "__fish_till_needs_command" -f -a "man" -d 'Print the man page, or write all of them to a directory'
complete -c till -n "__fish_till_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand init" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand init" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand init" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand init" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand init" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand init" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand init" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand init" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand init" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand init" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand init" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand passwd" -l new-passphrase-file -d 'A file to read the new passphrase from, instead of asking twice' -r -F
complete -c till -n "__fish_till_using_subcommand passwd" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand passwd" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand passwd" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand passwd" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand passwd" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand passwd" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand passwd" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand passwd" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand passwd" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand passwd" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand passwd" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand passwd" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand rekey" -l new-passphrase-file -d 'A file to read the new passphrase from, instead of asking twice' -r -F
complete -c till -n "__fish_till_using_subcommand rekey" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand rekey" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand rekey" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand rekey" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand rekey" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand rekey" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand rekey" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand rekey" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand rekey" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand rekey" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand rekey" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand rekey" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -f -a "add" -d 'Add a way to unlock the store, beside those that there are'
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -f -a "ls" -d 'List the ways to unlock the store; needs no unlock'
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -f -a "rm" -d 'Remove a way to unlock the store, but never the last one'
complete -c till -n "__fish_till_using_subcommand unlock; and not __fish_seen_subcommand_from add ls rm help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -l file -d 'The key file: made if it is not there, else read' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -l new-passphrase-file -d 'A file to read the new passphrase from, instead of asking twice' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -l name -d 'What you call it' -r
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from ls" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from ls" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from ls" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from ls" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from ls" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from ls" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from ls" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from ls" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from rm" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from rm" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from rm" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from rm" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from rm" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from rm" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from rm" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from rm" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add a way to unlock the store, beside those that there are'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List the ways to unlock the store; needs no unlock'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Remove a way to unlock the store, but never the last one'
complete -c till -n "__fish_till_using_subcommand unlock; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -f -a "add" -d 'Seal a real API key'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -f -a "ls" -d 'List the master keys; needs no unlock'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -f -a "rotate" -d 'Replace a master key by another of the same account; proxy keys go on working'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -f -a "rm" -d 'Erase a master key; refused while live proxy keys depend on it'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -f -a "limit" -d 'Limit what all the proxy keys of a master key may use together, or show these caps'
complete -c till -n "__fish_till_using_subcommand master; and not __fish_seen_subcommand_from add ls rotate rm limit help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l name -d 'What you call it [default: the provider\'s name]' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l from-env -d 'Read the key from this environment variable' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l base-url -d 'A compatible server in place of the provider\'s own' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l header -d 'A header that every request with this key carries, as one that selects an account; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l upstream-ca -d 'Further certificates (PEM) to trust when the key is checked' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l local -d 'Allow plain http and private addresses; implied for a loopback address'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l verify -d 'Check the key with the provider, by one harmless request'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -l verify -d 'Unlock the store and check every row\'s MAC'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -l from-env -d 'Read the key from this environment variable' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -l end-keys -d 'End every proxy key that depends on it'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -l revoke-keys -d 'End every proxy key that depends on it'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l tokens -d 'Tokens, input and output together, cached input too: 5M/h; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l input-tokens -d 'Input tokens, cached ones too: 100k/m; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l output-tokens -d 'Output tokens, reasoning too: 1M/d; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l spend -d 'Money, in US dollars: 20/d; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l clear -d 'A cap to lift, as in spend/d; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from limit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from help" -f -a "add" -d 'Seal a real API key'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List the master keys; needs no unlock'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Replace a master key by another of the same account; proxy keys go on working'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Erase a master key; refused while live proxy keys depend on it'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from help" -f -a "limit" -d 'Limit what all the proxy keys of a master key may use together, or show these caps'
complete -c till -n "__fish_till_using_subcommand master; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -f -a "ls" -d 'List the providers, with how many endpoints of each class the table knows'
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -f -a "show" -d 'Everything about one provider, with each endpoint\'s class'
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -f -a "add" -d 'Add any HTTP API as a provider'
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -f -a "rm" -d 'Remove a provider that was added; refused while master keys need it'
complete -c till -n "__fish_till_using_subcommand provider; and not __fish_seen_subcommand_from ls show add rm help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from ls" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from ls" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from ls" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from ls" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from ls" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from ls" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from ls" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from ls" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from show" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from show" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from show" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from show" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from show" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from show" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from show" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l url -d 'Its base URL' -r
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l auth -d 'How it takes its key: bearer, raw, basic, header:NAME or query:NAME' -r
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l header -d 'A header that every request carries; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l keep-cookies -d 'Let cookies through, both ways; else agents neither get nor send any'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l local -d 'Allow plain http and private addresses; implied for a loopback address'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from rm" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from rm" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from rm" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from rm" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from rm" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from rm" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from rm" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from rm" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List the providers, with how many endpoints of each class the table knows'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from help" -f -a "show" -d 'Everything about one provider, with each endpoint\'s class'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add any HTTP API as a provider'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Remove a provider that was added; refused while master keys need it'
complete -c till -n "__fish_till_using_subcommand provider; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -f -a "mint" -d 'Mint proxy keys, and print them on stdout, one a line, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -f -a "delegate" -d 'Make keys from a key that you hold, and print them on stdout; needs no store, only the key'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -f -a "ls" -d 'List the proxy keys; needs no unlock'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -f -a "show" -d 'Everything about one proxy key; needs no unlock'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -f -a "edit" -d 'Change what a live proxy key may do; a running proxy goes by it from the next request on'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -f -a "extend" -d 'Give a live proxy key more activations, tokens, money or time'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -f -a "pause" -d 'Refuse the requests of proxy keys until `till key resume`'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -f -a "resume" -d 'Lift the pauses of proxy keys'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -f -a "revoke" -d 'End proxy keys at once; needs no unlock'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -f -a "prune" -d 'Drop what is left of keys that ended long ago'
complete -c till -n "__fish_till_using_subcommand key; and not __fish_seen_subcommand_from mint delegate ls show edit extend pause resume revoke prune help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -s n -l activations -d 'How many requests it works for, 1 to 1000000000000' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l tokens -d 'Tokens that it works for, input and output together: 5000, 100k, 1.5M' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l input-tokens -d 'Input tokens that it works for, cached ones too' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l output-tokens -d 'Output tokens that it works for, reasoning too' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l spend -d 'Money that it works for, in US dollars: 5, 5.00, 0.25' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l overshoot -d 'Whether its limits in tokens and money can be overrun [default: never]' -r -f -a "never\t'A request is brought down to what the key can pay, or refused'
last-call\t'By the requests that are in flight when a limit is reached; what has no bound is let through'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l on-cancel -d 'What becomes of a request that is limited so, when its client hangs up [default: stop]' -r -f -a "stop\t'The provider is told at once, and the most that it may bill is charged'
drain\t'The answer is read to its end, and charged exactly'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l max-price -d 'The dearest model that `openrouter` may choose, in US dollars for a million tokens of input and of output: 1,4' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l expires -d 'When it ends: a span from now (90s, 30m, 2h, 7d), or a time (2026-12-01T00:00Z)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l rate -d 'Requests in a time: 5/s, 60/m, 1000/h, 5000/d; a burst of the whole count is allowed' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l concurrency -d 'Requests in flight at once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l model -d 'Models that it may use, with `*` and `?`: \'gpt-4o*\'; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l allow -d 'Endpoints that it may call, on the path sent upstream: \'POST /v1/chat/*\'; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l ip -d 'Client addresses that may use it: 10.0.0.0/8 or 127.0.0.1; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l on-spike -d 'What becomes of it when something unusual is seen of it [default: alert]' -r -f -a "alert\t'It is said, and nothing else'
pause\t'The key is paused: its requests are refused until `till key resume`'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l delegate -d 'Let its holder make further keys from it, one from the other, through so many generations' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l name -d 'What you call it' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l label -d 'A label for your own use; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l count -d 'How many to mint, all alike' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l env -d 'Print lines that point the provider\'s SDK at the proxy, instead of the key alone' -r -f -a "sh\t'`export NAME=\'value\'`'
fish\t'`set -gx NAME \'value\'`'
dotenv\t'`NAME=value`'
github\t'Into the file that GitHub Actions names, with the key masked in its logs'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l proxy-url -d 'Where the proxy is, for `--env` [default: the proxy that runs, else port 4100]' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l id-file -d 'Write the key\'s id to this file too, for a later `till key revoke`; one a line' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l count-answered -d 'Count only what was answered: 429, 5xx and no answer are given back'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l unlimited -d 'Mint a key without an end'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from mint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -s n -l activations -d 'How many requests it works for, 1 to 1000000000000' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l tokens -d 'Tokens that it works for, input and output together: 5000, 100k, 1.5M' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l input-tokens -d 'Input tokens that it works for, cached ones too' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l output-tokens -d 'Output tokens that it works for, reasoning too' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l spend -d 'Money that it works for, in US dollars: 5, 5.00, 0.25' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l overshoot -d 'Whether its limits in tokens and money can be overrun [default: never]' -r -f -a "never\t'A request is brought down to what the key can pay, or refused'
last-call\t'By the requests that are in flight when a limit is reached; what has no bound is let through'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l on-cancel -d 'What becomes of a request that is limited so, when its client hangs up [default: stop]' -r -f -a "stop\t'The provider is told at once, and the most that it may bill is charged'
drain\t'The answer is read to its end, and charged exactly'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l max-price -d 'The dearest model that `openrouter` may choose, in US dollars for a million tokens of input and of output: 1,4' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l expires -d 'When it ends: a span from now (90s, 30m, 2h, 7d), or a time (2026-12-01T00:00Z)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l rate -d 'Requests in a time: 5/s, 60/m, 1000/h, 5000/d; a burst of the whole count is allowed' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l concurrency -d 'Requests in flight at once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l model -d 'Models that it may use, with `*` and `?`: \'gpt-4o*\'; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l allow -d 'Endpoints that it may call, on the path sent upstream: \'POST /v1/chat/*\'; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l ip -d 'Client addresses that may use it: 10.0.0.0/8 or 127.0.0.1; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l on-spike -d 'What becomes of it when something unusual is seen of it [default: alert]' -r -f -a "alert\t'It is said, and nothing else'
pause\t'The key is paused: its requests are refused until `till key resume`'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l provider -d 'What it opens, of what the parent opens [default: all of it]; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l delegate -d 'Let further keys be made from it, one from the other, through so many generations' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l name -d 'What you call it' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l label -d 'A label for your own use; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l count -d 'How many to make, all alike: all of them or none' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l env -d 'Print lines that point the provider\'s SDK at the proxy, instead of the key alone' -r -f -a "sh\t'`export NAME=\'value\'`'
fish\t'`set -gx NAME \'value\'`'
dotenv\t'`NAME=value`'
github\t'Into the file that GitHub Actions names, with the key masked in its logs'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l url -d 'Where the proxy is [default: `TILL_URL`, else port 4100 of this machine]' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l count-answered -d 'Count only what was answered: 429, 5xx and no answer are given back'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from delegate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l status -d 'Only live, only paused or only ended ones' -r -f -a "live\t'Those that can be used'
paused\t'Those that can be used again after `till key resume`'
ended\t'Tombstones'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l provider -d 'Only those that open this provider' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l label -d 'Only those with this label; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l sort -d 'In this order' -r -f -a "created\t'By minting, the oldest first'
name\t'By name'
remaining\t'By what is left, the least first'
expires\t'By expiry, the next first'
used\t'By last use, the latest first'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l reverse -d 'The other way round'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l tree -d 'Show each key below the one that it was made from'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l verify -d 'Unlock the store and check every row\'s MAC'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -l verify -d 'Unlock the store and check the rows\' MACs'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -s n -l activations -d 'How many requests it works for, 1 to 1000000000000' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l tokens -d 'Tokens that it works for, input and output together: 5000, 100k, 1.5M' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l input-tokens -d 'Input tokens that it works for, cached ones too' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l output-tokens -d 'Output tokens that it works for, reasoning too' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l spend -d 'Money that it works for, in US dollars: 5, 5.00, 0.25' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l overshoot -d 'Whether its limits in tokens and money can be overrun [default: never]' -r -f -a "never\t'A request is brought down to what the key can pay, or refused'
last-call\t'By the requests that are in flight when a limit is reached; what has no bound is let through'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l on-cancel -d 'What becomes of a request that is limited so, when its client hangs up [default: stop]' -r -f -a "stop\t'The provider is told at once, and the most that it may bill is charged'
drain\t'The answer is read to its end, and charged exactly'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l max-price -d 'The dearest model that `openrouter` may choose, in US dollars for a million tokens of input and of output: 1,4' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l expires -d 'When it ends: a span from now (90s, 30m, 2h, 7d), or a time (2026-12-01T00:00Z)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l rate -d 'Requests in a time: 5/s, 60/m, 1000/h, 5000/d; a burst of the whole count is allowed' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l concurrency -d 'Requests in flight at once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l model -d 'Models that it may use, with `*` and `?`: \'gpt-4o*\'; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l allow -d 'Endpoints that it may call, on the path sent upstream: \'POST /v1/chat/*\'; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l ip -d 'Client addresses that may use it: 10.0.0.0/8 or 127.0.0.1; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l on-spike -d 'What becomes of it when something unusual is seen of it [default: alert]' -r -f -a "alert\t'It is said, and nothing else'
pause\t'The key is paused: its requests are refused until `till key resume`'"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l name -d 'What you call it' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l label -d 'A label to set; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l unlabel -d 'A label to remove; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l clear -d 'What is to be lifted; may be given more than once' -r -f -a "activations\t''
tokens\t''
input-tokens\t''
output-tokens\t''
spend\t''
max-price\t''
expires\t''
rate\t''
concurrency\t''
model\t''
allow\t''
ip\t''
count-answered\t''"
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l count-answered -d 'Count only what was answered: 429, 5xx and no answer are given back'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l unlimited -d 'Allow that nothing brings the key to an end'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -s n -l activations -d 'Activations to add' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l tokens -d 'Tokens to add, of input and output together: 5000, 100k, 1.5M' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l input-tokens -d 'Input tokens to add' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l output-tokens -d 'Output tokens to add' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l spend -d 'US dollars to add: 5, 5.00, 0.25' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l expires -d 'Time to add to its end (or to now, where it has none), or its new end' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from extend" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from pause" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from pause" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from pause" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from pause" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from pause" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from pause" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from pause" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from pause" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from pause" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from pause" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from pause" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from pause" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from resume" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from resume" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from resume" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from resume" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from resume" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from resume" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from resume" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from resume" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from resume" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from resume" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from resume" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from revoke" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from revoke" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from revoke" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from revoke" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from revoke" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from revoke" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from revoke" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from revoke" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from revoke" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -l older-than -d 'Only keys that ended longer ago than this' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "mint" -d 'Mint proxy keys, and print them on stdout, one a line, and nothing else'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "delegate" -d 'Make keys from a key that you hold, and print them on stdout; needs no store, only the key'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List the proxy keys; needs no unlock'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "show" -d 'Everything about one proxy key; needs no unlock'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "edit" -d 'Change what a live proxy key may do; a running proxy goes by it from the next request on'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "extend" -d 'Give a live proxy key more activations, tokens, money or time'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "pause" -d 'Refuse the requests of proxy keys until `till key resume`'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "resume" -d 'Lift the pauses of proxy keys'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'End proxy keys at once; needs no unlock'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "prune" -d 'Drop what is left of keys that ended long ago'
complete -c till -n "__fish_till_using_subcommand key; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -f -a "ls" -d 'List the prices, in dollars for a million tokens'
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -f -a "show" -d 'Everything about the price of one model, in dollars for a million tokens'
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -f -a "set" -d 'Set the price of a model, in dollars for a million tokens; running proxies take it up'
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -f -a "rm" -d 'Remove a price that was set; what came with till holds again'
complete -c till -n "__fish_till_using_subcommand prices; and not __fish_seen_subcommand_from ls show set rm help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -l prices -d 'A file of prices over those in till and those set [default: `TILL_PRICES`]' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -s p -l provider -d 'The provider, where several have it' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -l prices -d 'A file of prices over those in till and those set [default: `TILL_PRICES`]' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l input -d 'Input tokens' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l output -d 'Output tokens' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l cache-read -d 'Input tokens that are read from a cache [default: as other input]' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l cache-write -d 'Input tokens that are written to a cache [default: as other input]' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l max-input -d 'The most input tokens of a call' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l max-output -d 'The most output tokens of a call; without it, a call has no bound' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from rm" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from rm" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from rm" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from rm" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from rm" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from rm" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from rm" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from rm" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List the prices, in dollars for a million tokens'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from help" -f -a "show" -d 'Everything about the price of one model, in dollars for a million tokens'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from help" -f -a "set" -d 'Set the price of a model, in dollars for a million tokens; running proxies take it up'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Remove a price that was set; what came with till holds again'
complete -c till -n "__fish_till_using_subcommand prices; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -f -a "serve" -d 'Serve the admin API, until Ctrl-C'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -f -a "mint" -d 'Mint an admin token, and print it on stdout, and nothing else'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -f -a "trust" -d 'Let CI jobs mint by their own identity token: no stored secret at all'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -f -a "ls" -d 'List the admin tokens and trusts; needs no unlock'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -f -a "show" -d 'Everything about one admin token or trust; needs no unlock'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -f -a "revoke" -d 'End an admin token or a trust at once; its next request is refused'
complete -c till -n "__fish_till_using_subcommand admin; and not __fish_seen_subcommand_from serve mint trust ls show revoke help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l listen -d 'The address to listen on; port 0 takes a free one' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l proxy-url -d 'Where clients reach the proxy that the keys are good at; every answer names it' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l issuer-ca -d 'Further certificates (PEM) to trust when issuers of identity tokens are asked for their keys' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l tls-cert -d 'The listener\'s certificate and its chain (PEM); read again on SIGHUP' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l tls-key -d 'The key of the listener\'s certificate (PEM)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l allowed-host -d 'A name that clients call the server by, beside localhost; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l log-format -d 'How the log is written' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l plaintext -d 'Listen beyond loopback without TLS: keys cross the network unencrypted'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l proxy-protocol -d 'Take the client\'s address from the PROXY protocol (version 2) of a balancer in front'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l name -d 'What you call it' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l provider -d 'What its keys may open: a provider, or a master key by its name; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l max-delegate -d 'Generations of keys that may be made from its keys, by whoever holds those; none where unsaid' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l max-live-keys -d 'The most of its keys that may live at once' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l max-activations -d 'The most activations of a key, and what one gets that names none' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l max-tokens -d 'The most tokens of a key: 100k' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l max-input-tokens -d 'The most input tokens of a key' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l max-output-tokens -d 'The most output tokens of a key' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l max-spend -d 'The most money of a key, in US dollars: 2' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l max-expires -d 'The longest life of a key: 1h' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l model -d 'Models that its keys may use; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l allow -d 'Endpoints that its keys may call: \'POST /v1/chat/*\'; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l ip -d 'Client addresses that may use its keys; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l total-keys -d 'Keys that it may mint: 1000, or 100/d for each day; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l total-activations -d 'Activations that it may hand out: 5000, or 500/d; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l total-tokens -d 'Tokens that it may hand out: 5M/d; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l total-spend -d 'Money that it may hand out: 50/d; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l expires -d 'When it ends itself: a span from now (30d), or a time (2026-12-01T00:00Z)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l may-bring-keys -d 'Let requests bring a real key of their own, which is sealed and erased with its last proxy key'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from mint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -f -a "github" -d 'Trust jobs of GitHub Actions, of one repository'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -f -a "gitlab" -d 'Trust jobs of GitLab CI, of one project'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -f -a "oidc" -d 'Trust any issuer of OpenID Connect tokens, by their claims'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from trust" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -l verify -d 'Unlock the store and check every row\'s MAC'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from show" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from show" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from show" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from show" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from show" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from show" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from show" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from show" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -l revoke-keys -d 'End every proxy key that it minted'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "serve" -d 'Serve the admin API, until Ctrl-C'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "mint" -d 'Mint an admin token, and print it on stdout, and nothing else'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "trust" -d 'Let CI jobs mint by their own identity token: no stored secret at all'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List the admin tokens and trusts; needs no unlock'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "show" -d 'Everything about one admin token or trust; needs no unlock'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'End an admin token or a trust at once; its next request is refused'
complete -c till -n "__fish_till_using_subcommand admin; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -f -a "add" -d 'Tell a webhook, a Slack channel or a command'
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -f -a "ls" -d 'List who is told, what waits, and what came of the last tries; needs no unlock'
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -f -a "rm" -d 'Take a target away, with what waits for it'
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -f -a "test" -d 'Send one message now, and say what came of it'
complete -c till -n "__fish_till_using_subcommand alert; and not __fish_seen_subcommand_from add ls rm test help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l webhook -d 'A URL that gets each message as a signed POST of JSON; `-` reads it from stdin' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l slack -d 'The same in the shape of Slack\'s incoming webhooks, unsigned; `-` keeps the URL, which is a secret, out of the shell\'s history' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l command -d 'A command that gets each message as JSON on its stdin; no shell reads it' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l secret-file -d 'Read the signing secret from this file, which only you may read' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l secret-fd -d 'Read the signing secret from this file descriptor' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l on -d 'What it is told of [default: all]' -r -f -a "limit\t''
spike\t''
ended-key\t''
unknown-key\t''
failed-unlock\t''"
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l key -d 'Only of keys whose id or name is like this; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l label -d 'Only of keys with this label; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l local -d 'Allow plain http and private addresses'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -l verify -d 'Unlock the store and check every row\'s MAC'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from rm" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from rm" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from rm" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from rm" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from rm" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from rm" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from rm" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from rm" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -l upstream-ca -d 'Further certificates (PEM) to trust, as `till proxy` has them' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from help" -f -a "add" -d 'Tell a webhook, a Slack channel or a command'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from help" -f -a "ls" -d 'List who is told, what waits, and what came of the last tries; needs no unlock'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Take a target away, with what waits for it'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from help" -f -a "test" -d 'Send one message now, and say what came of it'
complete -c till -n "__fish_till_using_subcommand alert; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand stop" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand stop" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand stop" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand stop" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand stop" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand stop" -l all -d 'Every one of them'
complete -c till -n "__fish_till_using_subcommand stop" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand stop" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand stop" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand stop" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand stop" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand stop" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand run" -s n -l activations -d 'How many requests it works for, 1 to 1000000000000' -r
complete -c till -n "__fish_till_using_subcommand run" -l tokens -d 'Tokens that it works for, input and output together: 5000, 100k, 1.5M' -r
complete -c till -n "__fish_till_using_subcommand run" -l input-tokens -d 'Input tokens that it works for, cached ones too' -r
complete -c till -n "__fish_till_using_subcommand run" -l output-tokens -d 'Output tokens that it works for, reasoning too' -r
complete -c till -n "__fish_till_using_subcommand run" -l spend -d 'Money that it works for, in US dollars: 5, 5.00, 0.25' -r
complete -c till -n "__fish_till_using_subcommand run" -l overshoot -d 'Whether its limits in tokens and money can be overrun [default: never]' -r -f -a "never\t'A request is brought down to what the key can pay, or refused'
last-call\t'By the requests that are in flight when a limit is reached; what has no bound is let through'"
complete -c till -n "__fish_till_using_subcommand run" -l on-cancel -d 'What becomes of a request that is limited so, when its client hangs up [default: stop]' -r -f -a "stop\t'The provider is told at once, and the most that it may bill is charged'
drain\t'The answer is read to its end, and charged exactly'"
complete -c till -n "__fish_till_using_subcommand run" -l max-price -d 'The dearest model that `openrouter` may choose, in US dollars for a million tokens of input and of output: 1,4' -r
complete -c till -n "__fish_till_using_subcommand run" -l expires -d 'When it ends: a span from now (90s, 30m, 2h, 7d), or a time (2026-12-01T00:00Z)' -r
complete -c till -n "__fish_till_using_subcommand run" -l rate -d 'Requests in a time: 5/s, 60/m, 1000/h, 5000/d; a burst of the whole count is allowed' -r
complete -c till -n "__fish_till_using_subcommand run" -l concurrency -d 'Requests in flight at once' -r
complete -c till -n "__fish_till_using_subcommand run" -l model -d 'Models that it may use, with `*` and `?`: \'gpt-4o*\'; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand run" -l allow -d 'Endpoints that it may call, on the path sent upstream: \'POST /v1/chat/*\'; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand run" -l ip -d 'Client addresses that may use it: 10.0.0.0/8 or 127.0.0.1; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand run" -l on-spike -d 'What becomes of it when something unusual is seen of it [default: alert]' -r -f -a "alert\t'It is said, and nothing else'
pause\t'The key is paused: its requests are refused until `till key resume`'"
complete -c till -n "__fish_till_using_subcommand run" -l delegate -d 'Let the command make further keys from the run\'s, one from the other, through so many generations; they end with the run' -r
complete -c till -n "__fish_till_using_subcommand run" -l on-limit -d 'What becomes of a request when a limit is reached: `fail`, `kill` the command, or `wait=10m` for `till key extend`' -r
complete -c till -n "__fish_till_using_subcommand run" -l on-limit-command -d 'A command to run when a limit is reached; no shell reads it' -r
complete -c till -n "__fish_till_using_subcommand run" -l env-file -d 'Read further variables from this file; real keys in it never reach the command' -r -F
complete -c till -n "__fish_till_using_subcommand run" -l only -d 'Providers, or master keys by their names, that the key opens; others\' keys are not replaced' -r
complete -c till -n "__fish_till_using_subcommand run" -l keep-env -d 'Leave this variable as it is, also with a real key in it; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand run" -l drop-env -d 'Take this variable away; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand run" -l print-env -d 'Print the environment instead of running a command, and forward until Ctrl-C' -r -f -a "sh\t'`export NAME=\'value\'`'
fish\t'`set -gx NAME \'value\'`'
dotenv\t'`NAME=value`'"
complete -c till -n "__fish_till_using_subcommand run" -l port -d 'The forwarder\'s port, or a range to take a free one from [default: any free port]' -r
complete -c till -n "__fish_till_using_subcommand run" -l upstream-ca -d 'Certificates to trust upstream, beside the system\'s (PEM)' -r -F
complete -c till -n "__fish_till_using_subcommand run" -l upstream-proxy -d 'A proxy on the way to providers: http://HOST:PORT, by CONNECT' -r
complete -c till -n "__fish_till_using_subcommand run" -l prices -d 'A file of prices over those in till and those that were set; read again when it changes [default: `TILL_PRICES`]' -r -F
complete -c till -n "__fish_till_using_subcommand run" -l summary -d 'How the summary at the end is written to stderr' -r -f -a "text\t'For people'
json\t'One JSON object'"
complete -c till -n "__fish_till_using_subcommand run" -l summary-file -d 'Write the summary to this file too, as JSON' -r -F
complete -c till -n "__fish_till_using_subcommand run" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand run" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand run" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand run" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand run" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand run" -l count-answered -d 'Count only what was answered: 429, 5xx and no answer are given back'
complete -c till -n "__fish_till_using_subcommand run" -l unlimited -d 'Mint a key without an end'
complete -c till -n "__fish_till_using_subcommand run" -l no-store -d 'Do not use the store, although there is one'
complete -c till -n "__fish_till_using_subcommand run" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand run" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand run" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand run" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand run" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand run" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand proxy" -l listen -d 'The address to listen on; port 0 takes a free one' -r
complete -c till -n "__fish_till_using_subcommand proxy" -l tls-cert -d 'The listener\'s certificate and its chain (PEM); read again on SIGHUP' -r -F
complete -c till -n "__fish_till_using_subcommand proxy" -l tls-key -d 'The key of the listener\'s certificate (PEM)' -r -F
complete -c till -n "__fish_till_using_subcommand proxy" -l allowed-host -d 'A name that clients call the server by, beside localhost; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand proxy" -l log-format -d 'How the log is written' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c till -n "__fish_till_using_subcommand proxy" -l upstream-ca -d 'Certificates to trust upstream, beside the system\'s (PEM)' -r -F
complete -c till -n "__fish_till_using_subcommand proxy" -l upstream-proxy -d 'A proxy on the way to providers: http://HOST:PORT, by CONNECT' -r
complete -c till -n "__fish_till_using_subcommand proxy" -l prices -d 'A file of prices over those in till and those that were set; read again when it changes [default: `TILL_PRICES`]' -r -F
complete -c till -n "__fish_till_using_subcommand proxy" -l metrics -d 'Serve metrics for Prometheus on this address, as 127.0.0.1:4190, at `/metrics`' -r
complete -c till -n "__fish_till_using_subcommand proxy" -l first-byte-timeout -d 'How long a provider may take to begin its answer' -r
complete -c till -n "__fish_till_using_subcommand proxy" -l idle-timeout -d 'How long a provider may be silent in the middle of its answer' -r
complete -c till -n "__fish_till_using_subcommand proxy" -l total-timeout -d 'How long a provider\'s whole answer may take' -r
complete -c till -n "__fish_till_using_subcommand proxy" -l max-connections -d 'Clients at once, and requests; more clients wait until one leaves' -r
complete -c till -n "__fish_till_using_subcommand proxy" -l drain -d 'How long streams may go on after Ctrl-C' -r
complete -c till -n "__fish_till_using_subcommand proxy" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand proxy" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand proxy" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand proxy" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand proxy" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand proxy" -l plaintext -d 'Listen beyond loopback without TLS: keys cross the network unencrypted'
complete -c till -n "__fish_till_using_subcommand proxy" -l proxy-protocol -d 'Take the client\'s address from the PROXY protocol (version 2) of a balancer in front'
complete -c till -n "__fish_till_using_subcommand proxy" -l meter-all -d 'Read tokens and money also where nothing limits them, for `till usage`'
complete -c till -n "__fish_till_using_subcommand proxy" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand proxy" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand proxy" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand proxy" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand proxy" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand proxy" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand proxy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand left" -l url -d 'Where the proxy is [default: `TILL_URL`, else port 4100 of this machine]' -r
complete -c till -n "__fish_till_using_subcommand left" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand left" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand left" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand left" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand left" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand left" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand left" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand left" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand left" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand left" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand left" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand left" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand doctor" -l path -d 'Search this file or folder for real keys too; may be given several times' -r -F
complete -c till -n "__fish_till_using_subcommand doctor" -l fail-on -d 'From which weight on the exit code says that something was found' -r -f -a "warn\t'1 for what should be mended, 8 for what is bad'
bad\t'8 for what is bad'
never\t'Never for what was found'"
complete -c till -n "__fish_till_using_subcommand doctor" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand doctor" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand doctor" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand doctor" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand doctor" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand doctor" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand doctor" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand doctor" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand doctor" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand doctor" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand doctor" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -s n -l lines -d 'So many lines, the newest [default: 50]' -r
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l since -d 'Nothing older: a span as in `24h`, or a time' -r
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l until -d 'Nothing from then on: a span before now, or a time' -r
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l key -d 'About this proxy key: its id, or `#NUMBER` of one whose tombstone was dropped' -r
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l master -d 'About this master key: its name, or `#NUMBER` of one that was removed' -r
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l provider -d 'About master keys of this provider' -r
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l model -d 'Settlements of requests for models like this' -r
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l kind -d 'Of these kinds: `key-minted`, `settled`, `denied`, …' -r
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -s f -l follow -d 'Go on: show what is to come'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l all -d 'All lines, and a summary of those that were dropped'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -f -a "verify" -d 'Check that no event was edited, removed, inserted or put elsewhere'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -f -a "checkpoint" -d 'Export the head of the log, or hold the store against one that was exported'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -f -a "retention" -d 'Show or set how much of the log is kept'
complete -c till -n "__fish_till_using_subcommand log; and not __fish_seen_subcommand_from verify checkpoint retention help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from verify" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from verify" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from verify" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from verify" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from verify" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from verify" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from verify" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -l check -d 'Hold the store against the checkpoint in this file; `-` for stdin' -r -F
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -l events -d 'So many events at the most' -r
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -l age -d 'None that is older than this span; `none` for events of any age' -r
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from retention" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check that no event was edited, removed, inserted or put elsewhere'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "checkpoint" -d 'Export the head of the log, or hold the store against one that was exported'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "retention" -d 'Show or set how much of the log is kept'
complete -c till -n "__fish_till_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand usage" -l by -d 'Add up by key, master, provider, model, label=NAME, hour, day, or reason of denials' -r
complete -c till -n "__fish_till_using_subcommand usage" -l since -d 'From then on: a span ago, or a point in time (in UTC, if it does not say)' -r
complete -c till -n "__fish_till_using_subcommand usage" -l until -d 'Until then [default: now]' -r
complete -c till -n "__fish_till_using_subcommand usage" -l key -d 'Only this key' -r
complete -c till -n "__fish_till_using_subcommand usage" -l provider -d 'Only requests to this provider' -r
complete -c till -n "__fish_till_using_subcommand usage" -l model -d 'Only requests for such models; `*` stands for anything' -r
complete -c till -n "__fish_till_using_subcommand usage" -l label -d 'Only keys with this label; may be given more than once' -r
complete -c till -n "__fish_till_using_subcommand usage" -l sort -d 'In this order [default: requests, the most first; hours and days as they came]' -r -f -a "name\t'By what they are'
requests\t'By requests, the most first'
errors\t'By errors, the most first'
denied\t'By denials, the most first'
tokens\t'By tokens, the most first'
spend\t'By money, the most first'
latency\t'By the slowest answers but for 5 %, the slowest first'"
complete -c till -n "__fish_till_using_subcommand usage" -l plot -d 'Draw a chart of a figure over the time [default figure: requests]' -r -f -a "requests\t'Requests that were sent'
errors\t'Those that were not answered with success'
denied\t'Requests that till itself answered with a denial'
tokens\t'Tokens of both kinds'
input\t'Input tokens'
cached\t'Input tokens from a cache'
output\t'Output tokens'
spend\t'Money'"
complete -c till -n "__fish_till_using_subcommand usage" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand usage" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand usage" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand usage" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand usage" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand usage" -l reverse -d 'The other way round'
complete -c till -n "__fish_till_using_subcommand usage" -l csv -d 'Print comma-separated values (RFC 4180), in tokens, picodollars and milliseconds'
complete -c till -n "__fish_till_using_subcommand usage" -l verify -d 'Unlock the store, check every row\'s MAC, and hold the sums against the events that are kept'
complete -c till -n "__fish_till_using_subcommand usage" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand usage" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand usage" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand usage" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand usage" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand usage" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand usage" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand backup" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand backup" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand backup" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand backup" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand backup" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand backup" -l force -d 'Write over a file that is there already'
complete -c till -n "__fish_till_using_subcommand backup" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand backup" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand backup" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand backup" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand backup" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand backup" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand restore" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand restore" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand restore" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand restore" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand restore" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand restore" -l keep-keys -d 'Let its proxy keys live, with what they had left when it was made'
complete -c till -n "__fish_till_using_subcommand restore" -l replace -d 'Put aside the store that is there, as `….old-DATE` beside the new one'
complete -c till -n "__fish_till_using_subcommand restore" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand restore" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand restore" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand restore" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand restore" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand restore" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand check" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand check" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand check" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand check" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand check" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand check" -l quick -d 'Leave the pages of the file out, for which it is copied: rows alone'
complete -c till -n "__fish_till_using_subcommand check" -l no-unlock -d 'Check without the secret: structure and layouts, no MACs'
complete -c till -n "__fish_till_using_subcommand check" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand check" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand check" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand check" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand check" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand check" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand watch" -l filter -d 'Only keys that hold each of these words: in id, name, provider, label or status' -r
complete -c till -n "__fish_till_using_subcommand watch" -l sort -d 'In this order' -r -f -a "last-used\t'By last use, the latest first'
remaining\t'By what is left of the tightest limit, the least first'
spend\t'By money spent, the most first'
rate\t'By requests in the last minute, the most first'
name\t'By name'
expiry\t'By expiry, the next first'"
complete -c till -n "__fish_till_using_subcommand watch" -l interval -d 'How often the store is looked at' -r
complete -c till -n "__fish_till_using_subcommand watch" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand watch" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand watch" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand watch" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand watch" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand watch" -l all -d 'Ended keys too'
complete -c till -n "__fish_till_using_subcommand watch" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand watch" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand watch" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand watch" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand watch" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand watch" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand demo" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand demo" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand demo" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand demo" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand demo" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand demo" -l once -d 'End after the four requests'
complete -c till -n "__fish_till_using_subcommand demo" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand demo" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand demo" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand demo" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand demo" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand demo" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c till -n "__fish_till_using_subcommand completions" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand completions" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand completions" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand completions" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand completions" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand completions" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand completions" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand completions" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand completions" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand completions" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand completions" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand completions" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand man" -l dir -d 'Write a page for each command into this directory' -r -F
complete -c till -n "__fish_till_using_subcommand man" -l store -d 'The store\'s file [default: `TILL_STORE`, else till/till.redb in the data directory]' -r -F
complete -c till -n "__fish_till_using_subcommand man" -l passphrase-fd -d 'Read the passphrase from this file descriptor (or `TILL_PASSPHRASE_FD`)' -r
complete -c till -n "__fish_till_using_subcommand man" -l passphrase-file -d 'Read the passphrase from this file, which only you may read (or `TILL_PASSPHRASE_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand man" -l passphrase-command -d 'Take the first line that this command prints; no shell reads it (or `TILL_PASSPHRASE_COMMAND`)' -r
complete -c till -n "__fish_till_using_subcommand man" -l key-file -d 'Unlock with this key file, which only you may read (or `TILL_KEY_FILE`)' -r -F
complete -c till -n "__fish_till_using_subcommand man" -s q -l quiet -d 'Print what is asked for, and errors, and nothing else'
complete -c till -n "__fish_till_using_subcommand man" -s v -l verbose -d 'Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every request too, and with `-vv` everything of its own'
complete -c till -n "__fish_till_using_subcommand man" -l no-input -d 'Never ask: fail where an answer is missing'
complete -c till -n "__fish_till_using_subcommand man" -l json -d 'Answer in JSON, on stdout, in a stable schema'
complete -c till -n "__fish_till_using_subcommand man" -s y -l yes -d 'Do what cannot be undone without asking'
complete -c till -n "__fish_till_using_subcommand man" -l accept-rollback -d 'Take a store that is older than what was seen of it'
complete -c till -n "__fish_till_using_subcommand man" -s h -l help -d 'Print help'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "init" -d 'Make a store: one encrypted file, with a passphrase or a key file that unlocks it'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "passwd" -d 'Change the passphrase'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "rekey" -d 'Put the store under a new root key; every proxy key ends'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "unlock" -d 'What unlocks the store: passphrases, key files, the keyring'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "master" -d 'Real API keys, sealed in the store'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "provider" -d 'The APIs that till forwards to'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "key" -d 'Proxy keys: each works a set number of times, then destroys itself'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "prices" -d 'What models cost'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "admin" -d 'Proxy keys for other machines: the admin API, and who may ask it for them'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "alert" -d 'Alerts: webhooks and commands that are told what happens'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "stop" -d 'Stop every live proxy key at once; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "run" -d 'Run a command with proxy keys in place of the real ones'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "proxy" -d 'Forward requests, until Ctrl-C'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "left" -d 'What a proxy key has left; needs no store, only the key'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "doctor" -d 'Find real keys that lie open, and what in the store or the machine weakens it; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "log" -d 'What happened: the audit log; reading it needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "usage" -d 'What was used, by key, model, hour and more; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "backup" -d 'Copy the store into a file, while proxies and commands go on; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "restore" -d 'Put a backup in the store\'s place; every proxy key in it ends'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "check" -d 'Check that the store, or a backup, is whole, and as it was written'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "watch" -d 'See keys, requests and spend as they change, full-screen; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "demo" -d 'See the whole thing work in a temporary store, with no account and no set-up'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "completions" -d 'Print the completions for a shell'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "man" -d 'Print the man page, or write all of them to a directory'
complete -c till -n "__fish_till_using_subcommand help; and not __fish_seen_subcommand_from init passwd rekey unlock master provider key prices admin alert stop run proxy left doctor log usage backup restore check watch demo completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from unlock" -f -a "add" -d 'Add a way to unlock the store, beside those that there are'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from unlock" -f -a "ls" -d 'List the ways to unlock the store; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from unlock" -f -a "rm" -d 'Remove a way to unlock the store, but never the last one'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from master" -f -a "add" -d 'Seal a real API key'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from master" -f -a "ls" -d 'List the master keys; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from master" -f -a "rotate" -d 'Replace a master key by another of the same account; proxy keys go on working'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from master" -f -a "rm" -d 'Erase a master key; refused while live proxy keys depend on it'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from master" -f -a "limit" -d 'Limit what all the proxy keys of a master key may use together, or show these caps'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from provider" -f -a "ls" -d 'List the providers, with how many endpoints of each class the table knows'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from provider" -f -a "show" -d 'Everything about one provider, with each endpoint\'s class'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from provider" -f -a "add" -d 'Add any HTTP API as a provider'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from provider" -f -a "rm" -d 'Remove a provider that was added; refused while master keys need it'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "mint" -d 'Mint proxy keys, and print them on stdout, one a line, and nothing else'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "delegate" -d 'Make keys from a key that you hold, and print them on stdout; needs no store, only the key'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "ls" -d 'List the proxy keys; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "show" -d 'Everything about one proxy key; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "edit" -d 'Change what a live proxy key may do; a running proxy goes by it from the next request on'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "extend" -d 'Give a live proxy key more activations, tokens, money or time'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "pause" -d 'Refuse the requests of proxy keys until `till key resume`'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "resume" -d 'Lift the pauses of proxy keys'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "revoke" -d 'End proxy keys at once; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from key" -f -a "prune" -d 'Drop what is left of keys that ended long ago'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from prices" -f -a "ls" -d 'List the prices, in dollars for a million tokens'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from prices" -f -a "show" -d 'Everything about the price of one model, in dollars for a million tokens'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from prices" -f -a "set" -d 'Set the price of a model, in dollars for a million tokens; running proxies take it up'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from prices" -f -a "rm" -d 'Remove a price that was set; what came with till holds again'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "serve" -d 'Serve the admin API, until Ctrl-C'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "mint" -d 'Mint an admin token, and print it on stdout, and nothing else'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "trust" -d 'Let CI jobs mint by their own identity token: no stored secret at all'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "ls" -d 'List the admin tokens and trusts; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "show" -d 'Everything about one admin token or trust; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from admin" -f -a "revoke" -d 'End an admin token or a trust at once; its next request is refused'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from alert" -f -a "add" -d 'Tell a webhook, a Slack channel or a command'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from alert" -f -a "ls" -d 'List who is told, what waits, and what came of the last tries; needs no unlock'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from alert" -f -a "rm" -d 'Take a target away, with what waits for it'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from alert" -f -a "test" -d 'Send one message now, and say what came of it'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "verify" -d 'Check that no event was edited, removed, inserted or put elsewhere'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "checkpoint" -d 'Export the head of the log, or hold the store against one that was exported'
complete -c till -n "__fish_till_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "retention" -d 'Show or set how much of the log is kept'
