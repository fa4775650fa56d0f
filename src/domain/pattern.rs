//! Patterns over model names and paths.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};

/// One glob, kept with the text that it was made of.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    matcher: GlobMatcher,
}

impl Pattern {
    /// A pattern over names: `*` stands for anything, slashes too.
    ///
    /// # Errors
    /// What is wrong with the pattern, in words.
    pub fn over_names(text: &str) -> Result<Self, String> {
        Self::new(text, false)
    }

    /// A pattern over paths: `*` stands for anything in one segment, `**` for any segments.
    ///
    /// # Errors
    /// What is wrong with the pattern, in words.
    pub fn over_paths(text: &str) -> Result<Self, String> {
        Self::new(text, true)
    }

    /// Whether `text` is matched, whole.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.matcher.is_match(text)
    }

    /// Whether it can match more than one text.
    #[must_use]
    pub fn has_wildcards(&self) -> bool {
        self.text.contains(['*', '?', '[', '{', '\\'])
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn new(text: &str, segments: bool) -> Result<Self, String> {
        if text.is_empty() {
            return Err("the pattern is empty".to_owned());
        }
        let glob = GlobBuilder::new(text)
            .literal_separator(segments)
            .backslash_escape(true)
            .build()
            .map_err(|error| error.kind().to_string())?;
        Ok(Self { text: text.to_owned(), matcher: glob.compile_matcher() })
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}
