//! The atomic types of the cache. A module of its own, so that its test can put loom's in their place.

pub use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
