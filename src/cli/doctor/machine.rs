//! What the machine does with memory: swap, core files, debuggers.

use crate::report::doctor::{Check, Finding};

/// What is to be said of the machine. `cores` says whether this process began with a limit on core
/// files of more than nothing. Where the kernel shows no such files there is nothing to say.
pub(super) fn of_machine(cores: bool) -> Vec<Finding> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let uuid = |device: &str| {
        let device = std::fs::canonicalize(device).ok()?;
        let name = device.file_name()?.to_str()?;
        Some(read(&format!("/sys/block/{name}/dm/uuid")))
    };
    let mut found = of_swaps(&read("/proc/swaps"), uuid);
    found.extend(of_cores(&read("/proc/sys/kernel/core_pattern"), cores));
    found.extend(of_ptrace(&read("/proc/sys/kernel/yama/ptrace_scope")));
    found
}

/// Areas of swap (proc(5), `/proc/swaps`) that are on a disk, and not below `dm-crypt`.
fn of_swaps(table: &str, uuid: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let areas = table.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    let in_memory = |area: &str| area.contains("zram");
    let encrypted = |area: &str| uuid(area).is_some_and(|uuid| uuid.starts_with("CRYPT-"));
    let open = areas.filter(|area| !in_memory(area) && !encrypted(area));
    open.map(|area| Finding::new(Check::Swap, area, area)).collect()
}

/// Where core files go (core(5)). A program that takes them does so whatever the limit is.
fn of_cores(pattern: &str, cores: bool) -> Option<Finding> {
    let pattern = pattern.trim();
    let taken = pattern.strip_prefix('|');
    let found = taken.is_some() || (cores && !pattern.is_empty());
    let program = taken.and_then(|taken| taken.split_whitespace().next());
    let place =
        program.map_or_else(|| format!("as `{pattern}`"), |program| format!("to {program}"));
    found.then(|| Finding::new(Check::CoreDumps, place, ""))
}

fn of_ptrace(scope: &str) -> Option<Finding> {
    (scope.trim() == "0").then(|| Finding::new(Check::Ptrace, "kernel.yama.ptrace_scope", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SWAPS: &str = "\
Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
/dev/dm-1                               partition\t8388604\t0\t-2
/dev/zram0                              partition\t4194300\t0\t100
/swapfile                               file\t\t2097148\t0\t-3
";

    #[test]
    fn swap_on_a_disk_is_said_unless_it_is_encrypted() {
        let places = |uuid: &str| {
            let uuid = uuid.to_owned();
            let uuid = |area: &str| (area == "/dev/dm-1").then(|| uuid.clone());
            of_swaps(SWAPS, uuid).into_iter().map(|finding| finding.place).collect::<Vec<_>>()
        };
        assert_eq!(places("CRYPT-PLAIN-swap"), ["/swapfile"]);
        assert_eq!(places("LVM-abc"), ["/dev/dm-1", "/swapfile"]);
        assert!(of_swaps("", |_| None).is_empty());
    }

    #[test]
    fn core_files_are_said_where_something_leaves_them() {
        assert_eq!(of_cores("core\n", false), None);
        assert_eq!(of_cores("", true), None);
        assert_eq!(of_cores("core\n", true).unwrap().place, "as `core`");
        assert_eq!(of_cores("|/lib/collect %P\n", false).unwrap().place, "to /lib/collect");
    }

    #[test]
    fn open_debugging_is_said() {
        assert!(of_ptrace("0\n").is_some());
        assert!(of_ptrace("1\n").is_none() && of_ptrace("").is_none());
    }
}
