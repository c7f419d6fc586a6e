//! The command kit.
#![deny(missing_docs)]
