//! One request and its answer: with a deadline and a bound, over no proxy of the environment, and
//! with no redirect followed, so that a credential goes where it was sent and nowhere else.

use std::time::Duration;

use super::super::cause::innermost;
use super::super::exit::Exit;
use super::super::failure::Failure;

/// How long the other side may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read at the most: a thousand new keys fit. What is longer is cut, and
/// is no JSON any more.
const LONGEST: usize = 4 * 1024 * 1024;

/// An answer, read whole.
///
/// Its body may hold a secret, and is not shown.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Sends the request that `prepare` makes, and waits for its answer, whatever its status. Of what is
/// longer than `LONGEST` bytes the rest is cut, and that is no JSON any more.
///
/// # Errors
/// What `unanswered` makes of the reason where there is no answer. No URL is part of the reason.
pub fn exchange(
    prepare: impl FnOnce(&reqwest::Client) -> reqwest::RequestBuilder,
    unanswered: impl Fn(String) -> Failure,
) -> Result<Answer, Failure> {
    let failed = |error: reqwest::Error| unanswered(innermost(&error.without_url()));
    let tls = crate::proxy::upstream::tls_config(None)
        .map_err(|error| Failure::new(Exit::Failed, "TLS cannot be set up").why(error))?;
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| unanswered(error.to_string()))?;
    runtime.block_on(async {
        let mut response = prepare(&client).send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST {
                break;
            }
        }
        body.truncate(LONGEST);
        Ok(Answer { status, body })
    })
}
