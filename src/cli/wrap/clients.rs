//! Agents that need more than variables, told by the command that starts them.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// An agent with ways of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agent {
    /// `OpenAI`'s Codex.
    Codex,
    /// Anthropic's Claude Code.
    ClaudeCode,
    /// Google's Gemini CLI.
    GeminiCli,
    /// aider, on top of `LiteLLM`.
    Aider,
    /// Cursor, whose requests come from its own servers.
    Cursor,
}

impl Agent {
    /// The provider whose key it wants, where it is one's own.
    #[must_use]
    pub const fn provider(self) -> Option<&'static str> {
        match self {
            Self::Codex => Some("openai"),
            Self::ClaudeCode => Some("anthropic"),
            Self::GeminiCli => Some("google"),
            Self::Aider | Self::Cursor => None,
        }
    }
}

/// An agent in a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// Which.
    pub agent: Agent,
    /// Where in the command its own arguments begin.
    pub arguments: usize,
}

/// Names of the agents' programs, and of the packages that bring them.
const NAMES: [(&str, Agent); 10] = [
    ("codex", Agent::Codex),
    ("@openai/codex", Agent::Codex),
    ("claude", Agent::ClaudeCode),
    ("@anthropic-ai/claude-code", Agent::ClaudeCode),
    ("gemini", Agent::GeminiCli),
    ("@google/gemini-cli", Agent::GeminiCli),
    ("aider", Agent::Aider),
    ("aider-chat", Agent::Aider),
    ("cursor", Agent::Cursor),
    ("cursor-agent", Agent::Cursor),
];

/// A program that starts another one.
struct Launcher {
    name: &'static str,
    /// Words that follow its name.
    follow: &'static [&'static str],
    /// Options that take a value, as a word of its own.
    valued: &'static [&'static str],
    /// Words of its own between its options and the program.
    before: usize,
}

const fn launcher(
    name: &'static str,
    follow: &'static [&'static str],
    valued: &'static [&'static str],
) -> Launcher {
    Launcher { name, follow, valued, before: 0 }
}

const UVX: &[&str] = &["--from", "--with", "-p", "--python", "--index-url"];

static LAUNCHERS: [Launcher; 16] = [
    launcher("npx", &[], &["-p", "--package", "-w", "--workspace"]),
    launcher("npm", &["exec"], &["-p", "--package", "-w", "--workspace"]),
    launcher("pnpm", &["dlx"], &["--package"]),
    launcher("pnpx", &[], &["--package"]),
    launcher("yarn", &["dlx"], &["-p", "--package"]),
    launcher("bunx", &[], &["-p", "--package"]),
    launcher("uvx", &[], UVX),
    launcher("uv", &["tool", "run"], UVX),
    launcher("env", &[], &["-u", "--unset", "-C", "--chdir"]),
    Launcher {
        name: "timeout",
        follow: &[],
        valued: &["-k", "--kill-after", "-s", "--signal"],
        before: 1,
    },
    launcher("nice", &[], &["-n", "--adjustment"]),
    launcher("nohup", &[], &[]),
    launcher("stdbuf", &[], &["-i", "--input", "-o", "--output", "-e", "--error"]),
    launcher("setsid", &[], &[]),
    launcher("time", &[], &["-f", "--format", "-o", "--output"]),
    launcher(
        "sudo",
        &[],
        &[
            "-C",
            "--close-from",
            "-D",
            "--chdir",
            "-g",
            "--group",
            "-h",
            "--host",
            "-p",
            "--prompt",
            "-R",
            "--chroot",
            "-T",
            "--command-timeout",
            "-u",
            "--user",
        ],
    ),
];

/// The agent that a command starts, by itself or through launchers; none where it is unknown.
#[must_use]
pub fn recognise(command: &[OsString]) -> Option<Recognised> {
    let words: Vec<&str> = command.iter().map(|word| word.to_str().unwrap_or_default()).collect();
    let mut at = 0;
    loop {
        let program = Path::new(words.get(at)?).file_name().and_then(OsStr::to_str)?;
        if program.starts_with("python") && words.get(at.saturating_add(1)) == Some(&"-m") {
            let module = at.saturating_add(2);
            return found(words.get(module)?, module);
        }
        let launcher = LAUNCHERS.iter().find(|launcher| launcher.name == program);
        let Some(launcher) = launcher else { return found(words.get(at)?, at) };
        at = launcher.program(&words, at.saturating_add(1))?;
    }
}

impl Launcher {
    /// Where the program stands that it starts, when its own words begin there.
    fn program(&self, words: &[&str], own: usize) -> Option<usize> {
        let mut at = own.saturating_add(self.follow.len());
        if words.get(own..at)? != self.follow {
            return None;
        }
        let mut before = self.before;
        loop {
            let word = *words.get(at)?;
            let assignment = matches!(self.name, "env" | "sudo") && word.contains('=');
            let step = if word.starts_with('-') || assignment {
                if self.valued.contains(&word) { 2 } else { 1 }
            } else if before > 0 {
                before = before.saturating_sub(1);
                1
            } else {
                return Some(at);
            };
            at = at.saturating_add(step);
        }
    }
}

/// The agent of a program's or package's name (`/usr/bin/codex`, `@openai/codex@latest`,
/// `aider-chat==0.80`) that stands at this place.
fn found(word: &str, at: usize) -> Option<Recognised> {
    let scope = usize::from(word.starts_with('@'));
    let version = word.get(scope..)?.find(['@', '=', '[', '<', '>']);
    let end = version.map_or(word.len(), |at| at.saturating_add(scope));
    let package = word.get(..end)?;
    let program = Path::new(word).file_name()?.to_str()?;
    let named = |name: &str| package == name || (program == name && scope == 0);
    let (_, agent) = NAMES.iter().find(|(name, _)| named(name))?;
    Some(Recognised { agent: *agent, arguments: at.saturating_add(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn agents_are_told_by_their_commands() {
        let cases = [
            ("codex exec hello", Agent::Codex, 1),
            ("/usr/local/bin/codex", Agent::Codex, 1),
            ("npx @openai/codex", Agent::Codex, 2),
            ("npx -y @openai/codex@0.169.0 exec", Agent::Codex, 3),
            ("npx -p @openai/codex codex exec", Agent::Codex, 4),
            ("npx --package=@openai/codex -- codex", Agent::Codex, 4),
            ("npm exec -- @openai/codex", Agent::Codex, 4),
            ("pnpm dlx @anthropic-ai/claude-code -p hi", Agent::ClaudeCode, 3),
            ("bunx @google/gemini-cli", Agent::GeminiCli, 2),
            ("claude -p hi", Agent::ClaudeCode, 1),
            ("./node_modules/.bin/gemini", Agent::GeminiCli, 1),
            ("aider --model x", Agent::Aider, 1),
            ("uvx aider-chat", Agent::Aider, 2),
            ("uvx --from aider-chat==0.86 aider", Agent::Aider, 4),
            ("uv tool run --python 3.12 aider-chat[x]", Agent::Aider, 6),
            ("python3.12 -m aider --yes", Agent::Aider, 3),
            ("env A=b -u C codex exec", Agent::Codex, 5),
            ("cursor .", Agent::Cursor, 1),
            ("timeout 60 codex exec", Agent::Codex, 3),
            ("timeout -k 5 --signal=INT 10m npx -y @openai/codex exec", Agent::Codex, 8),
            ("nice -n 10 claude", Agent::ClaudeCode, 4),
            ("nice -5 nohup stdbuf -oL -e 0 gemini", Agent::GeminiCli, 8),
            ("setsid -w env A=b time -p codex", Agent::Codex, 7),
            ("sudo -E -u agent A=b -- /usr/bin/claude -p hi", Agent::ClaudeCode, 7),
            ("time python3 -m aider", Agent::Aider, 4),
        ];
        for (command, agent, arguments) in cases {
            let expected = Some(Recognised { agent, arguments });
            assert_eq!(recognise(&words(command)), expected, "{command}");
        }
    }

    #[test]
    fn other_commands_are_not() {
        for command in [
            "",
            "python agent.py",
            "python -m codex.server",
            "bash -c codex",
            "cat codex",
            "codex-lb serve",
            "npx",
            "npx -p",
            "npx @other/codex",
            "pnpm install @openai/codex",
            "npm run codex",
            "env",
            "env A=b",
            "timeout 60",
            "timeout codex",
            "sudo -u claude",
            "timeout 60 bash -c codex",
        ] {
            assert_eq!(recognise(&words(command)), None, "{command}");
        }
        let bytes: OsString = std::os::unix::ffi::OsStringExt::from_vec(vec![0xff]);
        assert_eq!(recognise(&[bytes]), None);
    }
}
