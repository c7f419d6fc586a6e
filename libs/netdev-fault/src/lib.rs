//! Network device wrapper: a bad network between a card and its stack.
//!
//! What becomes of a frame follows from the seed and from how many frames went the same way before, so a run can be
//! repeated. Frames that are held back lie in memory and go on when they are due, at the next call of the stack, which
//! a thread makes sure of.
//!
//! `device` the [`NetDevice`](kit_iface_netdev::NetDevice) · `fate` what becomes of a frame · `lane` one direction:
//! its fates, and what it holds back · `alarm` the thread
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod alarm;
mod device;
mod fate;
mod lane;

pub use device::Fault;
pub use fate::Rates;
