//! The block-device slot: sectors in and out, and when they are durable.
//!
//! One driver serves all disks of an image; a [`Disk`] is the number of one, in the order in which the platform
//! finds them. A *sector* is 512 bytes, whatever the medium's own block is ([`Geometry::physical_bytes`] tells).
//! Buffers are the caller's and whole sectors long; the driver copies where the device cannot reach them.
//!
//! **What is durable.** A write that has returned is seen by every later read, and is lost by a power cut unless a
//! later [`BlockDevice::flush`] has returned. A flush that returns makes durable every write that returned before
//! the flush was called. Writes that no flush covers may survive in any order, and of the sectors of one write any
//! subset may; a single sector survives whole or not at all unless the device says otherwise by its faults.
//!
//! Every method **blocks** the calling thread until the device has answered; where the device interrupts, others run
//! meanwhile. Any thread may call at any time; requests of different threads may overlap and finish in any order.
//!
//! [`fake`] has a disk in memory that loses what was not flushed; [`conformance`] checks an implementation;
//! [`random`] are the dice of both.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;
pub mod random;

/// Bytes of a sector: the unit of addresses and of every transfer.
pub const SECTOR_BYTES: usize = 512;

/// The number of a disk; the first is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk(pub u8);

/// What a disk is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Geometry {
    /// Its length, in sectors.
    pub sectors: u64,
    /// Bytes of what the medium writes at once: a power of two, at least [`SECTOR_BYTES`]. Writes that are
    /// multiples of it and aligned to it are the fastest.
    pub physical_bytes: u32,
    /// Nothing can be written.
    pub is_read_only: bool,
}

impl Geometry {
    /// A writable disk of `sectors`.
    pub const fn of(sectors: u64) -> Self {
        Self { sectors, physical_bytes: SECTOR_BYTES as u32, is_read_only: false }
    }
}

/// Whether a transfer of `bytes` from `sector` on is whole sectors that lie on the disk.
pub fn check_range(geometry: Geometry, sector: u64, bytes: usize) -> Result<(), BlockError> {
    let sectors = (bytes / SECTOR_BYTES) as u64;
    let fits = bytes.is_multiple_of(SECTOR_BYTES)
        && sector.checked_add(sectors).is_some_and(|end| end <= geometry.sectors);
    if fits { Ok(()) } else { Err(BlockError::OutOfRange) }
}

/// Why an operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockError {
    /// There is no such disk on this machine.
    Absent,
    /// It is there and did not accept its initialisation, or has been taken away.
    Failed,
    /// The medium cannot read or write these sectors. Which sectors of a write were stored is unknown.
    Medium,
    /// The sectors are not all on the disk, or the buffer is not a whole number of sectors. Nothing has changed.
    OutOfRange,
    /// The disk can only be read. Nothing has changed.
    ReadOnly,
    /// No memory for rings or a bounce buffer. Nothing has changed.
    OutOfMemory,
}

/// The disks of an image.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a block device",
    note = "choose one with `[config] BLOCK_… = true`; `kit doctor` lists them"
)]
pub trait BlockDevice: Sync + 'static {
    /// Finds and initialises a disk, once; later calls answer the same. Everything else needs it to have succeeded.
    fn start(&self, disk: Disk) -> Result<Geometry, BlockError>;

    /// Fills `buffer` with the sectors from `sector` on.
    fn read(&self, disk: Disk, sector: u64, buffer: &mut [u8]) -> Result<(), BlockError>;

    /// Stores `bytes` in the sectors from `sector` on. Not durable before a [`BlockDevice::flush`].
    fn write(&self, disk: Disk, sector: u64, bytes: &[u8]) -> Result<(), BlockError>;

    /// Makes durable what was written. An error says that nothing is known about any write since the last flush
    /// that succeeded.
    fn flush(&self, disk: Disk) -> Result<(), BlockError>;
}
