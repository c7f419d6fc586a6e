//! The format of four-level page tables (SDM volume 3, 4.5), and the translation caches.
//!
//! Entries are read and written as whole words: a page fault may read a table while its owner is half way
//! through changing it.

use core::arch::asm;
use core::sync::atomic::AtomicU64;

/// Bytes of the smallest page, and of a table.
pub const PAGE_BYTES: usize = 4096;
/// Entries of a table.
pub const ENTRIES: usize = 512;

/// Bits of the error code that a page fault pushes (SDM volume 3, figure 4-12).
pub mod error {
    /// A translation exists: its rights refused the access.
    pub const PRESENT: usize = 1;
    /// The access was a store.
    pub const WRITE: usize = 1 << 1;
    /// The access was an instruction fetch.
    pub const EXECUTE: usize = 1 << 4;
}

/// The entry is valid. Where this is clear, all other bits are the OS's.
pub const PRESENT: u64 = 1;
/// Stores are allowed.
pub const WRITABLE: u64 = 1 << 1;
/// Uncached (with write-through set or not).
pub const UNCACHED: u64 = 1 << 4;
/// A page of 2 MiB or 1 GiB instead of a table.
pub const LARGE: u64 = 1 << 7;
/// Instruction fetches are refused.
pub const NO_EXECUTE: u64 = 1 << 63;
/// The address that an entry holds.
pub const ADDRESS: u64 = 0x000f_ffff_ffff_f000;

/// A page table of any level.
#[repr(C, align(4096))]
pub struct Table(pub [AtomicU64; ENTRIES]);

impl Table {
    /// A table of empty entries.
    pub const fn new() -> Self {
        Self([const { AtomicU64::new(0) }; ENTRIES])
    }
}

/// Bytes that one entry of a table of `level` covers: 4 KiB at level 0, 512 GiB at level 3.
#[inline]
pub const fn span(level: usize) -> usize {
    PAGE_BYTES << (9 * level)
}

/// Index into the table of `level` for `address`.
#[inline]
pub const fn index(address: usize, level: usize) -> usize {
    address >> (12 + 9 * level) & (ENTRIES - 1)
}

/// Forgets the cached translation of the page at `address` on this processor.
#[inline]
pub fn flush_page(address: usize) {
    // SAFETY: drops a cache; the next access reads the tables.
    unsafe { asm!("invlpg [{}]", in(reg) address, options(nostack, preserves_flags)) };
}

/// Forgets all cached translations of this processor (kit has no global pages).
#[inline]
pub fn flush_all() {
    // SAFETY: reloads the same root.
    unsafe { asm!("mov {0}, cr3", "mov cr3, {0}", out(reg) _, options(nostack, preserves_flags)) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_split_an_address() {
        let address = 3 << 39 | 5 << 30 | 7 << 21 | 9 << 12 | 11;
        assert_eq!([3, 2, 1, 0].map(|level| index(address, level)), [3, 5, 7, 9]);
        assert_eq!([0, 1, 2, 3].map(span), [4 << 10, 2 << 20, 1 << 30, 512 << 30]);
        assert_eq!(index(usize::MAX, 0), 511);
    }
}
