//! The thread control block: what the thread pointer points to.
//!
//! Thread-local storage is variant II of Drepper's "ELF Handling For Thread-Local Storage": the program's TLS
//! segment lies right below the thread pointer, and the word at the pointer is the pointer itself. The block
//! above is ours but for its first 0x30 bytes, which the x86-64 ABI gives away (0x28 is the stack canary of
//! compiled C). TLS and block are one allocation, so that a thread costs one.

use crate::threads::{create::Start, destructors::Node, keys::Values};
use crate::types::{c_int, c_void};
use core::alloc::Layout;
use core::cell::{Cell, UnsafeCell};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU32, Ordering};
use kit_iface_alloc::AllocError;

unsafe extern "C" {
    // The linker script's: the initialised part of the TLS segment, and the segment's end.
    static __tdata_start: u8;
    static __tdata_end: u8;
    static __tls_end: u8;
}

/// Alignment that the linker script gives the TLS segment, so that addresses relative to the thread pointer, as
/// the linker computed them, are those of this layout.
const TLS_ALIGN: usize = 64;

/// One thread's block. Every cell is the thread's own; what others touch is atomic.
#[repr(C, align(64))]
pub struct Tcb {
    itself: Cell<*const Tcb>,
    abi: [usize; 5],
    /// `errno`.
    pub errno: Cell<c_int>,
    /// The thread's number, once it has one.
    pub id: AtomicU32,
    /// Who still needs the block: see [`Tcb::release`].
    holders: AtomicU32,
    /// 1 once the thread's own code has ended; the key that joiners wait on.
    pub ended: AtomicU32,
    /// Where the thread begins; `None` for the first.
    pub start: Cell<Option<Start>>,
    /// The argument of `start`, then its result.
    pub value: Cell<*mut c_void>,
    /// Destructors of `thread_local!` variables, last registered first.
    pub destructors: Cell<*mut Node>,
    /// Values of `pthread_key_t` keys.
    pub keys: UnsafeCell<Values>,
    /// Bounds of the stack, lowest address and length.
    pub stack: Cell<(usize, usize)>,
    /// `sigaltstack`: lowest address and length; zero length if there is none.
    pub signal_stack: Cell<(usize, usize)>,
    /// Blocked signals, bit `n - 1` for signal `n`.
    pub signal_mask: Cell<u64>,
    /// Signals that were raised while blocked.
    pub signals_pending: Cell<u64>,
    /// What the handler of a fault is told (`siginfo_t`). Here, because a fault handler may not touch memory
    /// that is not backed yet, and this block always is.
    pub signal_info: UnsafeCell<[usize; 16]>,
    /// The fault whose handler the thread is inside of: a second one is not survived.
    pub fault: Cell<Option<kit_iface_arch::Fault>>,
}

// SAFETY: cells are touched by the owning thread only (and by its parent before it starts); the rest is atomic.
unsafe impl Sync for Tcb {}

/// The calling thread's block.
#[inline(always)]
pub fn current() -> &'static Tcb {
    let tcb: *const Tcb;
    #[cfg(target_arch = "x86_64")]
    // SAFETY: reads the word at the thread pointer, which the ABI defines to hold the thread pointer.
    unsafe {
        core::arch::asm!("mov {}, fs:[0]", out(reg) tcb, options(pure, readonly, nostack, preserves_flags))
    };
    // SAFETY: every thread of the application runs with a thread pointer made by `allocate`; its block lives
    // until the thread has left its stack for good, so it outlives every use by the thread itself.
    unsafe { &*tcb }
}

fn layout() -> (Layout, usize) {
    let tls_bytes = &raw const __tls_end as usize - &raw const __tdata_start as usize;
    let offset = tls_bytes.next_multiple_of(TLS_ALIGN);
    // SAFETY: the alignment is a power of two; a TLS segment of nearly 2^63 bytes does not link.
    (unsafe { Layout::from_size_align_unchecked(offset + size_of::<Tcb>(), TLS_ALIGN) }, offset)
}

impl Tcb {
    /// A block for a thread that has not started, with fresh thread-local variables. Two holders.
    pub fn allocate(start: Option<Start>, argument: *mut c_void) -> Result<&'static Tcb, AllocError> {
        let (layout, offset) = layout();
        let block = kit_iface_alloc::allocate(layout)?;
        let data = &raw const __tdata_start;
        let data_bytes = &raw const __tdata_end as usize - data as usize;
        // SAFETY: the block is `layout` long, which is the TLS segment and a `Tcb` behind it; the linker script
        // says where the initialised data lies. All-zero bytes are a valid `Tcb` (no thread, no pointers).
        unsafe {
            block.write_bytes(0, layout.size());
            block.as_ptr().copy_from_nonoverlapping(data, data_bytes);
            let tcb = block.add(offset).cast::<Tcb>().as_ref();
            tcb.itself.set(tcb);
            tcb.keys.get().write(Values::new());
            tcb.holders.store(2, Ordering::Relaxed);
            tcb.fault.set(None);
            tcb.start.set(start);
            tcb.value.set(argument);
            Ok(tcb)
        }
    }

    /// The value that the thread pointer register must have.
    pub fn thread_pointer(&self) -> usize {
        core::ptr::from_ref(self) as usize
    }

    /// Gives up one of the two holds: one is the running thread's, until it has left its stack; the other that
    /// of whoever may still join it. The last one frees the block.
    ///
    /// # Safety
    /// The caller owns the hold and does not touch the block any more.
    pub unsafe fn release(&self) {
        if self.holders.fetch_sub(1, Ordering::AcqRel) == 1 {
            let (layout, offset) = layout();
            // SAFETY: the block began `offset` bytes below, by `allocate`; nobody holds it any more. The key
            // values were dropped when the thread ended.
            unsafe { kit_iface_alloc::free(NonNull::from(self).cast::<u8>().sub(offset), layout) };
        }
    }
}
