//! What a native application sees of its image: [`System`], and the way from the root into its `main`.
//!
//! A native application is a `no_std` library with `pub fn main(system: &impl System) -> u8`. It is compiled in
//! one unit with the composed root, so that a call of [`System`] becomes the device's own code. The trait names
//! no slot: the same library runs as an ordinary program on `kit-util-native-host`, which is where it is
//! developed and tested.
#![no_std]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod on_image;

use kit_iface_block::BlockDevice;

pub use on_image::{OnImage, run};

/// The machine, as a native application sees it. No method blocks, none allocates.
pub trait System {
    /// Writes all of `bytes` to the console.
    fn write(&self, bytes: &[u8]);

    /// Copies the argument with this index to the front of `buffer` and returns that part of it. Argument 0 is
    /// the program's name. `None` if there are not so many, or if it is longer than `buffer`.
    fn argument<'buffer>(&self, index: usize, buffer: &'buffer mut [u8]) -> Option<&'buffer [u8]>;

    /// Nanoseconds of the clock that never steps back.
    fn monotonic_ns(&self) -> u64;

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    fn wall_ns(&self) -> u64;
}

/// A machine with disks, for an application that asks for `&(impl System + WithDisks)`.
pub trait WithDisks: System {
    /// The disks.
    type Disks: BlockDevice;

    /// The disks.
    fn disks(&self) -> &'static Self::Disks;
}
