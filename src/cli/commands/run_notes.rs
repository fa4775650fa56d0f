//! What a run says before it starts, beside what was decided about each variable.

use super::super::context::Context;
use super::super::environment::Environment;
use super::super::wrap::Inventory;
use super::super::wrap::note::Note;
use super::run_args::RunArgs;

/// What till cannot help: whoever set the variables still has the keys.
pub(super) fn remaining_copies(context: &Context, inventory: &Inventory) -> Vec<Note> {
    let exported = |name: &&String| context.environment.get(name).is_some();
    let keys = inventory.keys.iter();
    keys.filter_map(|key| Some((key, key.variables.iter().find(exported)?)))
        .map(|(key, name)| {
            let provider = &key.provider.name;
            Note::said(format!(
                "the shell that exported `{name}` still has it; a store keeps it from there: `till \
                 init`, then `till master add {provider}`"
            ))
        })
        .collect()
}

/// Where a variable would have others go through a web proxy, and till does not.
pub(super) fn not_the_way(args: &RunArgs, environment: &Environment) -> Vec<Note> {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let set = names.into_iter().find(|name| environment.get(name).is_some());
    let set = set.filter(|_| args.upstream.upstream_proxy.is_none());
    let note = set.map(|name| {
        Note::said(format!(
            "`{name}` is no way for till itself, which goes to providers directly, or through \
             `--upstream-proxy`"
        ))
    });
    note.into_iter().collect()
}

/// Says what was decided about the environment.
pub(super) fn tell(context: &Context, notes: &[Note]) {
    for note in notes {
        if note.warning {
            context.terminal.warn(&note.text);
        } else {
            context.terminal.say(&format!("till: {}", note.text));
        }
    }
}
