//! What a request is priced by.

use super::case::Case;
use super::input::Input;
use super::tariff::Rates;
use super::{Inquiry, Refusal, router, service};
use crate::domain::money::Picodollars;
use crate::provider::price::{Circumstances, Unusable};

/// What of the request decides its price.
pub(super) fn circumstances(case: &mut Case<'_>, shown: &Input, input: u64) -> Circumstances {
    Circumstances {
        input,
        tiers: service::tiers(case),
        cache_write: shown.cache_write,
        input_media: shown.media,
        output_media: service::output_media(case),
        region: service::region(case),
        fast: service::fast(case),
    }
}

/// What the answer is priced by, and the most that one input and one output token can cost. The
/// output may be limited by the request itself: then the model's maximum does not matter.
pub(super) fn rates(
    case: &mut Case<'_>,
    at: &Circumstances,
    shown: &Input,
    limited: bool,
) -> Result<(Rates, Picodollars, Picodollars), Refusal> {
    let nothing = (Rates::None, Picodollars(0), Picodollars(0));
    let Inquiry { spend, soft, max_price, .. } = *case.inquiry;
    let (provider, model) = (case.provider(), case.model());
    if provider == "openrouter" {
        return match max_price {
            Some(cap) => {
                let (input, output) = router::rates(cap, shown);
                Ok((Rates::Flat(input, output), input, output))
            }
            None if spend && !soft => Err(Refusal::unpriced(
                "the price of an OpenRouter model is not known beforehand, and money is limited: \
                 mint the key with `--max-price`, or with `--overshoot last-call`",
            )),
            None if spend => {
                case.unbound("no price cap is set", "mint the key with `--max-price`");
                Ok(nothing)
            }
            None => Ok(nothing),
        };
    }
    let why = match case.price.map(|price| (price, price.usable_in(at, limited))) {
        Some((price, Ok(()))) => {
            let (input, output) = (price.worst_input(at), price.worst_output(at));
            return Ok((Rates::Row(Box::new(price.clone()), *at), input, output));
        }
        Some((_, Err(unusable))) => Some(unusable),
        None => None,
    };
    if !spend {
        return Ok(nothing);
    }
    let instead = if why == Some(Unusable::NoMaximum) {
        "set its output limit in the request, or "
    } else {
        ""
    };
    let why = match why {
        Some(unusable) => unusable.to_string(),
        None => "the price table does not have it".to_owned(),
    };
    Err(Refusal::unpriced(format!(
        "the price of `{model}` of `{provider}` is not known ({why}), and money is limited: \
         {instead}add it with `till prices set {provider} {model} --input … --output … \
         --max-output …`"
    )))
}

/// What the call costs beside its tokens. Perplexity's own models search in every call, also those
/// whose rows do not say what that costs.
pub(super) fn fee(case: &Case<'_>, rates: &Rates) -> Picodollars {
    let Rates::Row(price, _) = rates else { return Picodollars(0) };
    let silent = price.fee() == Picodollars(0) && case.model().starts_with("sonar");
    if silent && case.provider() == "perplexity" {
        return case.inquiry.prices.dearest_search(case.provider()).unwrap_or_default();
    }
    price.fee()
}
