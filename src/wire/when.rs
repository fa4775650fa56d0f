//! When something ends, as people and programs write it.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ZonedDateTime};

use crate::domain::time::{Span, Timestamp};

/// Reads when something ends: a span from now (`90s`, `2h`, `7d`), or a point in time
/// (RFC 3339, with or without seconds; a date alone is its first moment). Without an offset it is
/// in the system's time zone.
///
/// # Errors
/// What is wrong, in words: malformed, past, or too far away.
pub fn parse_expiry(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    parse_expiry_in(text, now, &TimeZone::system())
}

fn parse_expiry_in(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, String> {
    let text = text.trim();
    let at = if is_date(text) {
        point(text, zone)?
    } else {
        let span: Span = text.parse().map_err(|error| {
            format!("`{text}` is neither a span nor a date ({error}; or as in 2026-12-01T00:00Z)")
        })?;
        if span == Span(0) {
            return Err(format!("`{text}` is no time at all"));
        }
        let at = now.0.checked_add(span.0).and_then(|at| i64::try_from(at).ok());
        at.and_then(|at| Instant::from_millisecond(at).ok())
            .ok_or_else(|| format!("`{text}` ends too far away, beyond the year 9999"))?
    };
    match u64::try_from(at.as_millisecond()) {
        Ok(at) if at > now.0 => Ok(Timestamp(at)),
        _ => Err(format!("`{text}` is in the past; now it is {}", now.to_rfc3339())),
    }
}

/// Reads a point in the past: a span before now (`24h`, `7d`), or a point in time as
/// [`parse_expiry`] takes it. Without an offset it is in UTC.
///
/// # Errors
/// What is wrong, in words: malformed, or yet to come.
pub fn parse_past(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let text = text.trim();
    let at = if is_date(text) {
        let at = point(text, &TimeZone::UTC)?.as_millisecond();
        Timestamp(u64::try_from(at).map_err(|_| format!("`{text}` is before 1970"))?)
    } else {
        let span: Span = text.parse().map_err(|error| {
            format!("`{text}` is neither a span nor a date ({error}; or as in 2026-12-01T00:00Z)")
        })?;
        Timestamp(now.0.saturating_sub(span.0))
    };
    if at > now {
        return Err(format!("`{text}` is yet to come; now it is {}", now.to_rfc3339()));
    }
    Ok(at)
}

/// Whether the text begins as a date does: no span has a hyphen.
fn is_date(text: &str) -> bool {
    text.contains('-') && !text.starts_with('-')
}

fn point(text: &str, zone: &TimeZone) -> Result<Instant, String> {
    if let Ok(zoned) = text.parse::<ZonedDateTime>() {
        return Ok(zoned.timestamp());
    }
    if let Ok(instant) = text.parse::<Instant>() {
        return Ok(instant);
    }
    let local = text.parse::<DateTime>().and_then(|local| local.to_zoned_datetime(zone.clone()));
    local.map(|zoned| zoned.timestamp()).map_err(|_| {
        format!(
            "`{text}` is no date; write it as in 2026-12-01, 2026-12-01T09:30 or 2026-12-01T00:00Z"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2026-11-24T16:00:00Z.
    const NOW: Timestamp = Timestamp(1_795_536_000_000);

    fn expiry(text: &str) -> Result<String, String> {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        parse_expiry_in(text, NOW, &zone).map(Timestamp::to_rfc3339)
    }

    #[test]
    fn an_expiry_is_a_span_or_a_point_in_time() {
        let read = [
            ("2h", "2026-11-24T18:00:00Z"),
            (" 1h30m ", "2026-11-24T17:30:00Z"),
            ("2026-12-01T00:00Z", "2026-12-01T00:00:00Z"),
            ("2026-12-01T00:00:00.5Z", "2026-12-01T00:00:00Z"),
            ("2026-12-01T00:00:00+01:00", "2026-11-30T23:00:00Z"),
            ("2026-12-01 09:30", "2026-12-01T07:30:00Z"),
            ("2026-12-01", "2026-11-30T22:00:00Z"),
            ("2026-12-01T12:00[UTC]", "2026-12-01T12:00:00Z"),
        ];
        for (text, at) in read {
            assert_eq!(expiry(text).as_deref(), Ok(at), "{text}");
        }
        let refused = [
            ("", "neither a span nor a date"),
            ("2", "a unit is missing"),
            ("-2h", "neither a span nor a date"),
            ("0s", "no time at all"),
            ("tomorrow", "neither a span nor a date"),
            ("2026-13-01", "is no date"),
            ("2026-12-01T25:00Z", "is no date"),
            ("2026-11-24T16:00Z", "is in the past; now it is 2026-11-24T16:00:00Z"),
            ("1960-01-01", "is in the past"),
            ("999999w", "too far away"),
            ("99999999999999w", "it is too long"),
        ];
        for (text, why) in refused {
            let answer = expiry(text).unwrap_err();
            assert!(answer.contains(why), "{text}: {answer}");
        }
    }

    #[test]
    fn the_past_is_a_span_ago_or_a_point_in_utc() {
        let past = |text: &str| parse_past(text, NOW).map(Timestamp::to_rfc3339);
        let read = [
            ("24h", "2026-11-23T16:00:00Z"),
            ("0s", "2026-11-24T16:00:00Z"),
            ("9999w", "1970-01-01T00:00:00Z"),
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("2026-11-01T12:30", "2026-11-01T12:30:00Z"),
            ("2026-11-24T18:00+02:00", "2026-11-24T16:00:00Z"),
        ];
        for (text, at) in read {
            assert_eq!(past(text).as_deref(), Ok(at), "{text}");
        }
        let refused = [
            ("", "neither a span nor a date"),
            ("yesterday", "neither a span nor a date"),
            ("2026-11-24T16:01Z", "is yet to come; now it is 2026-11-24T16:00:00Z"),
            ("1960-01-01", "is before 1970"),
        ];
        for (text, why) in refused {
            let answer = past(text).unwrap_err();
            assert!(answer.contains(why), "{text}: {answer}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = parse_past(&text, NOW);
            let _ = parse_expiry_in(&text, NOW, &TimeZone::UTC);
        }
    }
}
