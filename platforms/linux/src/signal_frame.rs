//! What the kernel puts on the signal stack, and takes back when a handler returns: the interrupted state.
//!
//! Layout (Linux `arch/x86/include/asm/sigframe.h`, `uapi/asm/{ucontext,sigcontext}.h`): a return address, the
//! `ucontext`, the `siginfo`; and, wherever the context points to, the vector state as XSAVE wrote it. The
//! kernel finds all of it from the stack pointer at `rt_sigreturn`, so a frame may be moved: that is how an
//! interrupted thread is set aside.

use core::sync::atomic::{AtomicUsize, Ordering};

/// The kernel's `struct ucontext`: the interrupted registers.
#[repr(C)]
#[allow(missing_docs, reason = "registers have the names that the manuals give them")]
pub struct SignalFrame {
    flags: u64,
    link: u64,
    stack: [u64; 3],
    pub r8: u64,
    pub r9: u64,
    pub r10: u64,
    pub r11: u64,
    pub r12: u64,
    pub r13: u64,
    pub r14: u64,
    pub r15: u64,
    pub rdi: u64,
    pub rsi: u64,
    pub rbp: u64,
    pub rbx: u64,
    pub rdx: u64,
    pub rax: u64,
    pub rcx: u64,
    pub rsp: u64,
    pub rip: u64,
    pub rflags: u64,
    segments: [u16; 4],
    pub error: u64,
    pub trap: u64,
    old_mask: u64,
    pub cr2: u64,
    vector_state: *mut u8,
    reserved: [u64; 8],
    mask: u64,
}

/// Bytes of the return address, the context and the `siginfo`.
const HEAD_BYTES: usize = 8 + size_of::<SignalFrame>() + 128;
/// Where the vector state goes in a saved frame: it must be aligned to 64 for XRSTOR.
const VECTOR_OFFSET: usize = HEAD_BYTES.next_multiple_of(64);
/// Bytes of the vector state without XSAVE: FXSAVE's.
const LEGACY_BYTES: usize = 512;
/// In FXSAVE's unused bytes the kernel notes that more follows, and how much (`struct _fpx_sw_bytes`).
const MAGIC_OFFSET: usize = 464;
const MAGIC: u32 = 0x4650_5853;

/// Direction flag: clear at every function entry, by the ABI.
const DIRECTION: u64 = 1 << 10;

/// Bytes that [`SignalFrame::save`] needs on this processor; zero until [`SignalFrame::measure`].
static SAVED_BYTES: AtomicUsize = AtomicUsize::new(0);

impl SignalFrame {
    /// Room for one saved frame, a multiple of 64.
    pub(crate) fn saved_bytes() -> usize {
        SAVED_BYTES.load(Ordering::Relaxed)
    }

    /// Learns from a first frame how long all of this process are.
    pub(crate) fn measure(&self) {
        let bytes = (VECTOR_OFFSET + self.vector_bytes()).next_multiple_of(64);
        SAVED_BYTES.store(bytes, Ordering::Relaxed);
    }

    /// Copies the frame to `place`, from where [`resume_saved`](crate::context) continues it.
    ///
    /// # Safety
    /// The kernel has written this frame, for the handler that is running. `place` is aligned to 64 and has
    /// [`SignalFrame::saved_bytes`] bytes that nobody uses.
    pub(crate) unsafe fn save(&self, place: *mut u8) {
        let vector_state = place.wrapping_add(VECTOR_OFFSET);
        let bytes = self.vector_bytes().min(Self::saved_bytes() - VECTOR_OFFSET);
        // SAFETY: the frame begins eight bytes before the context and is as long as the kernel made it; the
        // vector state is where the context says; the caller gives the room.
        unsafe {
            let head = core::ptr::from_ref(self).cast::<u8>().sub(8);
            place.copy_from_nonoverlapping(head, HEAD_BYTES);
            vector_state.copy_from_nonoverlapping(self.vector_state, bytes);
            (*place.add(8).cast::<Self>()).vector_state = vector_state;
        }
    }

    fn vector_bytes(&self) -> usize {
        // SAFETY: the kernel has written at least FXSAVE's 512 bytes there, aligned to 64.
        let [magic, bytes] = unsafe { *self.vector_state.add(MAGIC_OFFSET).cast::<[u32; 2]>() };
        if magic == MAGIC { bytes as usize } else { LEGACY_BYTES }
    }

    /// Makes the frame resume as a call of `handler(argument0, argument1)` on a fresh stack.
    pub(crate) fn redirect(&mut self, handler: usize, argument0: usize, argument1: usize, stack_top: usize) {
        self.rip = handler as u64;
        self.rdi = argument0 as u64;
        self.rsi = argument1 as u64;
        // As after a call: the return address, which is never used, makes the stack pointer odd by eight.
        self.rsp = (stack_top as u64 & !15) - 8;
        self.rflags &= !DIRECTION;
    }
}
