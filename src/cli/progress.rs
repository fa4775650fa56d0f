//! A sign of life while something takes long: on stderr, on terminals only, gone when it is done.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::escaped::escaped;
use super::terminal::Terminal;
use crate::store::redb::StopHeld;

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// A spinner or a bar. It is cleared when dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A spinner beside a text, for work of unknown length.
    #[must_use]
    pub fn spinner(terminal: &Terminal, text: &str) -> Self {
        let style = ProgressStyle::with_template("{spinner} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let ticks = if terminal.utf8 { "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ " } else { "|/-\\ " };
        Self::shown(terminal, text, None, style.tick_chars(ticks))
    }

    /// A bar beside a text, for so many steps.
    #[must_use]
    pub fn bar(terminal: &Terminal, text: &str, len: u64) -> Self {
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        Self::shown(terminal, text, Some(len), style.progress_chars("=> "))
    }

    /// So many more steps are done.
    pub fn advance(&self, steps: u64) {
        self.0.inc(steps);
    }

    fn shown(terminal: &Terminal, text: &str, len: Option<u64>, style: ProgressStyle) -> Self {
        if !terminal.stderr_is_tty || terminal.quiet {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(len, ProgressDrawTarget::stderr());
        bar.set_style(style);
        bar.set_message(escaped(text).into_owned());
        // Its thread must not be the one that Ctrl-Z reaches while another has a transaction open.
        let held = StopHeld::new();
        bar.enable_steady_tick(TICK);
        drop(held);
        Self(bar)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
