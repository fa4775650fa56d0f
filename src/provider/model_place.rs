//! Where a request says which model it wants.

use super::Provider;
use super::endpoint::ModelAt;
use super::paths::plain;

/// Where the model of a request is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelPlace {
    /// It stood in the path, and is this one.
    Path(String),
    /// In the JSON body, as `model`.
    Body,
    /// In a multipart body, where a limit on models does not look: it refuses.
    Multipart,
    /// The endpoint has no model.
    None,
    /// The table does not know the endpoint: a limit on models refuses.
    Unknown,
}

impl Provider {
    /// Where requests for this path, which is the one sent upstream, name their model.
    ///
    /// A provider without a meter has no table to say so: the body is where one is looked for.
    #[must_use]
    pub fn model_place(&self, path: &str) -> ModelPlace {
        if !self.meter {
            return ModelPlace::Body;
        }
        match self.endpoint(path, |_| true).map(|endpoint| endpoint.model) {
            Some(ModelAt::Body) => ModelPlace::Body,
            Some(ModelAt::Multipart) => ModelPlace::Multipart,
            Some(ModelAt::Path) => {
                model_before_colon(path).map_or(ModelPlace::Unknown, ModelPlace::Path)
            }
            Some(ModelAt::Nowhere) => ModelPlace::None,
            Some(ModelAt::Unknown) | None => ModelPlace::Unknown,
        }
    }
}

/// `NAME` of a path that ends in `NAME:method`.
fn model_before_colon(path: &str) -> Option<String> {
    let last = plain(path)?.pop()?;
    last.split_once(':').map(|(model, _)| model.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{BaseUrl, find_builtin};
    use super::*;

    fn place(provider: &str, path: &str) -> ModelPlace {
        find_builtin(provider).unwrap().model_place(path)
    }

    #[test]
    fn models_are_where_the_table_says() {
        let flash = || ModelPlace::Path("gemini-2.0-flash".into());
        let cases = [
            ("openai", "/v1/chat/completions", ModelPlace::Body),
            ("openai", "/v1/audio/transcriptions", ModelPlace::Multipart),
            ("openai", "/v1/images/edits", ModelPlace::Multipart),
            ("openai", "/v1/models", ModelPlace::None),
            ("openai", "/v1/batches", ModelPlace::Unknown),
            ("anthropic", "/v1/messages/count_tokens", ModelPlace::Body),
            ("google", "/v1beta/models/gemini-2.0-flash:generateContent", flash()),
            ("google", "/v1beta/models/gemini%2D2.0-flash%3agenerateContent", flash()),
            ("google", "/v1beta/models/gemini-2.0-flash:countTokens", flash()),
            ("google", "/v1beta/models/gemini-2.0-flash:novelty", ModelPlace::Unknown),
            ("google", "/v1beta/models/gemini-2.0-flash", ModelPlace::None),
            ("google", "/v1beta/openai/chat/completions", ModelPlace::Body),
            ("huggingface", "/v1/chat/completions", ModelPlace::Body),
        ];
        for (provider, path, expected) in cases {
            assert_eq!(place(provider, path), expected, "{path}");
        }
    }

    #[test]
    fn a_base_url_moves_the_place_of_the_model() {
        let google = find_builtin("google").unwrap();
        let base = BaseUrl::parse("http://localhost:9000/gemini", false).unwrap();
        let moved = google.with_base_url(&base);
        let place = moved.model_place("/gemini/v1beta/models/a:generateContent");
        assert_eq!(place, ModelPlace::Path("a".into()));
    }
}
