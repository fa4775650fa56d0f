//! Patterns over model names and paths.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};

/// One glob, kept with the text that it was made of.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    matcher: GlobMatcher,
    /// Whether a slash ends what a single `*` stands for.
    segments: bool,
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

    /// Whether everything that `narrower` matches is matched here, as far as that can be shown by
    /// looking: it is the same, or no more than a text, or both end in one wildcard and have no
    /// other.
    #[must_use]
    pub fn holds(&self, narrower: &Self) -> bool {
        if self.text == narrower.text {
            return true;
        }
        if !narrower.has_wildcards() {
            return self.matches(&narrower.text);
        }
        let (Some((own, wide)), Some((other, deep))) = (self.prefix(), narrower.prefix()) else {
            return false;
        };
        let Some(rest) = other.strip_prefix(own) else { return false };
        // A single `*` of a path ends at the next slash.
        !self.segments || if wide { own.ends_with('/') } else { !deep && !rest.contains('/') }
    }

    /// What stands before the only wildcard, one at the end, and whether that is `**`.
    fn prefix(&self) -> Option<(&str, bool)> {
        let deep = self.text.ends_with("**");
        let prefix = self.text.trim_end_matches('*');
        let stars = self.text.len().saturating_sub(prefix.len());
        let plain = !prefix.contains(['*', '?', '[', '{', '\\']);
        (plain && (1..=2).contains(&stars)).then_some((prefix, deep))
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
        Ok(Self { text: text.to_owned(), matcher: glob.compile_matcher(), segments })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_holds_what_can_be_shown_to_be_inside() {
        let names = [
            ("gpt-4o*", "gpt-4o*", true),
            ("gpt-4o*", "gpt-4o-mini", true),
            ("gpt-*", "gpt-4o*", true),
            ("gpt-4o*", "gpt-*", false),
            ("*", "gpt-?", false),
            ("gpt-?", "gpt-4", true),
            ("openai/*", "openai/gpt*", true),
            ("gpt-4", "gpt-*", false),
        ];
        for (wide, narrow, inside) in names {
            let [wide, narrow] = [wide, narrow].map(|text| Pattern::over_names(text).unwrap());
            assert_eq!(wide.holds(&narrow), inside, "{wide} and {narrow}");
        }
        let paths = [
            ("/v1/**", "/v1/chat/**", true),
            ("/v1/**", "/v1/chat/*", true),
            ("/v1/**", "/v1/chat/completions", true),
            ("/v1/*", "/v1/chat*", true),
            ("/v1/*", "/v1/chat/*", false),
            ("/v1/*", "/v1/**", false),
            ("/v1/*", "/v1/chat/completions", false),
            ("/v1**", "/v1/chat/**", false),
            ("/v1/**", "/v2/**", false),
        ];
        for (wide, narrow, inside) in paths {
            let [wide, narrow] = [wide, narrow].map(|text| Pattern::over_paths(text).unwrap());
            assert_eq!(wide.holds(&narrow), inside, "{wide} and {narrow}");
        }
    }
}
