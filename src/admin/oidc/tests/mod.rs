//! What is not beside the code: attacks on [`super::verify()`].

mod attacks;
