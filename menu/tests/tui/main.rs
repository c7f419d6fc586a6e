//! `kit menuconfig` without a terminal: keys go in, pictures come out.
//!
//! * [`pictures`] are snapshots: what each screen looks like at 80×24, 40×10, 120×40 and without colours.
//! * [`keys`] says what each key does. [`mouse`] the same for clicks and the wheel.
//! * [`random`] presses anything at any size.
//!
//! The tree is `Kconfig` beside this file. The same screens on a real terminal are in `tests/tests/menuconfig.rs`.

mod keys;
mod mouse;
mod pictures;
mod random;
mod support;
