//! The command line: kernel tokens, environment and arguments.
#![no_std]
#![deny(missing_docs)]
