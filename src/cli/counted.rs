//! Counts in words: `1 proxy key`, `2 proxy keys`.

/// A number and what it counts. The plural takes an `s`, or `ies` for a final `y` after a
/// consonant.
#[must_use]
pub fn counted(count: u64, one: &str) -> String {
    if count == 1 {
        return format!("1 {one}");
    }
    let consonant = |stem: &str| !stem.ends_with(['a', 'e', 'i', 'o', 'u']);
    match one.strip_suffix('y').filter(|stem| consonant(stem)) {
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        assert_eq!(counted(1, "proxy key"), "1 proxy key");
        assert_eq!(counted(0, "proxy key"), "0 proxy keys");
        assert_eq!(counted(2, "dead proxy"), "2 dead proxies");
    }
}
