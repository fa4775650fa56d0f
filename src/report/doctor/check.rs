//! The table of checks: what each is called, how much it weighs, why it matters, what mends it.

/// How much a finding weighs, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Should be mended.
    Warn,
    /// A secret lies open, or till cannot do its work.
    Bad,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 3] = [Self::Bad, Self::Warn, Self::Note];

    /// Its name, as it is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Note => "note",
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckRow {
    /// Its name in JSON and in the documents.
    pub id: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What was found.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What mends it; `{}` is the place's own name.
    pub mend: &'static str,
}

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $severity:ident, $title:literal,
        why $why:literal, mend $mend:literal;)*) => {
        /// What is looked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Check {
            $($(#[$doc])* $name,)*
        }

        impl Check {
            /// Every check, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its row of the table.
            #[must_use]
            pub const fn row(self) -> CheckRow {
                match self {
                    $(Self::$name => CheckRow {
                        id: $id,
                        severity: Severity::$severity,
                        title: $title,
                        why: $why,
                        mend: $mend,
                    },)*
                }
            }
        }
    };
}

checks! {
    /// A variable holds a real key.
    KeyInEnvironment = "key-in-environment", Bad,
        "a real key is in the environment",
        why "every command that is started from here gets it, and can send it anywhere",
        mend "seal it with `till master add {}`, or start the command with `till run`; then take it \
              out of the file that exports it";
    /// A file holds a real key.
    KeyInFile = "key-in-file", Bad,
        "a real key lies in a file",
        why "an agent that runs as this user can open the file, and so can whatever copies it",
        mend "seal it with `till master add {}`, and take it out of the file; replace it at its \
              provider if an agent has run beside it";
    /// A history holds a real key.
    KeyInHistory = "key-in-history", Bad,
        "a real key is in a shell's history",
        why "the line stays there for years, and is copied with every backup",
        mend "seal it with `till master add {}`, take the lines out of the file when no shell is \
              open that would write them back, and replace the key at its provider";
    /// A file or history holds an admin token of this program.
    AdminTokenInFile = "admin-token-in-file", Bad,
        "an admin token of till lies in a file",
        why "whoever reads it mints proxy keys within its bounds",
        mend "end it with `till admin revoke NAME`, mint another, and give it to the runner as a \
              secret";
    /// The passphrase is in the environment.
    PassphraseInEnvironment = "passphrase-in-environment", Bad,
        "the store's passphrase is in the environment",
        why "every command that is started from here can unlock the store with it",
        mend "`unset {}`, change it with `till passwd`, and type it when till asks";
    /// What others can read or write that holds secrets.
    OpenToOthers = "open-to-others", Bad,
        "other users of this machine can open what is yours alone",
        why "keys, tokens and the store are as safe as the files they lie in",
        mend "`chmod go= {}`";
    /// A directory in which others can replace the store.
    FolderOpenToOthers = "folder-open-to-others", Bad,
        "other users can replace files in the folder",
        why "whoever can put another file in its place decides what till reads there",
        mend "`chmod go-w {}`";
    /// The store cannot be opened.
    StoreUnreadable = "store-unreadable", Bad,
        "the store cannot be looked at",
        why "no key can be minted, used or stopped with it",
        mend "`till key ls` says what to do";
    /// The wall clock runs ahead.
    ClockAhead = "clock-ahead", Bad,
        "the clock runs ahead of the time since the machine started",
        why "till refuses every request by such a clock, since keys would expire by it",
        mend "set the clock, for example with `timedatectl set-ntp true`; if it is right, any command \
              that unlocks the store accepts it";
    /// A proxy that others reach without TLS.
    ProxyInPlaintext = "proxy-in-plaintext", Bad,
        "a proxy listens beyond this machine, unencrypted",
        why "proxy keys, prompts and answers cross the network for everybody to read",
        mend "start it with `--tls-cert` and `--tls-key`, or with `--listen 127.0.0.1:4100`";
    /// A variable holds an admin token of this program.
    AdminTokenInEnvironment = "admin-token-in-environment", Warn,
        "an admin token of till is in the environment",
        why "every command that is started from here can mint keys with it; `till run` takes it out, \
             others do not",
        mend "give it in a file that only the runner's step can read, with `TILL_ADMIN_TOKEN_FILE`";
    /// A passphrase lies in a file that agents can read too.
    PassphraseFile = "passphrase-file", Warn,
        "the passphrase lies in a file that this user can read",
        why "an agent that runs as this user reads it too, unlocks the store, and has the real keys",
        mend "run agents as another user or in a container; or take the file away, and type the \
              passphrase";
    /// A key file that agents can read too.
    KeyFile = "key-file", Warn,
        "the key file that opens the store can be read by this user",
        why "an agent that runs as this user reads it too, unlocks the store, and has the real keys",
        mend "run agents as another user or in a container; or add a passphrase with `till unlock add \
              passphrase`, and remove the slot of the file with `till unlock rm`";
    /// The keyring opens the store.
    KeyringSlot = "keyring-slot", Warn,
        "the system's keyring opens the store",
        why "every process of this user can read the keyring, agents included",
        mend "run agents as another user or in a container; or remove the slot with `till unlock rm \
              {}`";
    /// A price file that others can write.
    PricesWritable = "prices-writable", Warn,
        "other users can write the price file",
        why "with lower prices a limit in dollars admits more than it says",
        mend "`chmod go-w {}`";
    /// A file that belongs to somebody else.
    OfAnother = "of-another", Warn,
        "what should be yours belongs to another user",
        why "its owner can read it, replace it, and open it to others",
        mend "`sudo chown $(id -u) {}`";
    /// The wall clock was set back.
    ClockBehind = "clock-behind", Warn,
        "the clock was set back since the store was last used",
        why "windows and rates go by it; till goes on by the time since the machine started, so that no \
             key lives longer",
        mend "set the clock, for example with `timedatectl set-ntp true`";
    /// A key that nothing brings to an end.
    KeyUnlimited = "key-unlimited", Warn,
        "a proxy key has no limit",
        why "who gets hold of it uses the real key for as long as that is valid",
        mend "`till key edit {} -n 1000 --expires 30d`";
    /// A key that nobody has used.
    KeyUnused = "key-unused", Warn,
        "a live proxy key was not used for 30 days",
        why "what nobody uses, nobody misses when it is stolen",
        mend "`till key revoke {}`";
    /// An admin token that does not expire.
    AdminTokenForEver = "admin-token-without-expiry", Warn,
        "an admin token does not expire",
        why "a copy of it that was forgotten mints keys for ever",
        mend "mint another with `till admin mint --expires 90d …`, then `till admin revoke {}`";
    /// Whoever mints without a bound on all keys together.
    AdminWithoutTotals = "admin-without-totals", Warn,
        "keys can be minted over the network without a bound on all of them together",
        why "each key is bounded, their number is not: one after the other spends any sum",
        mend "make it anew with `--total-spend`, `--total-activations` or `--total-keys`, then `till \
              admin revoke {}`";
    /// A proxy that others reach.
    ProxyBeyondLoopback = "proxy-beyond-loopback", Note,
        "a proxy listens beyond this machine",
        why "whoever reaches it can try keys and use those that have leaked",
        mend "start it with `--listen 127.0.0.1:4100`, or bind keys to addresses with `--ip`";
    /// A key without an end in time.
    KeyWithoutExpiry = "key-without-expiry", Note,
        "a live proxy key does not expire",
        why "what is left of it can be used whenever it turns up again",
        mend "`till key edit {} --expires 30d`";
    /// A master key as old as that.
    MasterOld = "master-not-rotated", Note,
        "a master key was not replaced for a year",
        why "every copy that was ever made of it still works",
        mend "make a new one at its provider, then `till master rotate {}`";
    /// A master key that nothing caps.
    MasterUncapped = "master-uncapped", Note,
        "a master key has no cap, and keys without one",
        why "nothing bounds what its keys spend together",
        mend "`till master limit {} --spend 20/d`";
    /// A command that gives the passphrase.
    PassphraseCommand = "passphrase-command", Note,
        "a command gives the passphrase",
        why "unless it asks somebody, an agent that runs as this user can start it too",
        mend "let it be one that asks, or run agents as another user";
    /// A proxy key in a file.
    ProxyKeyInFile = "proxy-key-in-file", Note,
        "a proxy key of till lies in a file",
        why "what is left of it can be used by whoever reads the file",
        mend "`till key ls` shows what lives; `till key revoke ID` ends it";
    /// Swap that is not encrypted.
    Swap = "swap-unencrypted", Note,
        "memory can be written to a swap area that does not seem to be encrypted",
        why "till locks its own keys in memory; clients and shells do not",
        mend "encrypt the swap area, or `sudo swapoff {}`";
    /// Core files.
    CoreDumps = "core-dumps", Note,
        "programs that crash leave their memory behind",
        why "till's own processes leave none; a client's has its keys and prompts in it",
        mend "`ulimit -c 0`; for systemd `Storage=none` in `/etc/systemd/coredump.conf`";
    /// Processes that look into each other.
    Ptrace = "ptrace-open", Note,
        "processes of this user can look into each other",
        why "till closes its own to that; an agent can read the memory of your shell and of clients",
        mend "`sudo sysctl kernel.yama.ptrace_scope=1`";
    /// A file that could not be searched.
    FileUnreadable = "file-unreadable", Note,
        "a file could not be searched",
        why "keys in it were not found",
        mend "look at it as the user who may: `sudo till doctor --path {}`";
    /// A file of which only the start was searched.
    FileInPart = "file-in-part", Note,
        "only the first 8 MiB of a file were searched",
        why "keys further down were not found",
        mend "split it, and search the parts: `split -b 4M {}`";
    /// A link that leads out.
    LinkNotFollowed = "link-not-followed", Note,
        "a link that leads out of your folders was not followed",
        why "keys in what it leads to were not found",
        mend "`till doctor --path {}`";
    /// A folder of which only a part was searched.
    SearchCutShort = "search-cut-short", Note,
        "only a part of a folder was searched",
        why "a search ends after 20,000 files, 256 MiB or 24 folders in one another",
        mend "name smaller parts of it with `--path`";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_table_reads_well() {
        let mut ids = HashSet::new();
        for check in Check::ALL {
            let CheckRow { id, title, why, mend, .. } = check.row();
            assert!(ids.insert(id), "{id} stands twice");
            assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id}");
            for text in [title, why, mend] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{id}: {text}");
                assert!(!text.contains("  "), "{id}: {text}");
                assert!(!text.starts_with(|c: char| c.is_uppercase()), "{id}: {text}");
            }
            assert!(mend.contains('`') || mend.contains(' '), "{id}");
        }
    }

    #[test]
    fn the_worst_is_the_greatest() {
        assert!(Severity::Bad > Severity::Warn && Severity::Warn > Severity::Note);
        let order: Vec<_> = Check::ALL.iter().map(|check| check.row().severity).collect();
        assert!(order.is_sorted_by(|one, next| one >= next), "the table begins with the worst");
    }

    /// The document has a row for each check, and no other.
    #[test]
    fn the_document_has_every_check() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doctor.md");
        let text = std::fs::read_to_string(path).unwrap();
        for check in Check::ALL {
            let CheckRow { id, severity, title, .. } = check.row();
            let line = format!("| `{id}` | {} | {title} |", severity.name());
            assert!(text.contains(&line), "docs/doctor.md lacks `{line}`");
        }
        let rows = text.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(rows, Check::ALL.len());
    }
}
