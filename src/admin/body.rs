//! The JSON of a request, read within bounds.

use axum::body::Body;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::wire::{BodyFault, read_json};

use super::fault::{Answer, Fault, Problem};

/// Reads a request's body. It may hold a real key: what was read is erased.
pub(super) async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Answer<T> {
    Ok(read_json(headers, body).await?)
}

impl From<BodyFault> for Fault {
    fn from(fault: BodyFault) -> Self {
        let problem = match fault.status {
            413 => Problem::BodyTooLarge,
            415 => Problem::ContentType,
            _ => Problem::BadRequest,
        };
        Self::new(problem, fault.message)
    }
}
