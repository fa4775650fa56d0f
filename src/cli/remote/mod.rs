//! Other machines, as a command sees them: asked once, and waited for.

pub mod client;
pub mod job_token;
