//! Things that stem from one another, in the order of a tree, each with the branch before it.

use std::collections::HashMap;
use std::hash::Hash;

/// Puts `all` into the order of their tree: each after the one that it stems from, in the order that
/// they had among their like. Answers with the place of each and the branch to draw before it.
///
/// One that stems from what is not among them is a root.
pub(super) fn tree<K: Copy + Eq + Hash>(
    all: &[(K, Option<K>)],
    utf8: bool,
) -> Vec<(usize, String)> {
    let places: HashMap<K, usize> =
        all.iter().enumerate().map(|(at, (key, _))| (*key, at)).collect();
    let mut below: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for (at, (_, parent)) in all.iter().enumerate() {
        let parent = parent.and_then(|parent| places.get(&parent)).copied();
        below.entry(parent.filter(|parent| *parent != at)).or_default().push(at);
    }
    let (fork, last, on, gone) =
        if utf8 { ("├─ ", "└─ ", "│  ", "   ") } else { ("|- ", "`- ", "|  ", "   ") };
    let mut drawn = Vec::with_capacity(all.len());
    // What is still to be drawn, the next at the end: its place, its branch, its children's.
    let mut open: Vec<(usize, String, String)> = Vec::new();
    for root in below.remove(&None).unwrap_or_default() {
        open.push((root, String::new(), String::new()));
        while let Some((at, branch, indent)) = open.pop() {
            drawn.push((at, branch));
            let children = below.remove(&Some(at)).unwrap_or_default();
            for (from_last, child) in children.into_iter().rev().enumerate() {
                let (own, deeper) = if from_last == 0 { (last, gone) } else { (fork, on) };
                open.push((child, format!("{indent}{own}"), format!("{indent}{deeper}")));
            }
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_stand_below_their_parents() {
        let all = [(1, None), (2, None), (3, Some(1)), (4, Some(3)), (5, Some(1)), (6, Some(9))];
        let drawn = |utf8| -> Vec<String> {
            let lines = tree(&all, utf8).into_iter();
            lines.map(|(at, branch)| format!("{branch}{}", all[at].0)).collect()
        };
        assert_eq!(drawn(true), ["1", "├─ 3", "│  └─ 4", "└─ 5", "2", "6"]);
        assert_eq!(drawn(false), ["1", "|- 3", "|  `- 4", "`- 5", "2", "6"]);
    }
}
