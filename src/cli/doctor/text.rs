//! Findings as text: by weight, then by check, each place with what mends it. No line is wider than
//! the terminal, but for words that are.

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use super::super::escaped::escaped;
use super::super::style::{DIM, ERROR, NOTE, WARNING, painted};
use super::super::terminal::Terminal;
use crate::report::doctor::{Finding, Severity};

/// The lines to show, each with its break. They come in the order of the findings.
#[must_use]
pub fn render(findings: &[Finding], terminal: &Terminal) -> String {
    let color = terminal.color && terminal.stdout_is_tty;
    let ellipsis = if terminal.utf8 { "…" } else { "..." };
    lines(findings, terminal.width, color, ellipsis)
}

fn lines(findings: &[Finding], width: Option<usize>, color: bool, ellipsis: &str) -> String {
    let page = Page { width, color };
    let mut text = String::new();
    for group in findings.chunk_by(|one, next| one.check == next.check) {
        let Some(first) = group.first() else { continue };
        let row = first.check.row();
        if !text.is_empty() {
            text.push('\n');
        }
        page.push(&mut text, 0, (style_of(row.severity), row.severity.name()), row.title);
        page.push(&mut text, 2, (NOTE, "why"), row.why);
        let one_mend = group.iter().all(|finding| finding.mend == first.mend);
        for finding in group {
            let last4 = finding.last4.as_ref();
            let last4 = last4.map(|last4| format!(" ({ellipsis}{last4})")).unwrap_or_default();
            let place = format!("{}{last4}", finding.place);
            page.push(&mut text, 2, (Style::new(), "where"), &place);
            if !one_mend {
                page.push(&mut text, 4, (NOTE, "mend"), &finding.mend);
            }
        }
        if one_mend {
            page.push(&mut text, 2, (NOTE, "mend"), &first.mend);
        }
    }
    text
}

const fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Bad => ERROR,
        Severity::Warn => WARNING,
        Severity::Note => DIM,
    }
}

/// How wide the lines may be, and whether they have colours.
struct Page {
    width: Option<usize>,
    color: bool,
}

impl Page {
    /// Adds a label and what it labels, broken between words.
    fn push(&self, text: &mut String, indent: usize, label: (Style, &str), words: &str) {
        let (style, label) = label;
        let margin = " ".repeat(indent);
        text.push_str(&margin);
        text.push_str(&painted(style, label, self.color));
        text.push(':');
        let mut column = indent.saturating_add(label.len()).saturating_add(1);
        for word in escaped(words).split(' ') {
            let needed = word.width().saturating_add(1);
            if self.width.is_some_and(|width| column.saturating_add(needed) > width) {
                text.push('\n');
                text.push_str(&margin);
                text.push(' ');
                column = indent.saturating_add(1);
            }
            text.push(' ');
            text.push_str(word);
            column = column.saturating_add(needed);
        }
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::doctor::Check;

    fn findings() -> Vec<Finding> {
        vec![
            Finding::new(Check::KeyInHistory, "~/.bash_history:12, openai", "openai")
                .ending_in("WXYZ"),
            Finding::new(Check::KeyInHistory, "~/.zsh\u{1b}[2J_history:3, groq", "groq")
                .ending_in("ab12"),
            Finding::new(Check::Ptrace, "kernel.yama.ptrace_scope", ""),
        ]
    }

    #[test]
    fn forty_columns_without_colours() {
        let text = lines(&findings(), Some(40), false, "...");
        assert_eq!(
            text,
            "\
bad: a real key is in a shell's history
  why: the line stays there for years,
    and is copied with every backup
  where: ~/.bash_history:12, openai
    (...WXYZ)
    mend: seal it with `till master add
      openai`, take the lines out of the
      file when no shell is open that
      would write them back, and replace
      the key at its provider
  where: ~/.zsh\\u{1b}[2J_history:3, groq
    (...ab12)
    mend: seal it with `till master add
      groq`, take the lines out of the
      file when no shell is open that
      would write them back, and replace
      the key at its provider

note: processes of this user can look
  into each other
  why: till closes its own to that; an
    agent can read the memory of your
    shell and of clients
  where: kernel.yama.ptrace_scope
  mend: `sudo sysctl
    kernel.yama.ptrace_scope=1`
"
        );
        for line in text.lines() {
            assert!(line.width() <= 40, "{line}");
        }
    }

    #[test]
    fn colours_say_nothing_of_their_own() {
        let plain = lines(&findings(), None, false, "…");
        let mut painted = lines(&findings(), None, true, "…");
        assert!(painted.contains('\u{1b}'));
        while let Some((before, rest)) = painted.clone().split_once("\u{1b}[") {
            let (_, after) = rest.split_once('m').unwrap();
            painted = format!("{before}{after}");
        }
        assert_eq!(painted, plain);
        assert!(!plain.contains('\u{1b}'));
    }
}
