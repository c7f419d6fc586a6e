//! The files that hold values, as text: `.config`, the minimal configuration, `auto.conf`, `autoconf.h`, `rustc_cfg`.
//!
//! Everything here turns a [`Config`](super::Config) into text or text into a `Config`, byte for byte as Linux
//! 6.12's `scripts/kconfig/confdata.c` does; [`save`] is the one place that touches the disk.

pub mod autoconf;
pub(super) mod line;
pub mod minimal;
pub mod read;
pub mod save;
pub mod write;

pub use read::{Reading, read};
pub use write::{Header, dot_config};
