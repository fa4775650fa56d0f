//! One page of the manual: clap's own sections, then what help says after them as sections of its
//! own (man-pages(7)), its lines as they are written.

use std::fmt::Write as _;
use std::io;

use clap::Command;
use clap_mangen::Man;

use super::environment::VARIABLES;
use super::exit;

/// What an apostrophe is (roff's own renderer begins each of its outputs with it).
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// The page of a command that was built; `version` is the program's.
///
/// # Errors
/// As the renderer has them; writing to memory has none of its own.
pub(super) fn page(command: &Command, version: &str) -> io::Result<String> {
    // What every command takes would hide what this one takes.
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage).to_owned();
    let program = Man::new(command.clone().override_usage(usage));
    let mut bytes = Vec::new();
    program.render_name_section(&mut bytes)?;
    program.render_synopsis_section(&mut bytes)?;
    program.render_description_section(&mut bytes)?;
    program.render_options_section(&mut bytes)?;
    let is_root = command.get_name() == "till";
    if command.has_subcommands() {
        program.render_subcommands_section(&mut bytes)?;
    }
    let rendered = String::from_utf8(bytes).map_err(io::Error::other)?;
    let title = command.get_display_name().unwrap_or_else(|| command.get_name());
    let mut page =
        format!("{PREAMBLE}.TH \"{title}\" 1 \"\" \"till {version}\" \"User Commands\"\n");
    page.push_str(&tidied(&rendered));
    for (heading, lines) in sections(&help_after(command)) {
        verbatim(&mut page, &heading.to_uppercase(), &lines);
    }
    if is_root {
        heading(&mut page, "EXIT STATUS");
        for row in exit::TABLE {
            item(&mut page, &row.code.to_string(), &format!("{}: {}", row.name, row.meaning));
        }
        heading(&mut page, "ENVIRONMENT");
        for variable in VARIABLES {
            item(&mut page, variable.name, variable.meaning);
        }
    } else {
        heading(&mut page, "SEE ALSO");
        page.push_str("till(1), also for the exit status and the environment\n");
    }
    Ok(page)
}

/// What help says last, in its short form: the tables of its long form are sections here.
fn help_after(command: &Command) -> String {
    command.get_after_help().map(ToString::to_string).unwrap_or_default()
}

/// The renderer's output without its preambles, and with backquotes as they are written.
fn tidied(rendered: &str) -> String {
    let mut page = String::with_capacity(rendered.len());
    for line in rendered.lines().filter(|line| !PREAMBLE.lines().any(|known| known == *line)) {
        page.push_str(&line.replace('`', "\\(ga"));
        page.push('\n');
    }
    page
}

/// Help's paragraphs with a heading: `Examples:`, and indented lines below it.
fn sections(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.lines() {
        let title = line.strip_suffix(':').filter(|title| !title.starts_with(' '));
        match (title, sections.last_mut()) {
            (Some(title), _) => sections.push((title, Vec::new())),
            (None, Some((_, lines))) if !line.is_empty() => {
                lines.push(line.strip_prefix("  ").unwrap_or(line));
            }
            _ => {}
        }
    }
    sections
}

fn heading(page: &mut String, title: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(page, ".SH \"{title}\"");
}

/// A section whose lines are neither filled nor justified.
fn verbatim(page: &mut String, title: &str, lines: &[&str]) {
    heading(page, title);
    page.push_str(".nf\n");
    for line in lines {
        page.push_str(&escaped(line));
        page.push('\n');
    }
    page.push_str(".fi\n");
}

fn item(page: &mut String, term: &str, text: &str) {
    let _ = writeln!(page, ".TP\n\\fB{}\\fR\n{}", escaped(term), escaped(text));
}

/// The text with nothing in it that means something to roff, and with hyphens and quotes that can
/// be pasted (`groff_char(7)`).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    if text.starts_with(['.', '\'']) {
        escaped.push_str("\\&");
    }
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\(rs"),
            '-' => escaped.push_str("\\-"),
            '\'' => escaped.push_str("\\(aq"),
            '`' => escaped.push_str("\\(ga"),
            '^' => escaped.push_str("\\(ha"),
            '~' => escaped.push_str("\\(ti"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_help_says_last_becomes_sections() {
        let command =
            Command::new("till").after_help("Examples:\n  till 'a-b'\n  .x\n\nPaths:\n  /");
        let mut built = command;
        built.build();
        let page = page(&built, "1.2.3").unwrap();
        let examples =
            ".SH \"EXAMPLES\"\n.nf\ntill \\(aqa\\-b\\(aq\n\\&.x\n.fi\n.SH \"PATHS\"\n.nf\n/\n";
        assert!(page.contains(examples), "{page}");
        assert!(page.contains(".SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\n"), "{page}");
        assert!(page.contains("\"till 1.2.3\"") && page.matches(".ie").count() == 1, "{page}");
    }
}
