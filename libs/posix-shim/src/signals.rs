//! Signals, as far as a program can raise them itself: faults, `raise`, `abort`.
//!
//! There is nobody outside who could send one. Dispositions are kept, because programs ask and set them; a
//! handler runs in two cases: a thread raises the signal, or an instruction faults. The second is how `std` tells
//! a stack overflow: the processor's fault comes to the thread core, which asks [`redirect`] and continues
//! the thread in the handler, on the stack that `sigaltstack` set aside.

use crate::errno::{Errno, ret, ret_unit};
use crate::threads::tcb;
use crate::types::{c_int, c_void, pid_t, sigaction, siginfo_t, sigset_t, stack_t};
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use kit_iface_arch::{Fault, FaultKind};
use kit_iface_platform::EXIT_ABORT;
use kit_util_threads::{HasThreads, Redirect};

/// Signals are numbered 1 to 64.
const SIGNALS: usize = 64;

struct Disposition {
    handler: AtomicUsize,
    flags: AtomicU32,
}

static DISPOSITIONS: [Disposition; SIGNALS] =
    [const { Disposition { handler: AtomicUsize::new(libc::SIG_DFL), flags: AtomicU32::new(0) } }; SIGNALS];

fn disposition(signal: c_int) -> Result<&'static Disposition, Errno> {
    DISPOSITIONS.get((signal as usize).wrapping_sub(1)).ok_or(Errno(libc::EINVAL))
}

/// `sigaction`.
///
/// # Safety
/// `new` is null or readable, `old` null or writable.
pub unsafe fn action<I: HasThreads>(signal: c_int, new: *const sigaction, old: *mut sigaction) -> c_int {
    ret_unit(disposition(signal).map(|disposition| {
        // SAFETY: forwarded to the caller; all-zero bytes are a valid `sigaction`.
        unsafe {
            if !old.is_null() {
                let mut was: sigaction = core::mem::zeroed();
                was.sa_sigaction = disposition.handler.load(Ordering::Acquire);
                was.sa_flags = disposition.flags.load(Ordering::Relaxed) as c_int;
                old.write(was);
            }
            if let Some(new) = new.as_ref() {
                set::<I>(signal, disposition, new.sa_sigaction, new.sa_flags as u32);
            }
        }
    }))
}

/// `signal`.
pub fn signal<I: HasThreads>(signal: c_int, handler: usize) -> usize {
    match disposition(signal) {
        Ok(disposition) => set::<I>(signal, disposition, handler, libc::SA_RESTART as u32),
        Err(errno) => {
            crate::errno::set(errno);
            libc::SIG_ERR
        }
    }
}

fn set<I: HasThreads>(signal: c_int, disposition: &Disposition, handler: usize, flags: u32) -> usize {
    disposition.flags.store(flags, Ordering::Relaxed);
    if matches!(signal, libc::SIGSEGV | libc::SIGBUS | libc::SIGILL | libc::SIGFPE | libc::SIGTRAP) {
        I::threads().set_fault_handler(redirect::<I>);
    }
    disposition.handler.swap(handler, Ordering::AcqRel)
}

/// `sigaltstack`.
///
/// # Safety
/// `new` is null or readable, `old` null or writable; a new stack stays mapped while it is set.
pub unsafe fn alternate_stack(new: *const stack_t, old: *mut stack_t) -> c_int {
    let tcb = tcb::current();
    // SAFETY: forwarded to the caller.
    unsafe {
        if !old.is_null() {
            let (lowest, bytes) = tcb.signal_stack.get();
            let flags = if bytes == 0 { libc::SS_DISABLE } else { 0 };
            old.write(stack_t { ss_sp: lowest as *mut c_void, ss_flags: flags, ss_size: bytes });
        }
        if let Some(new) = new.as_ref() {
            let is_off = new.ss_flags & libc::SS_DISABLE != 0;
            if !is_off && new.ss_size < libc::MINSIGSTKSZ {
                return ret(Err(Errno(libc::ENOMEM)));
            }
            tcb.signal_stack.set(if is_off { (0, 0) } else { (new.ss_sp as usize, new.ss_size) });
        }
    }
    0
}

/// Which signal a fault is.
fn signal_of(fault: &Fault) -> c_int {
    match fault.kind {
        FaultKind::IllegalInstruction => libc::SIGILL,
        FaultKind::Arithmetic => libc::SIGFPE,
        FaultKind::Breakpoint => libc::SIGTRAP,
        FaultKind::Page { .. } | FaultKind::Other(_) => libc::SIGSEGV,
    }
}

/// The thread core's question after a fault of the application: the handler to continue in, if there is one.
///
/// Runs on the processor's own fault stack, with interrupts masked: it may touch nothing that is backed lazily,
/// which is why the signal's information lies in the thread's block and not on the alternate stack.
fn redirect<I: HasThreads>(fault: &Fault) -> Option<Redirect> {
    let (tcb, signal) = (tcb::current(), signal_of(fault));
    let handler = disposition(signal).ok()?.handler.load(Ordering::Acquire);
    let (lowest, bytes) = tcb.signal_stack.get();
    if handler == libc::SIG_DFL
        || handler == libc::SIG_IGN
        || bytes == 0
        || tcb.fault.replace(Some(*fault)).is_some()
    {
        return None;
    }
    // SAFETY: only the thread itself uses its words, and it is stopped here.
    let info = unsafe { &mut *tcb.signal_info.get() };
    // `siginfo_t` of x86-64: signal, errno, code (32 bits each), padding, then the fault's address.
    info.fill(0);
    info[0] = signal as usize;
    info[1] = usize::from(matches!(fault.kind, FaultKind::Page { present: true, .. })) + 1; // SEGV_MAPERR, _ACCERR
    info[2] = if matches!(fault.kind, FaultKind::Page { .. }) { fault.address } else { fault.instruction };
    Some(Redirect {
        handler: handle::<I> as *const () as usize,
        argument0: signal as usize,
        argument1: info.as_ptr() as usize,
        stack_top: (lowest as *mut u8).wrapping_add(bytes),
    })
}

/// Where a faulting thread continues: on its alternate stack. Calls the handler; one that returns asks for the
/// instruction to be tried again, which would fault again, so the image ends as it would by the default action.
extern "C" fn handle<I: HasThreads>(signal: usize, info: *mut siginfo_t) -> ! {
    deliver(signal as c_int, info);
    match tcb::current().fault.get() {
        Some(fault) => I::threads().report(&fault, false),
        // `redirect` stores the fault before it names this function.
        None => kit_iface_platform::exit(128 + signal as u8),
    }
}

/// Calls the handler of a signal, if it has one. False: it has the default action.
fn deliver(signal: c_int, info: *mut siginfo_t) -> bool {
    let Ok(disposition) = disposition(signal) else { return true };
    let handler = disposition.handler.load(Ordering::Acquire);
    let flags = disposition.flags.load(Ordering::Relaxed) as c_int;
    match handler {
        libc::SIG_DFL => return false,
        libc::SIG_IGN => return true,
        _ => {}
    }
    if flags & libc::SA_RESETHAND != 0 {
        disposition.handler.store(libc::SIG_DFL, Ordering::Release);
    }
    // SAFETY: the program installed this address as a handler with these flags, which say how it is called. The
    // three-argument form is a superset of the other under the C calling convention.
    let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = unsafe { core::mem::transmute(handler) };
    handler(signal, info, core::ptr::null_mut());
    true
}

/// `raise`, and every other way in which the program sends itself a signal.
pub fn raise(signal: c_int) -> c_int {
    if let Err(errno) = disposition(signal) {
        return ret(Err(errno));
    }
    let tcb = tcb::current();
    let bit = 1 << (signal - 1);
    if tcb.signal_mask.get() & bit != 0 && signal != libc::SIGKILL {
        tcb.signals_pending.set(tcb.signals_pending.get() | bit);
        return 0;
    }
    let mut info = [0usize; 16];
    info[0] = signal as usize;
    if !deliver(signal, info.as_mut_ptr().cast()) {
        act_by_default(signal);
    }
    0
}

fn act_by_default(signal: c_int) {
    match signal {
        libc::SIGCHLD | libc::SIGURG | libc::SIGWINCH | libc::SIGCONT => {}
        _ => kit_iface_platform::exit(128 + signal as u8),
    }
}

/// `kill`: there is one process, number 1.
pub fn kill(process: pid_t, signal: c_int) -> c_int {
    match (process, signal) {
        // This process, its group, everybody.
        (-1..=1, 0) => 0,
        (-1..=1, _) => raise(signal),
        _ => ret(Err(Errno(libc::ESRCH))),
    }
}

/// `abort`.
pub fn abort() -> ! {
    let has_handler =
        disposition(libc::SIGABRT).is_ok_and(|d| d.handler.load(Ordering::Acquire) > libc::SIG_IGN);
    if has_handler {
        deliver(libc::SIGABRT, [libc::SIGABRT as usize; 16].as_mut_ptr().cast());
    }
    kit_iface_platform::exit(EXIT_ABORT)
}

/// `sigprocmask` and `pthread_sigmask`: the latter's convention, the error itself.
///
/// # Safety
/// `new` is null or readable, `old` null or writable.
pub unsafe fn mask(how: c_int, new: *const sigset_t, old: *mut sigset_t) -> c_int {
    let tcb = tcb::current();
    let was = tcb.signal_mask.get();
    // SAFETY: forwarded to the caller; the first word of a set holds signals 1 to 64.
    let new = unsafe {
        if !old.is_null() {
            old.write_bytes(0, 1);
            old.cast::<u64>().write(was);
        }
        match new.cast::<u64>().as_ref() {
            Some(new) => *new,
            None => return 0,
        }
    };
    let now = match how {
        libc::SIG_BLOCK => was | new,
        libc::SIG_UNBLOCK => was & !new,
        libc::SIG_SETMASK => new,
        _ => return libc::EINVAL,
    };
    tcb.signal_mask.set(now);
    let mut due = tcb.signals_pending.get() & !now;
    tcb.signals_pending.set(tcb.signals_pending.get() & now);
    while due != 0 {
        let signal = due.trailing_zeros() as c_int + 1;
        due &= due - 1;
        raise(signal);
    }
    0
}

/// `sigprocmask`.
///
/// # Safety
/// As [`mask`].
pub unsafe fn process_mask(how: c_int, new: *const sigset_t, old: *mut sigset_t) -> c_int {
    // SAFETY: forwarded to the caller.
    match unsafe { mask(how, new, old) } {
        0 => 0,
        errno => ret(Err(Errno(errno))),
    }
}

/// `sigemptyset`.
///
/// # Safety
/// `set` is writable.
pub unsafe fn empty(set: *mut sigset_t) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { set.write_bytes(0, 1) };
    0
}

/// `sigfillset`.
///
/// # Safety
/// `set` is writable.
pub unsafe fn fill(set: *mut sigset_t) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { set.write_bytes(0xff, 1) };
    0
}

/// `sigaddset`.
///
/// # Safety
/// `set` was initialised.
pub unsafe fn add(set: *mut sigset_t, signal: c_int) -> c_int {
    // SAFETY: forwarded to the caller; the first word holds signals 1 to 64.
    ret_unit(disposition(signal).map(|_| unsafe { *set.cast::<u64>() |= 1 << (signal - 1) }))
}

/// `sigdelset`.
///
/// # Safety
/// `set` was initialised.
pub unsafe fn delete(set: *mut sigset_t, signal: c_int) -> c_int {
    // SAFETY: as for `add`.
    ret_unit(disposition(signal).map(|_| unsafe { *set.cast::<u64>() &= !(1 << (signal - 1)) }))
}

/// `sigismember`.
///
/// # Safety
/// `set` was initialised.
pub unsafe fn contains(set: *const sigset_t, signal: c_int) -> c_int {
    // SAFETY: as for `add`.
    ret(disposition(signal).map(|_| unsafe { (*set.cast::<u64>() >> (signal - 1) & 1) as c_int }))
}

/// `pause`: no signal comes from outside, so this never returns.
pub fn pause() -> c_int {
    loop {
        kit_iface_sched::sleep_until(kit_iface_sched::NO_DEADLINE);
    }
}

/// Exports the group `signals`.
#[macro_export]
macro_rules! export_signals {
    ($image:ty) => {
        $crate::c_names! {
            fn sigaction(signal: c_int, new: *const sigaction, old: *mut sigaction) -> c_int = $crate::signals::action::<$image>;
            fn signal(signal: c_int, handler: size_t) -> size_t = $crate::signals::signal::<$image>;
            fn sigaltstack(new: *const stack_t, old: *mut stack_t) -> c_int = $crate::signals::alternate_stack;
            fn sigprocmask(how: c_int, new: *const sigset_t, old: *mut sigset_t) -> c_int = $crate::signals::process_mask;
            fn pthread_sigmask(how: c_int, new: *const sigset_t, old: *mut sigset_t) -> c_int = $crate::signals::mask;
            fn sigemptyset(set: *mut sigset_t) -> c_int = $crate::signals::empty;
            fn sigfillset(set: *mut sigset_t) -> c_int = $crate::signals::fill;
            fn sigaddset(set: *mut sigset_t, signal: c_int) -> c_int = $crate::signals::add;
            fn sigdelset(set: *mut sigset_t, signal: c_int) -> c_int = $crate::signals::delete;
            fn sigismember(set: *const sigset_t, signal: c_int) -> c_int = $crate::signals::contains;
            fn raise(signal: c_int) -> c_int = $crate::signals::raise;
            fn kill(process: pid_t, signal: c_int) -> c_int = $crate::signals::kill;
            fn abort() -> ! = $crate::signals::abort;
            fn pause() -> c_int = $crate::signals::pause;
        }
    };
}
