//! Frames for the page-fault path: straight from the frame allocator where that is possible, else from a small
//! reserve.
//!
//! A frame allocator changes its books with interrupts masked. So a fault that strikes code with interrupts
//! *enabled* did not strike inside of it and may call it; one that strikes with interrupts masked may have, and
//! takes from the reserve. Masked stretches are short and touch a few new pages at most. Whatever runs with the
//! allocator surely at rest tops the reserve up: unmasked faults, the idle loop, each new mapping.

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

/// Takes one frame from the allocator. Not for faults that struck with interrupts masked.
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
/// As [`Frames::free`]; not from a fault that struck with interrupts masked.
pub(crate) unsafe fn free(frame: usize) {
    if let Some(frame) = Frame::new(frame) {
        // SAFETY: forwarded to the caller.
        unsafe { source().free(frame, 1) };
    }
}

/// Fills the reserve. The allocator is at rest: this is no fault that struck with interrupts masked.
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

/// Takes a frame for a fault; `is_at_rest` says that interrupts were enabled where it struck.
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

/// Writes zeroes over the page at `address`: sixteen bytes a store, which counts fewer instructions than
/// `rep stosq` and depends on nobody's `memset`.
///
/// # Safety
/// The page is memory that only the caller uses.
pub(crate) unsafe fn clear(address: usize) {
    // SAFETY: forwarded to the caller.
    unsafe { repeat(address, 0) }
}

/// Writes `word` all over the page at `address`.
///
/// # Safety
/// As [`clear`].
pub(crate) unsafe fn repeat(address: usize, word: u64) {
    use core::arch::x86_64::{__m128i, _mm_set1_epi64x, _mm_store_si128};
    const STORES: usize = 8;
    let mut place = address as *mut __m128i;
    // SAFETY: the stores cover exactly the caller's page; a page is aligned.
    unsafe {
        let value = _mm_set1_epi64x(word as i64);
        for _ in 0..PAGE_BYTES / (16 * STORES) {
            _mm_store_si128(place, value);
            _mm_store_si128(place.add(1), value);
            _mm_store_si128(place.add(2), value);
            _mm_store_si128(place.add(3), value);
            _mm_store_si128(place.add(4), value);
            _mm_store_si128(place.add(5), value);
            _mm_store_si128(place.add(6), value);
            _mm_store_si128(place.add(7), value);
            place = place.add(STORES);
        }
    }
}
