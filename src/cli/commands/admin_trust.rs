//! `till admin trust`: CI jobs mint by their own identity, with no stored secret.

use clap::{Args, Subcommand};

use crate::admin::oidc::kinds::{GITHUB, GITLAB, Kind};
use crate::admin::oidc::{Issuer, NotAnIssuer};
use crate::domain::minter::Trust;
use crate::domain::pattern::Pattern;
use crate::report::MinterView;

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::admin_bounds::BoundFlags;
use super::admin_ls::{MinterJson, lines};
use super::admin_mint::{add, minter_name};

/// Whom tokens are meant for, where nothing else is said.
pub const AUDIENCE: &str = "till";

/// Let CI jobs mint by their own identity token: no stored secret at all
#[derive(Debug, Subcommand)]
pub enum TrustCommand {
    /// Trust jobs of GitHub Actions, of one repository
    ///
    /// The job needs `permissions: id-token: write`; docs/ci.md has a recipe.
    #[command(after_help = "\
Examples:
  till admin trust github --repo owner/name --provider openai --max-activations 50 --max-expires 1h
  till admin trust github --repo owner/name --ref refs/heads/main --environment production \\
    --provider openai --max-spend 2 --total-spend 50/d --max-expires 1h")]
    Github(Box<GithubArgs>),
    /// Trust jobs of GitLab CI, of one project
    ///
    /// The job asks for its token with `id_tokens`; docs/ci.md has a recipe.
    #[command(after_help = "\
Examples:
  till admin trust gitlab --project group/name --provider openai --max-activations 50 --max-expires 1h
  till admin trust gitlab --issuer https://gitlab.example.com --project group/name --ref main \\
    --ref-protected true --provider openai --max-spend 2 --max-expires 1h")]
    Gitlab(Box<GitlabArgs>),
    /// Trust any issuer of OpenID Connect tokens, by their claims
    #[command(after_help = "\
Examples:
  till admin trust oidc --issuer https://ci.example.com --claim project=search --claim 'ref=release-*' \\
    --provider openai --max-activations 50 --max-expires 1h")]
    Oidc(Box<OidcArgs>),
}

/// What every trust takes.
#[derive(Clone, Debug, Args)]
pub struct TrustFlags {
    /// What you call it [default: the kind, and whose jobs they are]
    #[arg(long, value_parser = minter_name)]
    pub name: Option<String>,
    /// Whom the tokens must be meant for; a name of your own keeps those for other servers out
    #[arg(long, value_name = "TEXT", default_value = AUDIENCE)]
    pub audience: String,
    /// A further claim that tokens must have, `*` and `?` allowed; may be given more than once
    #[arg(long, value_name = "K=V", value_parser = claim)]
    pub claim: Vec<(String, Pattern)>,
    /// Allow plain http and private addresses for the issuer
    #[arg(long)]
    pub local: bool,
    /// What the keys may be.
    #[command(flatten)]
    pub bounds: BoundFlags,
}

/// Jobs of GitHub Actions.
#[derive(Debug, Args)]
pub struct GithubArgs {
    /// The repository, as owner/name; `owner/*` for all of an owner's
    #[arg(long, value_name = "OWNER/NAME", value_parser = pattern)]
    pub repo: Pattern,
    /// The branch or tag, as refs/heads/main
    #[arg(long, value_name = "REF", value_parser = pattern)]
    pub r#ref: Option<Pattern>,
    /// The deployment environment of the job
    #[arg(long, value_parser = pattern)]
    pub environment: Option<Pattern>,
    /// The workflow, as owner/name/.github/workflows/ci.yml@refs/heads/main
    #[arg(long, value_parser = pattern)]
    pub workflow: Option<Pattern>,
    /// What started the workflow, as push
    #[arg(long, value_parser = pattern)]
    pub event: Option<Pattern>,
    /// The number of the repository's owner: a name that is given up can be taken by others
    #[arg(long, value_parser = pattern)]
    pub owner_id: Option<Pattern>,
    /// The issuer, of a server of your own
    #[arg(long, value_name = "URL", default_value = GITHUB.issuer)]
    pub issuer: String,
    /// What every trust takes.
    #[command(flatten)]
    pub common: TrustFlags,
}

/// Jobs of GitLab CI.
#[derive(Debug, Args)]
pub struct GitlabArgs {
    /// The project, as group/name; `group/*` for all of a group's
    #[arg(long, value_name = "GROUP/NAME", value_parser = pattern)]
    pub project: Pattern,
    /// The branch or tag, as main
    #[arg(long, value_name = "REF", value_parser = pattern)]
    pub r#ref: Option<Pattern>,
    /// branch or tag
    #[arg(long, value_parser = pattern)]
    pub ref_type: Option<Pattern>,
    /// true for protected branches and tags alone
    #[arg(long, value_name = "true|false", value_parser = pattern)]
    pub ref_protected: Option<Pattern>,
    /// The deployment environment of the job
    #[arg(long, value_parser = pattern)]
    pub environment: Option<Pattern>,
    /// The number of the project's group
    #[arg(long, value_parser = pattern)]
    pub namespace_id: Option<Pattern>,
    /// The issuer, of a server of your own
    #[arg(long, value_name = "URL", default_value = GITLAB.issuer)]
    pub issuer: String,
    /// What every trust takes.
    #[command(flatten)]
    pub common: TrustFlags,
}

/// Tokens of any issuer.
#[derive(Debug, Args)]
pub struct OidcArgs {
    /// The issuer's URL, to the letter as it stands in its tokens
    #[arg(long, value_name = "URL")]
    pub issuer: String,
    /// What every trust takes.
    #[command(flatten)]
    pub common: TrustFlags,
}

/// Runs the command.
///
/// # Errors
/// Where the issuer or a target is unfit, the store cannot be unlocked or written, or the rules
/// refuse it.
pub fn run(context: &Context, command: &TrustCommand) -> Result<(), Failure> {
    match command {
        TrustCommand::Github(args) => {
            let flags = [
                ("repo", Some(&args.repo)),
                ("ref", args.r#ref.as_ref()),
                ("environment", args.environment.as_ref()),
                ("workflow", args.workflow.as_ref()),
                ("event", args.event.as_ref()),
                ("owner-id", args.owner_id.as_ref()),
            ];
            let claims = claims_of(&GITHUB, &flags);
            trust(context, GITHUB.name, &args.issuer, claims, &args.common)
        }
        TrustCommand::Gitlab(args) => {
            let flags = [
                ("project", Some(&args.project)),
                ("ref", args.r#ref.as_ref()),
                ("ref-type", args.ref_type.as_ref()),
                ("ref-protected", args.ref_protected.as_ref()),
                ("environment", args.environment.as_ref()),
                ("namespace-id", args.namespace_id.as_ref()),
            ];
            let claims = claims_of(&GITLAB, &flags);
            trust(context, GITLAB.name, &args.issuer, claims, &args.common)
        }
        TrustCommand::Oidc(args) => {
            if args.common.claim.is_empty() {
                return Err(Failure::new(Exit::Usage, "the trust names no claim")
                    .why("an issuer alone stands for all its users")
                    .hint("say which tokens are meant with `--claim project=search`"));
            }
            trust(context, "oidc", &args.issuer, Vec::new(), &args.common)
        }
    }
}

/// The flags as claims, by the kind's table.
fn claims_of(kind: &Kind, flags: &[(&str, Option<&Pattern>)]) -> Vec<(String, Pattern)> {
    let claims = flags.iter().filter_map(|(name, pattern)| {
        let claim = kind.flag(name)?.claim;
        pattern.map(|pattern| (claim.to_owned(), pattern.clone()))
    });
    claims.collect()
}

fn trust(
    context: &Context,
    kind: &str,
    issuer: &str,
    mut claims: Vec<(String, Pattern)>,
    flags: &TrustFlags,
) -> Result<(), Failure> {
    Issuer::new(issuer, flags.local).map_err(|why| {
        let failure = Failure::new(Exit::Usage, format!("`{issuer}` is no issuer")).why(why);
        match why {
            NotAnIssuer::Forbidden => failure.hint("say `--local` where that is meant"),
            NotAnIssuer::Malformed => failure
                .hint("write it as in `--issuer https://ci.example.com`, as the tokens have it"),
        }
    })?;
    claims.extend(flags.claim.iter().cloned());
    let default = || {
        let whose = claims.first().map(|(_, pattern)| pattern.to_string()).unwrap_or_default();
        let fit = |c: char| if minter_name(&c.to_string()).is_ok() { c } else { '-' };
        format!("{kind}/{whose}").chars().map(fit).take(64).collect()
    };
    let name = flags.name.clone().unwrap_or_else(default);
    let ledger = context.open()?;
    let now = ledger.view(|_, now| Ok(now))?;
    let mut template = flags.bounds.template(&ledger, &name, now)?;
    template.trust = Some(Trust {
        kind: kind.to_owned(),
        issuer: issuer.to_owned(),
        audience: flags.audience.clone(),
        claims,
        local: flags.local,
    });
    let unlocked = context.unlock(&ledger)?;
    let added = add(&ledger, &unlocked.keys(), template)?;
    let view = MinterView { minter: added.minter, usage: added.usage };
    if context.globals.json {
        return context.print_json(&MinterJson::new(&view));
    }
    context.terminal.say(&format!("trusted `{name}`"));
    context.terminal.say(&lines(&view, now));
    Ok(())
}

/// A value of a claim, in which `*` and `?` alone stand for others: brackets are part of names.
fn pattern(text: &str) -> Result<Pattern, String> {
    if let Some(special) = text.chars().find(|c| "[]{}\\".contains(*c)) {
        let name = if special == '\\' { "a backslash".to_owned() } else { format!("`{special}`") };
        return Err(format!("{name} would stand for something else; write `?` for that character"));
    }
    Pattern::over_names(text)
}

fn claim(text: &str) -> Result<(String, Pattern), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), pattern(value)?)),
        _ => Err("write it as in project=search".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::args::Cli;
    use super::*;
    use clap::CommandFactory;

    /// What the table of kinds has, the command line has.
    #[test]
    fn every_flag_of_a_kind_can_be_said() {
        let cli = Cli::command();
        let trust = cli.find_subcommand("admin").unwrap().find_subcommand("trust").unwrap();
        for kind in crate::admin::oidc::kinds::KINDS {
            let command = trust.find_subcommand(kind.name).unwrap();
            for flag in kind.flags {
                let found = command.get_arguments().find(|arg| arg.get_long() == Some(flag.name));
                let found = found.unwrap_or_else(|| panic!("{} --{}", kind.name, flag.name));
                assert_eq!(found.is_required_set(), flag.required, "{} --{}", kind.name, flag.name);
            }
        }
        let pattern = Pattern::over_names("x").unwrap();
        for kind in crate::admin::oidc::kinds::KINDS {
            let flags: Vec<_> = kind.flags.iter().map(|flag| (flag.name, Some(&pattern))).collect();
            assert_eq!(claims_of(&kind, &flags).len(), kind.flags.len());
        }
    }
}
