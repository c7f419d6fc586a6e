//! Image tests.
#![deny(missing_docs)]
