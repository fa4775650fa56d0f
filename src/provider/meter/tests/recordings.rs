//! The recordings of `tests/fixtures/streams`, with the figures of their manifest.

use super::*;

/// Recordings that were shortened or made up: they show fewer bytes than they say tokens.
const ABRIDGED: [&str; 3] = [
    "anthropic.messages.duplicate-message-start.sse",
    "perplexity.chat.perplexity-citations.sse",
    "perplexity.chat.perplexity-text.sse",
];

/// One row of the manifest.
struct Recording {
    file: String,
    api: Api,
    form: Form,
    model: Option<String>,
    /// Input, output, and of the input what was read from and written to a cache.
    usage: [u64; 4],
    body: Vec<u8>,
}

fn recordings() -> Vec<Recording> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/streams");
    let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = manifest.as_array().unwrap().iter().map(|row| Recording {
        file: text(row, "file"),
        api: match row["api"].as_str().unwrap() {
            "chat" => Api::Chat,
            "completions" => Api::Completions,
            "responses" => Api::Responses,
            "messages" => Api::Messages,
            "gemini" => Api::Gemini,
            "cohere" => Api::Cohere,
            "embeddings" => Api::Embeddings,
            other => panic!("an api without a meter: {other}"),
        },
        form: if row["stream"].as_bool().unwrap() { Form::EventStream } else { Form::Json },
        model: row["model"].as_str().map(str::to_owned),
        usage: ["input", "output", "cache_read", "cache_write"]
            .map(|name| row["usage"][name].as_u64().unwrap()),
        body: std::fs::read(folder.join(text(row, "file"))).unwrap(),
    });
    rows.collect()
}

impl Recording {
    fn check(&self, hide_usage: bool, pieces: &[&[u8]]) -> Meter {
        let (meter, passed) = read(self.api, self.form, hide_usage, pieces);
        let file = &self.file;
        if !hide_usage {
            assert!(passed == self.body, "{file}: the bytes are the bytes that came");
        }
        let reading = meter.reading().unwrap_or_else(|| panic!("{file}: no reading"));
        let sum = |part: fn(&Tokens) -> u64| -> u64 {
            reading.passes.iter().map(|pass| part(&pass.tokens)).sum()
        };
        let usage = [
            sum(|tokens| tokens.input),
            sum(|tokens| tokens.output),
            sum(|tokens| tokens.cache_read),
            sum(|tokens| tokens.cache_write),
        ];
        assert_eq!(usage, self.usage, "{file}");
        assert!(meter.is_final(), "{file}: the last word has been had");
        meter
    }
}

#[test]
fn every_recording_gives_the_figures_of_the_manifest() {
    let recordings = recordings();
    assert!(recordings.len() >= 90);
    for recording in recordings {
        let meter = recording.check(false, &[&recording.body]);
        let file = &recording.file;
        assert!(meter.at_least() <= recording.usage[1], "{file}: at least {}", meter.at_least());
        let hidden: u64 =
            meter.reading().unwrap().passes.iter().map(|pass| pass.tokens.reasoning).sum();
        let visible = recording.usage[1].saturating_sub(hidden);
        let bytes = meter.account.shown;
        let streamed = recording.form == Form::EventStream;
        assert!(!streamed || ABRIDGED.contains(&&**file) || bytes >= visible, "{file}: {bytes}");
        assert_eq!(meter.shown().is_some(), streamed, "{file}");
        assert!(meter.shown().is_none_or(|shown| shown >= recording.usage[1]), "{file}");
        let model = meter.reading().unwrap().passes[0].model.clone();
        assert_eq!(model, recording.model, "{file}");
        assert!(meter.closing().is_empty(), "{file}: it has ended by itself");
    }
}

#[test]
fn every_recording_is_read_byte_by_byte() {
    for recording in recordings() {
        let whole = answers(&recording.check(false, &[&recording.body]));
        let single: Vec<&[u8]> = recording.body.chunks(1).collect();
        assert_eq!(answers(&recording.check(false, &single)), whole, "{}", recording.file);
        recording.check(true, &single);
    }
}

#[test]
fn small_recordings_are_cut_in_two_at_every_byte() {
    for recording in recordings().iter().filter(|recording| recording.body.len() < 4 << 10) {
        for at in 0..=recording.body.len() {
            let (one, other) = recording.body.split_at(at);
            recording.check(false, &[one, other]);
        }
    }
}

#[test]
fn no_recording_is_final_before_its_last_word() {
    for recording in recordings() {
        let end = recording.body.trim_ascii_end().len() * 2 / 3;
        let (meter, _) = read(recording.api, recording.form, false, &[&recording.body[..end]]);
        let gemini = recording.api == Api::Gemini && recording.form == Form::EventStream;
        assert!(gemini || !meter.is_final(), "{}", recording.file);
    }
}

#[test]
fn only_the_usage_chunk_is_taken_out() {
    let mut hidden = 0;
    for recording in recordings().iter().filter(|recording| recording.form == Form::EventStream) {
        let (_, passed) = read(recording.api, recording.form, true, &[&recording.body]);
        let text = String::from_utf8(recording.body.clone()).unwrap();
        let kept: Vec<&str> = text
            .split_inclusive("\n\n")
            .filter(|event| !(event.contains(r#""choices":[]"#) && event.contains(r#""usage":{"#)))
            .collect();
        hidden += usize::from(kept.concat() != text);
        assert_eq!(String::from_utf8(passed).unwrap(), kept.concat(), "{}", recording.file);
    }
    assert!(hidden >= 4, "{hidden} recordings have such a chunk");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn recordings_are_cut_anywhere(
        lengths in prop::collection::vec(1..3_000usize, 1..40), hide_usage in any::<bool>(),
    ) {
        for recording in recordings() {
            let whole = answers(&recording.check(hide_usage, &[&recording.body]));
            let pieces = cut(&recording.body, &lengths);
            prop_assert_eq!(answers(&recording.check(hide_usage, &pieces)), whole);
        }
    }
}
