//! Where real keys usually lie.

use std::path::{Path, PathBuf};

use super::super::environment::Environment;

/// Where the search begins.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// The home directory, where one is known.
    pub(super) home: Option<PathBuf>,
    /// The folder that the command was started in.
    pub(super) folder: PathBuf,
}

/// Files and folders of shells, tools and AI clients, from the home directory.
pub(super) const OF_HOME: &[&str] = &[
    // Shells.
    ".bash_aliases",
    ".bash_login",
    ".bash_profile",
    ".bashrc",
    ".config/environment.d",
    ".config/fish/conf.d",
    ".config/fish/config.fish",
    ".config/fish/fish_variables",
    ".config/nushell/config.nu",
    ".config/nushell/env.nu",
    ".cshrc",
    ".env",
    ".envrc",
    ".kshrc",
    ".pam_environment",
    ".profile",
    ".tcshrc",
    ".xonshrc",
    ".xprofile",
    ".zlogin",
    ".zprofile",
    ".zshenv",
    ".zshrc",
    // Tools that keep credentials of all sorts.
    ".config/gh/hosts.yml",
    ".config/git/config",
    ".config/git/credentials",
    ".config/hub",
    ".config/stripe/config.toml",
    ".git-credentials",
    ".gitconfig",
    ".netrc",
    ".npmrc",
    ".pypirc",
    // AI clients.
    ".aider.conf.yml",
    ".cache/huggingface/token",
    ".claude.json",
    ".claude/.credentials.json",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".codex/.env",
    ".codex/auth.json",
    ".codex/config.toml",
    ".config/Claude/claude_desktop_config.json",
    ".config/aichat",
    ".config/aider",
    ".config/anthropic",
    ".config/crush",
    ".config/fabric",
    ".config/github-copilot",
    ".config/goose",
    ".config/io.datasette.llm/keys.json",
    ".config/litellm",
    ".config/mods",
    ".config/openai",
    ".config/openai.token",
    ".config/opencode",
    ".config/shell_gpt",
    ".continue/.env",
    ".continue/config.json",
    ".continue/config.yaml",
    ".cursor/mcp.json",
    ".elevenlabs/api_key",
    ".gemini/.env",
    ".gemini/settings.json",
    ".huggingface/token",
    ".local/share/opencode/auth.json",
    ".openai",
    ".replicate",
];

/// What shells and prompts remember, from the home directory.
pub(super) const HISTORIES: &[&str] = &[
    ".bash_history",
    ".config/nushell/history.txt",
    ".history",
    ".ksh_history",
    ".local/share/fish/fish_history",
    ".mysql_history",
    ".node_repl_history",
    ".psql_history",
    ".python_history",
    ".sh_history",
    ".sqlite_history",
    ".zhistory",
    ".zsh_history",
];

/// Files of a project, beside those that begin with `.env`.
const OF_PROJECT: &[&str] = &[
    ".aider.conf.yml",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".codex/config.toml",
    ".cursor/mcp.json",
    ".gemini/.env",
    ".gemini/settings.json",
    ".mcp.json",
    ".npmrc",
    ".vscode/mcp.json",
];

impl Places {
    /// The places of this environment.
    pub(super) fn of(environment: &Environment, folder: PathBuf) -> Self {
        let home = environment.get_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        Self { home, folder }
    }

    /// The folder and those above it, up to the repository's, else up to the home directory; the
    /// folder alone where it lies in neither.
    pub(super) fn folders(&self) -> Vec<&Path> {
        let above = || self.folder.ancestors();
        let ends = |last: &Path| last.join(".git").exists();
        let root = above().find(|folder| ends(folder));
        let root = root.or_else(|| above().find(|folder| self.home.as_deref() == Some(folder)));
        let root = root.unwrap_or(&self.folder);
        above().take_while(|folder| folder.starts_with(root)).collect()
    }

    /// The files of a project that may be in a folder.
    pub(super) fn of_project(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let dotenv = entries.filter(|entry| {
            let named = entry.file_name().to_string_lossy().starts_with(".env");
            // A folder of this name holds a Python environment.
            named && entry.file_type().is_ok_and(|kind| !kind.is_dir())
        });
        let mut files: Vec<_> = dotenv.map(|entry| entry.path()).collect();
        files.sort();
        files.extend(OF_PROJECT.iter().map(|name| folder.join(name)));
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_goes_up_to_the_repository_or_home() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("home/repo/a/b");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::create_dir(root.path().join("home/repo/.git")).unwrap();
        let names = |home: &str, folder: &Path| {
            let places = Places { home: Some(root.path().join(home)), folder: folder.to_owned() };
            places.folders().iter().map(|path| path.to_path_buf()).collect::<Vec<_>>()
        };
        let in_repo = names("home", &inner);
        assert_eq!(in_repo.last(), Some(&root.path().join("home/repo")));
        assert_eq!(in_repo.len(), 3);
        std::fs::remove_dir(root.path().join("home/repo/.git")).unwrap();
        assert_eq!(names("home", &inner).last(), Some(&root.path().join("home")));
        assert_eq!(names("elsewhere", &inner), std::slice::from_ref(&inner));
    }

    #[test]
    fn each_place_stands_once() {
        let mut all: Vec<_> = OF_HOME.iter().chain(HISTORIES).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
