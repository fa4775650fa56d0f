//! Why a price file is refused.

/// What is wrong with a price file. It is refused whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceFault {
    /// It is no JSON, or names something twice; the text says where.
    #[error("{0}")]
    Json(String),
    /// A value is not what it must be.
    #[error("line {line}: {what}")]
    Value {
        /// The line, from 1.
        line: usize,
        /// The place in the file and what must stand there.
        what: String,
    },
}
