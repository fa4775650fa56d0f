//! `till key mint --env`: lines that point a provider's SDK at the proxy.

use std::fs::{File, OpenOptions};
use std::io::Write as _;

use clap::ValueEnum;

use crate::provider::{Provider, environment};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::wrap::Shell;

/// Who reads the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EnvForm {
    /// `export NAME='value'`
    Sh,
    /// `set -gx NAME 'value'`
    Fish,
    /// `NAME=value`
    Dotenv,
    /// Into the file that GitHub Actions names, with the key masked in its logs
    Github,
}

impl EnvForm {
    /// How its lines are written.
    fn shell(self) -> Shell {
        match self {
            Self::Sh => Shell::Sh,
            Self::Fish => Shell::Fish,
            Self::Dotenv | Self::Github => Shell::Dotenv,
        }
    }
}

/// The lines' form, and the file that they go to where it is not stdout.
#[derive(Debug)]
pub struct EnvLines {
    form: EnvForm,
    file: Option<(String, File)>,
}

impl EnvLines {
    /// Opens the file that the lines go to, if there is one, before there is anything to write.
    ///
    /// # Errors
    /// Where the form needs a file that nothing names, or that cannot be written.
    pub fn open(context: &Context, form: EnvForm) -> Result<Self, Failure> {
        if form != EnvForm::Github {
            return Ok(Self { form, file: None });
        }
        let path = context.environment.get("GITHUB_ENV").ok_or_else(|| {
            Failure::new(Exit::Usage, "`GITHUB_ENV` is not set")
                .why("`--env=github` writes to the file that GitHub Actions names in it")
                .hint("run it in a step of GitHub Actions, or take another form, as `--env=sh`")
        })?;
        let file = OpenOptions::new().append(true).create(true).open(path);
        let file = file.map_err(|error| unwritable(path, &error))?;
        Ok(Self { form, file: Some((path.to_owned(), file)) })
    }

    /// Writes the lines for a key that opens these providers, at the proxy's base URL.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn print(
        self,
        context: &Context,
        providers: &[Provider],
        base: &str,
        key: &str,
    ) -> Result<(), Failure> {
        let mut lines = zeroize::Zeroizing::new(Vec::new());
        for provider in providers {
            if provider.base_url_variable.is_none() && !provider.custom {
                context.terminal.say(&format!(
                    "the SDK of `{}` reads no variable for its base URL: give it {}/{}",
                    provider.name,
                    base.trim_end_matches('/'),
                    provider.name
                ));
            }
            for (name, value) in environment::lines_for(provider, base, key) {
                lines.extend_from_slice(&self.form.shell().set(name.as_ref(), value.as_ref()));
            }
        }
        let Some((path, mut file)) = self.file else {
            return context.terminal.out(&*lines);
        };
        // The mask comes first: nothing of the key may reach the log before it.
        context.terminal.line(&format!("::add-mask::{key}"))?;
        file.write_all(&lines).map_err(|error| unwritable(&path, &error))
    }
}

/// Where a proxy is, as `--proxy-url` gives it: it becomes part of lines that shells read.
///
/// # Errors
/// Where it is no `http://` or `https://` URL of a host, with a port and a path at the most.
pub fn proxy_url(text: &str) -> Result<String, String> {
    const EXAMPLE: &str = "write it as in http://127.0.0.1:4100 or https://till.example.com";
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]%".contains(c);
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let Some(rest) = rest.filter(|rest| rest.chars().all(plain)) else {
        return Err(EXAMPLE.to_owned());
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let uri: http::Uri = text.parse().map_err(|_| EXAMPLE.to_owned())?;
    let named = uri.host().is_some_and(|host| !host.is_empty() && !host.contains('%'));
    // What follows the host is nothing, or a port that is one.
    let port = authority.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    let port = port.filter(|_| !authority.ends_with(']'));
    let ported = port.is_none_or(|(_, port)| port.parse::<u16>().is_ok_and(|port| port > 0));
    if named && ported {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(EXAMPLE.to_owned())
    }
}

fn unwritable(path: &str, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("`{path}` cannot be written"))
        .why(error)
        .hint("see that `GITHUB_ENV` names a file that you may write")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_at_a_url() {
        for text in [
            "http://127.0.0.1:4100",
            "https://till.example.com",
            "http://[::1]:4100",
            "http://[::1]",
            "https://example.com:8443/tools/till",
        ] {
            assert_eq!(proxy_url(text).as_deref(), Ok(text));
        }
        assert_eq!(proxy_url("http://127.0.0.1:4100/").unwrap(), "http://127.0.0.1:4100");
        for text in [
            "",
            "127.0.0.1:4100",
            "ftp://a.example",
            "http://",
            "http:///path",
            "http://:4100",
            "http://a.example:0",
            "http://a.example:99999",
            "http://a.example:",
            "http://a'; rm -rf ~; '",
            "http://a.example/\"x\"",
            "http://a.example/$(id)",
            "http://a.example/ b",
            "http://u:p@a.example",
            "http://a.example?x=1",
            "http://a.example#x",
            "http://a.example/\nB=c",
        ] {
            assert!(proxy_url(text).is_err(), "{text:?}");
        }
    }
}
