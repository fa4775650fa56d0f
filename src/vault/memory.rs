//! Memory that is neither swapped out nor written into a core file.
#![expect(unsafe_code, reason = "mlock(2) and madvise(2) take addresses, not slices")]

use std::ffi::c_void;

/// Keeps the pages of these bytes in memory and out of core files, until the process ends. Says
/// whether the system did both; that it did not is no reason to stop.
///
/// What else lies on the pages is kept too, which does no harm. Where the bytes are moved to later
/// is not kept.
pub(super) fn lock(bytes: &[u8]) -> bool {
    let start = bytes.as_ptr().cast_mut().cast::<c_void>();
    // SAFETY: mlock changes neither what the pages hold nor how they are mapped.
    let kept = unsafe { rustix::mm::mlock(start, bytes.len()) }.is_ok();
    kept & left_out_of_cores(bytes)
}

#[cfg(target_os = "linux")]
fn left_out_of_cores(bytes: &[u8]) -> bool {
    /// The sizes that pages have on Linux. An address that is aligned to a smaller one is refused,
    /// so that the first one that is taken is right.
    const PAGES: [usize; 3] = [4 << 10, 16 << 10, 64 << 10];
    let start = bytes.as_ptr();
    PAGES.into_iter().any(|page| {
        let before = start.addr().checked_rem(page).unwrap_or_default();
        let start = start.wrapping_sub(before).cast_mut().cast::<c_void>();
        let len = bytes.len().saturating_add(before);
        // SAFETY: MADV_DONTDUMP sets a flag on the mapping; what the pages hold stays as it is.
        unsafe { rustix::mm::madvise(start, len, rustix::mm::Advice::LinuxDontDump) }.is_ok()
    })
}

#[cfg(not(target_os = "linux"))]
fn left_out_of_cores(_: &[u8]) -> bool {
    true
}

#[cfg(test)]
mod tests {
    /// Where the system lets it, which it says, the kernel shows it of the mapping.
    #[test]
    fn what_is_locked_is_still_there() {
        let bytes = vec![7; 100_000];
        let kept = super::lock(&bytes);
        assert!(bytes.iter().all(|byte| *byte == 7));
        let Ok(maps) = std::fs::read_to_string("/proc/self/smaps") else { return };
        if kept {
            let flags = flags_at(&maps, bytes.as_ptr().addr());
            assert!(flags.contains(&"lo") && flags.contains(&"dd"), "{flags:?}");
        }
    }

    /// The flags of the mapping that has this address (`proc_pid_smaps(5)`): `lo` is locked, `dd` is
    /// not dumped.
    fn flags_at(maps: &str, address: usize) -> Vec<&str> {
        let mut here = false;
        for line in maps.lines() {
            let range = line.split_whitespace().next().and_then(|range| range.split_once('-'));
            let hex = |text| usize::from_str_radix(text, 16);
            match range.map(|(from, to)| (hex(from), hex(to))) {
                Some((Ok(from), Ok(to))) => here = (from..to).contains(&address),
                _ if here && line.starts_with("VmFlags:") => {
                    return line.split_whitespace().skip(1).collect();
                }
                _ => {}
            }
        }
        panic!("{address:x} is not mapped")
    }
}
