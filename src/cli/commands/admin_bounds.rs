//! The bounds of an admin token or a trust, as they are typed.

use clap::Args;
use ipnet::IpNet;

use crate::domain::bounds::Bounds;
use crate::domain::cost::{Caps, Measure};
use crate::domain::money::Picodollars;
use crate::domain::pattern::Pattern;
use crate::domain::rate::Period;
use crate::domain::scope::{Allow, Scope};
use crate::domain::time::{NotASpan, Span, Timestamp};
use crate::domain::totals::Quantity;
use crate::ledger::Ledger;
use crate::ledger::op::MinterTemplate;
use crate::provider::Provider;

use super::super::amount::{money, tokens};
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::key_limits::{activations, allow, expiry, model};
use super::key_mint::resolve;
use super::master_caps::{cap, windowed};

/// A total as it is typed: the figure, and the window.
type Typed = (u64, Option<Period>);

/// What its keys may be, each and together.
#[derive(Clone, Debug, Args)]
pub struct BoundFlags {
    /// What its keys may open: a provider, or a master key by its name; may be given more than once
    #[arg(long, value_name = "PROVIDER|MASTER")]
    pub provider: Vec<String>,
    /// Let requests bring a real key of their own, which is sealed and erased with its last proxy key
    #[arg(long)]
    pub may_bring_keys: bool,
    /// Generations of keys that may be made from its keys, by whoever holds those; none where unsaid
    ///
    /// They divide what their parent has, and are not counted among its own.
    #[arg(long, value_name = "DEPTH", value_parser = clap::value_parser!(u8).range(1..=8))]
    pub max_delegate: Option<u8>,
    /// The most of its keys that may live at once
    #[arg(long, value_name = "N", value_parser = activations, allow_negative_numbers = true)]
    pub max_live_keys: Option<u64>,
    /// The most activations of a key, and what one gets that names none
    #[arg(long, value_name = "N", value_parser = activations, allow_negative_numbers = true)]
    pub max_activations: Option<u64>,
    /// The most tokens of a key: 100k
    #[arg(long, value_name = "N", value_parser = tokens, allow_negative_numbers = true)]
    pub max_tokens: Option<u64>,
    /// The most input tokens of a key
    #[arg(long, value_name = "N", value_parser = tokens, allow_negative_numbers = true)]
    pub max_input_tokens: Option<u64>,
    /// The most output tokens of a key
    #[arg(long, value_name = "N", value_parser = tokens, allow_negative_numbers = true)]
    pub max_output_tokens: Option<u64>,
    /// The most money of a key, in US dollars: 2
    #[arg(long, value_name = "USD", value_parser = money, allow_negative_numbers = true)]
    pub max_spend: Option<Picodollars>,
    /// The longest life of a key: 1h
    #[arg(long, value_name = "SPAN", value_parser = span)]
    pub max_expires: Option<Span>,
    /// Models that its keys may use; may be given more than once
    #[arg(long, value_name = "GLOB", value_parser = model)]
    pub model: Vec<Pattern>,
    /// Endpoints that its keys may call: 'POST /v1/chat/*'; may be given more than once
    #[arg(long, value_name = "METHOD PATH", value_parser = allow)]
    pub allow: Vec<Allow>,
    /// Client addresses that may use its keys; may be given more than once
    #[arg(long, value_name = "NET", value_parser = crate::wire::network)]
    pub ip: Vec<IpNet>,
    /// Keys that it may mint: 1000, or 100/d for each day; may be given more than once
    #[arg(long, value_name = "CAP", value_parser = |text: &str| windowed(text, activations),
          allow_negative_numbers = true)]
    pub total_keys: Vec<Typed>,
    /// Activations that it may hand out: 5000, or 500/d; may be given more than once
    ///
    /// A key counts whole when it is minted, and gives back what it has not used when it ends.
    #[arg(long, value_name = "CAP", value_parser = |text: &str| windowed(text, activations),
          allow_negative_numbers = true)]
    pub total_activations: Vec<Typed>,
    /// Tokens that it may hand out: 5M/d; may be given more than once
    #[arg(long, value_name = "CAP", value_parser = |text: &str| cap(Measure::Tokens, text),
          allow_negative_numbers = true)]
    pub total_tokens: Vec<Typed>,
    /// Money that it may hand out: 50/d; may be given more than once
    #[arg(long, value_name = "CAP", value_parser = |text: &str| cap(Measure::Spend, text),
          allow_negative_numbers = true)]
    pub total_spend: Vec<Typed>,
    /// When it ends itself: a span from now (30d), or a time (2026-12-01T00:00Z)
    #[arg(long, value_name = "WHEN")]
    pub expires: Option<String>,
}

impl BoundFlags {
    /// What the minter of this name is to be, without how it shows who it is.
    ///
    /// # Errors
    /// Where a target is unknown, or the bounds cannot be kept or bound nothing.
    pub fn template(
        &self,
        ledger: &Ledger,
        name: &str,
        now: Timestamp,
    ) -> Result<MinterTemplate, Failure> {
        let opened = self.provider.iter().map(|target| resolve(ledger, target));
        let opened = opened.collect::<Result<Vec<_>, Failure>>()?;
        let caps = self.caps();
        self.check(&opened, &caps)?;
        let named = |(id, provider): &(_, Provider)| (*id, provider.name.clone().into_owned());
        let bounds = Bounds {
            masters: opened.iter().map(named).collect(),
            bring_keys: self.may_bring_keys,
            delegate: self.max_delegate.unwrap_or_default(),
            activations: self.max_activations,
            caps,
            lifetime: self.max_expires,
            scope: Scope {
                models: self.model.clone(),
                allow: self.allow.clone(),
                networks: self.ip.clone(),
            },
            expires_at: self.expires.as_deref().map(|text| expiry(text, now)).transpose()?,
        };
        Ok(MinterTemplate {
            name: name.to_owned(),
            trust: None,
            bounds,
            max_live_keys: self.max_live_keys,
            totals: self.totals()?,
        })
    }

    fn caps(&self) -> Caps {
        Caps {
            tokens: self.max_tokens,
            input_tokens: self.max_input_tokens,
            output_tokens: self.max_output_tokens,
            spend: self.max_spend,
        }
    }

    /// Refuses what would bound nothing, or forbid everything.
    fn check(
        &self,
        opened: &[(crate::domain::ids::MasterId, Provider)],
        caps: &Caps,
    ) -> Result<(), Failure> {
        let each = self.max_activations.is_some() || caps.any() || self.max_expires.is_some();
        if !each {
            return Err(Failure::new(Exit::Usage, "nothing bounds its keys")
                .why("whoever has it could mint keys of any size")
                .hint(
                    "bound each with `--max-activations 50`, `--max-spend 2` or `--max-expires 1h`",
                ));
        }
        let mut seen: Vec<&str> = Vec::new();
        for (_, provider) in opened {
            if seen.contains(&&*provider.name) {
                let what = format!("two master keys of `{}` are named", provider.name);
                return Err(Failure::new(Exit::Usage, what)
                    .why("a proxy key opens one of each provider, and its request names the provider")
                    .hint("make a token for each with `till admin mint`"));
            }
            seen.push(&provider.name);
        }
        if caps.any()
            && let Some((_, provider)) = opened.iter().find(|(_, provider)| !provider.meter)
        {
            let what = format!("its keys could reach nothing of `{}`", provider.name);
            return Err(Failure::new(Exit::Usage, what)
                .why("its answers do not say what they cost, and keys are limited in that")
                .hint("make a token of its own for it, with `--max-activations` alone"));
        }
        Ok(())
    }

    fn totals(&self) -> Result<Vec<(Quantity, Option<Period>, u64)>, Failure> {
        let given = [
            (Quantity::Keys, &self.total_keys, true),
            (Quantity::Activations, &self.total_activations, self.max_activations.is_some()),
            (Quantity::Of(Measure::Tokens), &self.total_tokens, self.max_tokens.is_some()),
            (Quantity::Of(Measure::Spend), &self.total_spend, self.max_spend.is_some()),
        ];
        let mut totals: Vec<(Quantity, Option<Period>, u64)> = Vec::new();
        for (quantity, typed, each) in given {
            let name = quantity.name();
            for (limit, window) in typed {
                if totals.iter().any(|(known, of, _)| (*known, *of) == (quantity, *window)) {
                    let what = format!("`--total-{name}` is given twice for one window");
                    return Err(Failure::new(Exit::Usage, what)
                        .hint("give it once, or with another window, as in `/d`"));
                }
                totals.push((quantity, *window, *limit));
            }
            if !typed.is_empty() && !each {
                let what = format!("`--total-{name}` needs `--max-{name}`");
                return Err(Failure::new(Exit::Usage, what)
                    .why("a key without such a limit could not be counted")
                    .hint(format!("say how much one key may have with `--max-{name}`")));
            }
        }
        Ok(totals)
    }
}

fn span(text: &str) -> Result<Span, String> {
    text.parse().map_err(|error: NotASpan| error.to_string())
}
