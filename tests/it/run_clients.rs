//! Clients as they are, each as the command of a `till run` with real keys in the environment:
//! nothing of theirs is configured for till.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::run::{Output, Run};
use crate::support::skip::skip;
use crate::support::upstream::{Place, Upstream};

/// A provider's API: the names of its variables, and its recorded answers.
struct Api {
    key: &'static str,
    base: &'static str,
    /// What the client's own base URL has for a path.
    root: &'static str,
    field: Option<&'static str>,
    path: &'static str,
    recording: &'static str,
    /// A piece of the answer that the client shows.
    shown: &'static str,
}

const CHAT: Api = Api {
    key: "OPENAI_API_KEY",
    base: "OPENAI_BASE_URL",
    root: "/v1",
    field: None,
    path: "/v1/chat/completions",
    recording: "openai.chat.openai-text.json",
    shown: "Holiday Name",
};

const CHAT_STREAM: Api =
    Api { recording: "xai.chat.xai-text.sse", shown: "First, the user said", ..CHAT };

const RESPONSES: Api = Api {
    path: "/v1/responses",
    recording: "openai.responses.openai-phase.1.json",
    shown: "quickly check reliable",
    ..CHAT
};

const RESPONSES_STREAM: Api = Api {
    recording: "openai.responses.programmatic-tool-calling.3.sse",
    shown: "a **surplus of 11 units**",
    ..RESPONSES
};

const MESSAGES: Api = Api {
    key: "ANTHROPIC_API_KEY",
    base: "ANTHROPIC_BASE_URL",
    root: "",
    field: Some("x-api-key"),
    path: "/v1/messages",
    recording: "anthropic.messages.anthropic-clear-tool-uses.1.json",
    shown: "San Francisco is warmer",
};

const MESSAGES_STREAM: Api = Api {
    path: "/v1/messages?beta=true",
    recording: "anthropic.messages.anthropic-text.sse",
    shown: "How are you doing today?",
    ..MESSAGES
};

const GEMINI_STREAM: Api = Api {
    key: "GEMINI_API_KEY",
    base: "GOOGLE_GEMINI_BASE_URL",
    root: "",
    field: Some("x-goog-api-key"),
    path: "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    recording: "google.gemini.google-text.sse",
    shown: "\"r\"s in strawberry",
};

/// What a client may call, and the home that it runs in.
struct Stage {
    upstream: Upstream,
    elsewhere: Upstream,
    home: Home,
    api: &'static Api,
}

impl Stage {
    fn new(api: &'static Api) -> Self {
        let place = api.field.map_or_else(Place::bearer, Place::raw);
        let upstream = Upstream::expecting(place, |seen| {
            let expected = seen.method == "POST" && seen.target == api.path;
            if expected { Answer::replay(api.recording) } else { Answer::status(404) }
        });
        let elsewhere = Upstream::answering(Answer::status(404)).may_idle();
        let home = Home::empty();
        std::fs::create_dir(home.path("work")).unwrap();
        Self { upstream, elsewhere, home, api }
    }

    /// `till run -n 2` with these words as its command, and the environment of a user's shell.
    fn run(&self, command: &[&str]) -> Run {
        let run = command.iter().fold(self.home.till("run -n 2 --"), |run, word| run.arg(word));
        let web_proxy = format!("http://{}", self.elsewhere.address());
        let run = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]
            .iter()
            .fold(run, |run, name| run.env(name, &web_proxy));
        let work = self.home.path("work");
        run.env(self.api.key, MASTER)
            .env(self.api.base, self.upstream.base_url(self.api.root))
            .env("TMPDIR", &work)
            .within(&work)
    }

    /// A file of the client's own.
    fn write(&self, path: &str, text: &str) {
        let path = self.home.path(path);
        std::fs::create_dir_all(path.parent().expect("below the home")).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Expects so many answers, and no call to anywhere else. Returns all that was said.
    #[track_caller]
    fn expect(&self, answers: usize, output: &Output) -> String {
        assert_eq!(output.code, Some(0), "{output}");
        let seen = self.upstream.seen();
        assert_eq!(self.upstream.count(), answers, "{output}\n{seen:#?}");
        let others = self.elsewhere.seen();
        assert_eq!(self.elsewhere.connections(), 0, "called elsewhere: {others:#?}");
        assert_eq!(output.stdout.matches(self.api.shown).count(), answers, "{output}");
        let said = format!("{} {}", output.stdout, output.stderr);
        assert!(!said.contains(MASTER), "{output}");
        // Agents break lines where they like.
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Runs a client three times on one key of two activations: two answers, and then the refusal.
#[track_caller]
fn to_the_limit(api: &'static Api, client: &[&str], folder: Option<&Path>) {
    let stage = Stage::new(api);
    let thrice = "for turn in 1 2 3; do \"$@\" </dev/null; done; true";
    let run = stage.run(&[&["sh", "-c", thrice, "sh"], client].concat());
    let output = match folder {
        Some(folder) => run.within(folder).run(),
        None => run.run(),
    };
    let said = stage.expect(2, &output);
    for text in [
        "all 2 activations of the key are used",
        "used 2 of 2 activations: 2 answers",
        "denied: 1 activation_limit",
    ] {
        assert!(said.contains(text), "nothing of {text:?}: {output}");
    }
}

/// Runs an agent for a turn.
#[track_caller]
fn one_turn(api: &'static Api, agent: &[&str], prepare: impl Fn(&Stage, Run) -> Run) {
    let Some(path) = agents() else { return };
    let stage = Stage::new(api);
    let run = stage.run(agent).env("PATH", path);
    let output = prepare(&stage, run).run();
    let said = stage.expect(1, &output);
    assert!(said.contains("used 1 of 2 activations: 1 answer"), "{output}");
}

/// Where the machine's clients of a kind are; none, said aloud, where they are not installed.
fn installed(variable: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).map(PathBuf::from);
    if found.is_none() {
        skip(&format!("clients: `{variable}` does not say where they are"));
    }
    found
}

#[test]
fn curl() {
    let script = "curl -sS \"$OPENAI_BASE_URL/chat/completions\" -H \"Authorization: Bearer \
                  $OPENAI_API_KEY\" -H 'Content-Type: application/json' -d '{\"model\":\
                  \"gpt-4o-mini\",\"messages\":[]}'";
    to_the_limit(&CHAT, &["sh", "-c", script], None);
}

#[test]
fn python_with_the_openai_sdk() {
    let Some(python) = installed("TILL_TEST_PYTHON") else { return };
    let script = "import openai\n\
                  client = openai.OpenAI()\n\
                  assert client.api_key.startswith('till_sk_')\n\
                  asked = [{'role': 'user', 'content': 'hello'}]\n\
                  answer = client.chat.completions.create(model='gpt-4o-mini', messages=asked)\n\
                  print(answer.choices[0].message.content)";
    to_the_limit(&CHAT, &[python.to_str().unwrap(), "-c", script], None);
}

#[test]
fn python_with_the_anthropic_sdk() {
    let Some(python) = installed("TILL_TEST_PYTHON") else { return };
    let script = "import anthropic\n\
                  client = anthropic.Anthropic()\n\
                  assert client.api_key.startswith('till_sk_')\n\
                  asked = [{'role': 'user', 'content': 'hello'}]\n\
                  answer = client.messages.create(model='claude-sonnet-4-5', max_tokens=64, \
                  messages=asked)\n\
                  print(answer.content[0].text)";
    to_the_limit(&MESSAGES, &[python.to_str().unwrap(), "-c", script], None);
}

#[test]
fn node_with_the_vercel_ai_sdk() {
    let Some(node) = installed("TILL_TEST_NODE") else { return };
    let script = "import { generateText } from 'ai';\n\
                  import { openai } from '@ai-sdk/openai';\n\
                  if (!process.env.OPENAI_API_KEY.startsWith('till_sk_')) process.exit(9);\n\
                  const model = openai('gpt-5.4');\n\
                  const { text } = await generateText({ model, prompt: 'hello' });\n\
                  console.log(text);";
    let client = ["node", "--input-type=module", "-e", script];
    to_the_limit(&RESPONSES, &client, Some(&node));
}

/// `PATH` with the agents first.
fn agents() -> Option<OsString> {
    let folder = installed("TILL_TEST_AGENTS")?;
    let own = ["node_modules/.bin", "aider/bin"].map(|name| folder.join(name));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = own.into_iter().chain(std::env::split_paths(&path));
    Some(std::env::join_paths(all).expect("no colon in a path"))
}

#[test]
fn codex() {
    let off = ["-c", "analytics.enabled=false", "-c", "features.plugins=false"];
    let words = ["codex", "exec", "--skip-git-repo-check", "-m", "gpt-5.4"];
    one_turn(&RESPONSES_STREAM, &[&words[..], &off[..], &["say hello"]].concat(), |_, run| run);
}

#[test]
fn claude_code() {
    one_turn(&MESSAGES_STREAM, &["claude", "-p", "say hello"], |_, run| {
        run.env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
    });
}

#[test]
fn gemini_cli() {
    let words = ["gemini", "--skip-trust", "-m", "gemini-2.5-flash", "-p", "say hello"];
    one_turn(&GEMINI_STREAM, &words, |stage, run| {
        let settings = r#"{
            "security": { "auth": { "selectedType": "gemini-api-key" } },
            "privacy": { "usageStatisticsEnabled": false },
            "telemetry": { "enabled": false },
            "general": { "enableAutoUpdate": false, "enableAutoUpdateNotification": false }
        }"#;
        stage.write(".gemini/settings.json", settings);
        run
    });
}

#[test]
fn aider() {
    let words = [
        "aider",
        "--model",
        "openai/gpt-4o-mini",
        "--no-git",
        "--yes-always",
        "--message",
        "hello",
    ];
    one_turn(&CHAT_STREAM, &words, |stage, run| {
        let model = r#"{"openai/gpt-4o-mini": {
            "litellm_provider": "openai", "mode": "chat",
            "max_input_tokens": 128000, "max_output_tokens": 16384,
            "input_cost_per_token": 0.00000015, "output_cost_per_token": 0.0000006
        }}"#;
        stage.write(".aider.model.metadata.json", model);
        // LiteLLM has its own name for the base URL.
        run.without("OPENAI_BASE_URL")
            .env("OPENAI_API_BASE", stage.upstream.base_url("/v1"))
            .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
            .env("AIDER_ANALYTICS_DISABLE", "true")
            .env("AIDER_CHECK_UPDATE", "false")
    });
}
