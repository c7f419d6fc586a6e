//! `malloc` and its family.
//!
//! C frees without saying how long a block was, the heap wants to hear it. A header before each block would
//! push the commonest sizes, powers of two, over the next power, which is what a buddy heap hands out. So blocks
//! have none: small ones are somebody's who remembers ([`super::small`]), large ones are whole pages with an entry in a
//! table ([`super::pages`]). An address tells which: only a large block begins where a page does.

use super::{pages, pages::Pages, small};
use crate::errno::{Errno, ret};
use crate::types::{c_int, c_void, size_t};
use core::ptr::NonNull;
use kit_iface_alloc::KNOWN_ALIGN;
use kit_iface_vm::PAGE_BYTES;
use kit_util_sync::IrqLock;

/// Alignment of every block, as the ABI has it (`max_align_t`).
const ALIGN: usize = KNOWN_ALIGN;

const NO_MEMORY: Errno = Errno(libc::ENOMEM);

static LARGE: IrqLock<Pages> = IrqLock::new(Pages::new());

fn is_large(block: NonNull<u8>) -> bool {
    block.addr().get().is_multiple_of(PAGE_BYTES)
}

#[inline]
fn allocate(bytes: usize) -> Result<NonNull<u8>, Errno> {
    if bytes <= small::most_bytes() {
        small::allocate(bytes).ok_or(NO_MEMORY)
    } else {
        allocate_pages(bytes, PAGE_BYTES)
    }
}

fn allocate_aligned(bytes: usize, align: usize) -> Result<NonNull<u8>, Errno> {
    match small::allocate_aligned(bytes, align) {
        Some(block) => block.ok_or(NO_MEMORY),
        None => allocate_pages(bytes, align),
    }
}

// The heap works outside of the lock: it may take long to find, copy or return large runs.
fn allocate_pages(bytes: usize, align: usize) -> Result<NonNull<u8>, Errno> {
    let layout = pages::layout(bytes, align).ok_or(NO_MEMORY)?;
    if !LARGE.lock().reserve() {
        return Err(NO_MEMORY);
    }
    match kit_iface_alloc::allocate(layout) {
        Ok(block) => {
            LARGE.lock().put(block, layout);
            Ok(block)
        }
        Err(_) => {
            LARGE.lock().unreserve();
            Err(NO_MEMORY)
        }
    }
}

/// Gives a block back.
///
/// # Safety
/// `block` is live and not used any more.
#[inline]
unsafe fn release(block: NonNull<u8>) {
    if !is_large(block) {
        // SAFETY: forwarded to the caller.
        return unsafe { small::free(block) };
    }
    let layout = {
        let mut large = LARGE.lock();
        let layout = large.take(block);
        large.unreserve();
        layout
    };
    match layout {
        // SAFETY: the table says how the block was allocated.
        Some(layout) => unsafe { kit_iface_alloc::free(block, layout) },
        None => corrupted(),
    }
}

/// A large block that is not in the table: freed twice, or never allocated. glibc ends the program there too.
#[cold]
fn corrupted() -> ! {
    kit_iface_console::log_str("kit: free() of a block that is not allocated\n");
    crate::signals::abort()
}

/// Bytes that a block holds.
///
/// # Safety
/// `block` is live.
unsafe fn bytes_of(block: NonNull<u8>) -> usize {
    if is_large(block) {
        LARGE.lock().get(block).map_or_else(|| corrupted(), |layout| layout.size())
    } else {
        // SAFETY: forwarded to the caller.
        unsafe { small::bytes_of(block) }
    }
}

/// Resizes a large block to another large size, in place if the heap can.
///
/// # Safety
/// `block` is live, large, and not used any more if this succeeds.
unsafe fn resize_pages(block: NonNull<u8>, bytes: usize) -> Result<NonNull<u8>, Errno> {
    let Some(old) = LARGE.lock().get(block) else { corrupted() };
    let new = pages::layout(bytes, old.align()).ok_or(NO_MEMORY)?;
    if new == old {
        return Ok(block);
    }
    // The entry leaves the table before the heap may hand the old pages to somebody else; its room stays.
    LARGE.lock().take(block);
    // SAFETY: the block was allocated with the layout that the table held; the new size is one of a layout.
    let resized = unsafe { kit_iface_alloc::resize(block, old, new.size()) };
    let mut large = LARGE.lock();
    match resized {
        Ok(moved) => large.put(moved, new),
        Err(_) => large.put(block, old),
    }
    resized.map_err(|_| NO_MEMORY)
}

fn answer(result: Result<NonNull<u8>, Errno>) -> *mut c_void {
    ret(result.map(|block| block.as_ptr().cast()))
}

/// `malloc`.
pub fn malloc(bytes: size_t) -> *mut c_void {
    answer(allocate(bytes))
}

/// `calloc`.
pub fn calloc(count: size_t, bytes: size_t) -> *mut c_void {
    answer(count.checked_mul(bytes).ok_or(NO_MEMORY).and_then(|total| {
        let block = allocate(total)?;
        // SAFETY: the block is at least that long and nobody knows of it yet.
        unsafe { block.write_bytes(0, total) };
        Ok(block)
    }))
}

/// `free`.
///
/// # Safety
/// `block` is null, or came from this module and is not used any more.
pub unsafe fn free(block: *mut c_void) {
    if let Some(block) = NonNull::new(block.cast()) {
        // SAFETY: forwarded to the caller.
        unsafe { release(block) };
    }
}

/// `realloc`. The new block is aligned as `malloc` aligns.
///
/// # Safety
/// As [`free`].
pub unsafe fn realloc(block: *mut c_void, bytes: size_t) -> *mut c_void {
    let Some(old) = NonNull::new(block.cast::<u8>()) else { return malloc(bytes) };
    // SAFETY: forwarded to the caller.
    answer(unsafe {
        if is_large(old) && bytes > small::most_bytes() {
            resize_pages(old, bytes)
        } else if !is_large(old) && bytes <= small::most_bytes() {
            small::resize(old, bytes).ok_or(NO_MEMORY)
        } else {
            move_to(old, bytes)
        }
    })
}

/// Moves a small block's contents to a large one, or the other way round.
///
/// # Safety
/// `old` is live, and not used any more if this succeeds.
unsafe fn move_to(old: NonNull<u8>, bytes: usize) -> Result<NonNull<u8>, Errno> {
    // SAFETY: forwarded to the caller.
    let old_bytes = unsafe { bytes_of(old) };
    let new = allocate(bytes)?;
    // SAFETY: both blocks are live, distinct, and at least this long; then the old one is given back.
    unsafe {
        new.copy_from_nonoverlapping(old, old_bytes.min(bytes));
        release(old);
    }
    Ok(new)
}

/// `reallocarray`.
///
/// # Safety
/// As [`free`].
pub unsafe fn reallocarray(block: *mut c_void, count: size_t, bytes: size_t) -> *mut c_void {
    match count.checked_mul(bytes) {
        // SAFETY: forwarded to the caller.
        Some(total) => unsafe { realloc(block, total) },
        None => ret(Err(NO_MEMORY)),
    }
}

/// `posix_memalign`: answers the error itself.
///
/// # Safety
/// `block` is writable.
pub unsafe fn posix_memalign(block: *mut *mut c_void, align: size_t, bytes: size_t) -> c_int {
    if !align.is_power_of_two() || align < size_of::<usize>() {
        return libc::EINVAL;
    }
    match allocate_aligned(bytes, align.max(ALIGN)) {
        Ok(new) => {
            // SAFETY: forwarded to the caller.
            unsafe { block.write(new.as_ptr().cast()) };
            0
        }
        Err(errno) => errno.0,
    }
}

/// `aligned_alloc`, and `memalign` of old.
pub fn aligned_alloc(align: size_t, bytes: size_t) -> *mut c_void {
    let is_legal = align.is_power_of_two();
    answer(if is_legal { allocate_aligned(bytes, align.max(ALIGN)) } else { Err(Errno(libc::EINVAL)) })
}

/// `malloc_usable_size`.
///
/// # Safety
/// `block` is null or live.
pub unsafe fn usable_size(block: *mut c_void) -> size_t {
    // SAFETY: forwarded to the caller.
    NonNull::new(block.cast()).map_or(0, |block| unsafe { bytes_of(block) })
}
