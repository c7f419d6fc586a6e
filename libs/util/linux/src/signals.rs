//! Signal handlers and the stack they run on.

use crate::Errno;
use crate::raw::{syscall3, syscall6};
use core::arch::naked_asm;
use core::ffi::c_void;

/// Bytes of the kernel's signal set.
const SIGNAL_SET_BYTES: usize = 8;
/// The handler returns through [`restorer`]; the kernel refuses handlers without one on this architecture.
const SA_RESTORER: u64 = 0x0400_0000;

/// A handler as the kernel calls it: signal number, `siginfo`, and the interrupted state as its `ucontext`.
pub type SignalAction = unsafe extern "C" fn(signal: i32, information: *mut c_void, frame: *mut c_void);

/// The kernel's `struct sigaction`, which is not libc's.
#[repr(C)]
struct KernelAction {
    handler: usize,
    flags: u64,
    restorer: usize,
    mask: u64,
}

/// Installs `action` for `signal`: on the signal stack, with full information, with the signal itself and those
/// of `blocked` held back until it returns.
///
/// # Safety
/// `action` is fit to run at any instruction of this process, on the stack of [`install_signal_stack`].
pub unsafe fn install_signal_action(signal: i32, action: SignalAction, blocked: &[i32]) -> Result<(), Errno> {
    let new = KernelAction {
        handler: action as usize,
        flags: (libc::SA_ONSTACK | libc::SA_SIGINFO | libc::SA_RESTART) as u64 | SA_RESTORER,
        restorer: restorer as *const () as usize,
        mask: set_of(blocked),
    };
    let arguments = [signal as usize, (&raw const new) as usize, 0, SIGNAL_SET_BYTES, 0, 0];
    // SAFETY: the kernel reads one kernel action; the handler's fitness is the caller's promise.
    unsafe { syscall6(libc::SYS_rt_sigaction, arguments) }.map(drop)
}

/// Makes handlers run on the `bytes` from `lowest` up.
///
/// # Safety
/// The range is mapped, writable and used for nothing else for as long as the process lives.
pub unsafe fn install_signal_stack(lowest: *mut u8, bytes: usize) -> Result<(), Errno> {
    let stack = libc::stack_t { ss_sp: lowest.cast(), ss_flags: 0, ss_size: bytes };
    // SAFETY: the kernel reads one stack_t; the stack's fitness is the caller's promise.
    unsafe { syscall3(libc::SYS_sigaltstack, (&raw const stack) as usize, 0, 0) }.map(drop)
}

/// Sends `signal` to the calling thread itself.
pub fn send_signal(signal: i32) -> Result<(), Errno> {
    let (process, thread) = (crate::process_id() as usize, crate::thread_id() as usize);
    // SAFETY: what a signal does to this process was decided when its handler was installed.
    unsafe { syscall3(libc::SYS_tgkill, process, thread, signal as usize) }.map(drop)
}

/// Holds `signals` back from the calling thread.
pub fn block_signals(signals: &[i32]) -> Result<(), Errno> {
    change_mask(libc::SIG_BLOCK, signals)
}

/// Lets `signals` through again.
pub fn unblock_signals(signals: &[i32]) -> Result<(), Errno> {
    change_mask(libc::SIG_UNBLOCK, signals)
}

fn change_mask(how: i32, signals: &[i32]) -> Result<(), Errno> {
    let set = set_of(signals);
    let arguments = [how as usize, (&raw const set) as usize, 0, SIGNAL_SET_BYTES, 0, 0];
    // SAFETY: the kernel reads one signal set.
    unsafe { syscall6(libc::SYS_rt_sigprocmask, arguments) }.map(drop)
}

/// The kernel's signal set: signal n is bit n − 1.
fn set_of(signals: &[i32]) -> u64 {
    signals.iter().fold(0, |set, signal| set | 1 << (signal - 1))
}

/// Where the kernel lets handlers return to: the stack pointer is at the signal frame.
#[unsafe(naked)]
unsafe extern "C" fn restorer() {
    naked_asm!("mov eax, {}", "syscall", "ud2", const libc::SYS_rt_sigreturn)
}
