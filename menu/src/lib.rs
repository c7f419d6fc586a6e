//! The configuration: which micro-library fills each slot.
#![deny(missing_docs)]
