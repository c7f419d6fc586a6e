//! What a native (no_std) application sees of its image.
#![no_std]
#![deny(missing_docs)]
