//! Frames for the page-fault path: straight from the frame allocator where that is possible, else from a small
//! reserve.
//!
//! A fault may strike inside the frame allocator itself, whose books are then half changed. An allocator changes
//! them with interrupts masked, so a fault that strikes code with interrupts *enabled* may call it; one that
//! strikes with interrupts masked asks it ([`Frames::is_at_rest`]), and if it is at work takes from the reserve.
//! A call of the allocator touches one or two new pages of stack at most. Whatever runs with the allocator surely at
//! rest tops the reserve up: most faults, the idle loop, each new mapping.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicUsize, Ordering};
use kit_arch_x86_64::paging::PAGE_BYTES;
use kit_iface_frames::{Frame, Frames};

/// Frames kept: six pages of stack, or fewer and the page tables for them.
const KEPT: usize = 6;

struct Source(UnsafeCell<MaybeUninit<&'static dyn Frames>>);

// SAFETY: written once, by `start`, before anybody reads.
unsafe impl Sync for Source {}

static SOURCE: Source = Source(UnsafeCell::new(MaybeUninit::uninit()));

/// The first frame of the reserve; each holds the address of the next in its first word.
static FIRST: AtomicUsize = AtomicUsize::new(0);
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Names the allocator. Called once, by `start`, before there is anything to fault on.
pub(crate) fn set_source(frames: &'static dyn Frames) {
    // SAFETY: nobody reads yet.
    unsafe { (*SOURCE.0.get()).write(frames) };
}

fn source() -> &'static dyn Frames {
    // SAFETY: `start` ran before anything that asks for memory.
    unsafe { (*SOURCE.0.get()).assume_init() }
}

/// Takes one frame from the allocator. Not for faults that struck inside it.
pub(crate) fn allocate() -> Option<Frame> {
    source().allocate(1, 1).ok()
}

/// Takes one frame from the allocator and clears it: an empty page table.
pub(crate) fn allocate_table() -> Option<usize> {
    let frame = allocate()?.get();
    // SAFETY: fresh memory, identity-mapped.
    unsafe { clear(frame) };
    Some(frame)
}

/// Gives a frame back.
///
/// # Safety
/// As [`Frames::free`]; not from a fault that struck inside the allocator.
pub(crate) unsafe fn free(frame: usize) {
    if let Some(frame) = Frame::new(frame) {
        // SAFETY: forwarded to the caller.
        unsafe { source().free(frame, 1) };
    }
}

/// Fills the reserve. The allocator is at rest: this is no fault that struck inside it.
#[inline]
pub(crate) fn top_up() {
    if COUNT.load(Ordering::Relaxed) < KEPT {
        fill();
    }
}

#[cold]
fn fill() {
    while COUNT.load(Ordering::Relaxed) < KEPT {
        let Some(frame) = allocate() else { return };
        // A fault between load and exchange takes a frame, which makes the exchange fail; it never puts one
        // back, so the word cannot return to its old value (no ABA).
        let mut first = FIRST.load(Ordering::Relaxed);
        loop {
            // SAFETY: the frame is ours, identity-mapped.
            unsafe { (frame.get() as *mut usize).write(first) };
            match FIRST.compare_exchange(first, frame.get(), Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => break,
                Err(now) => first = now,
            }
        }
        COUNT.fetch_add(1, Ordering::Relaxed);
    }
}

/// Whether a fault may call the allocator; `were_interrupts_enabled` is about the code that it struck.
pub(crate) fn is_at_rest(were_interrupts_enabled: bool) -> bool {
    were_interrupts_enabled || source().is_at_rest()
}

/// Takes a frame for a fault.
pub(crate) fn take(is_at_rest: bool) -> Option<usize> {
    if is_at_rest && let Some(frame) = allocate() {
        return Some(frame.get());
    }
    let mut first = FIRST.load(Ordering::Acquire);
    while first != 0 {
        // SAFETY: a frame of the reserve, whose first word is the next one's address.
        let next = unsafe { (first as *const usize).read() };
        match FIRST.compare_exchange(first, next, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => {
                COUNT.fetch_sub(1, Ordering::Relaxed);
                return Some(first);
            }
            Err(now) => first = now,
        }
    }
    None
}

/// Writes zeroes over the page at `address`.
///
/// # Safety
/// The page is memory that only the caller uses.
pub(crate) unsafe fn clear(address: usize) {
    // SAFETY: forwarded to the caller.
    unsafe { repeat(address, 0) }
}

/// Writes `word` all over the page at `address`: sixteen bytes a store, fewer instructions than `rep stosq`. In
/// assembly, because the compiler would make a call of `memset` of it, which is somebody else's and may go by bytes.
///
/// # Safety
/// As [`clear`].
pub(crate) unsafe fn repeat(address: usize, word: u64) {
    // SAFETY: SSE2 is part of x86-64; the stores cover exactly the caller's page, which is aligned.
    unsafe {
        asm!(
            "movq {value}, {word}",
            "punpcklqdq {value}, {value}",
            "2:",
            "movaps [{place}], {value}",
            "movaps [{place} + 16], {value}",
            "movaps [{place} + 32], {value}",
            "movaps [{place} + 48], {value}",
            "movaps [{place} + 64], {value}",
            "movaps [{place} + 80], {value}",
            "movaps [{place} + 96], {value}",
            "movaps [{place} + 112], {value}",
            "add {place}, 128",
            "cmp {place}, {end}",
            "jne 2b",
            value = out(xmm_reg) _,
            word = in(reg) word,
            place = inout(reg) address => _,
            end = in(reg) address + PAGE_BYTES,
            options(nostack)
        );
    }
}
