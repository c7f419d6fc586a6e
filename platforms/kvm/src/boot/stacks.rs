//! The stacks of the boot processor, each above a page that is never mapped.

use core::mem::offset_of;
use kit_arch_x86_64::Stacks;
use kit_arch_x86_64::paging::PAGE_BYTES;

#[repr(C, align(4096))]
struct Memory {
    guard_boot: [u8; PAGE_BYTES],
    boot: [u8; 16 * 1024],
    guard_interrupts: [u8; PAGE_BYTES],
    interrupts: [u8; 8 * 1024],
    guard_faults: [u8; PAGE_BYTES],
    faults: [u8; 12 * 1024],
    guard_fatal: [u8; PAGE_BYTES],
    fatal: [[u8; PAGE_BYTES]; 3],
}

/// In `.bss`. Rust never refers to the bytes: assembly and the processor do.
#[repr(transparent)]
pub(super) struct BootStacks(core::cell::UnsafeCell<Memory>);

// SAFETY: nobody forms references to the contents.
unsafe impl Sync for BootStacks {}

pub(super) static STACKS: BootStacks = BootStacks(core::cell::UnsafeCell::new(Memory {
    guard_boot: [0; _],
    boot: [0; _],
    guard_interrupts: [0; _],
    interrupts: [0; _],
    guard_faults: [0; _],
    faults: [0; _],
    guard_fatal: [0; _],
    fatal: [[0; _]; 3],
}));

/// Where the entry code starts, from the start of [`STACKS`]: below what the architecture keeps at the end.
#[cfg(not(test))]
pub(super) const FIRST_STACK_POINTER: usize = (offset_of!(Memory, guard_interrupts) - Stacks::RESERVED) & !15;

const GUARDS: [usize; 4] = [
    offset_of!(Memory, guard_boot),
    offset_of!(Memory, guard_interrupts),
    offset_of!(Memory, guard_faults),
    offset_of!(Memory, guard_fatal),
];

/// The addresses of the pages to leave unmapped.
pub(super) fn guards() -> [usize; 4] {
    let base = STACKS.0.get() as usize;
    GUARDS.map(|offset| base + offset)
}

/// Ends of the stacks.
pub(super) fn ends() -> Stacks {
    let base = STACKS.0.get() as usize;
    let fatal = base + offset_of!(Memory, fatal);
    Stacks {
        boot: base + offset_of!(Memory, guard_interrupts),
        interrupts: base + offset_of!(Memory, guard_faults),
        faults: base + offset_of!(Memory, guard_fatal),
        fatal: [1, 2, 3].map(|number| fatal + number * PAGE_BYTES),
    }
}
