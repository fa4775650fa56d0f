//! Other machines, as a command sees them: asked once, and waited for.

pub mod admin;
pub mod client;
pub mod job_token;
pub mod request;
pub mod view;
