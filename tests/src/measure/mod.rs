//! Measuring: what is the same on every run is a test (`tests/budgets.rs`), what is not is in `cargo kit bench`.
//!
//! * [`counter`] counts guest instructions with a QEMU plugin of our own, `count.c`.
//! * [`symbols`] says which function an address is in.
//! * [`figures`] are the measurements that both make.
//! * [`memory`] finds the least RAM with which something works.

pub mod counter;
pub mod figures;
pub mod memory;
pub mod symbols;
