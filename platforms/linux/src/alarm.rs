//! The timer interrupt: a POSIX timer whose signal may take the processor from a running thread.
//!
//! While nobody runs, the platform sleeps with a time-out and needs no alarm. One is programmed only while a
//! thread runs, for the nearest deadline. And because a descriptor that becomes readable interrupts nobody, a
//! second timer, which counts processor time, makes a thread that computes look at the lines now and then.
//! Nothing ticks while the image is idle.

use crate::clock::now_ns;
use crate::interrupts::{self, Fired};
use crate::mask;
use crate::signal_frame::SignalFrame;
use core::ffi::c_void;
use core::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use kit_iface_platform::hooks;
use kit_util_linux::{ClockId, create_timer, install_signal_action, send_signal, set_interval, set_timer};

/// The signals that [`on_alarm`] handles: a deadline, and a look at the lines.
pub(crate) const SIGNALS: [i32; 2] = [DEADLINE, LOOK];
const DEADLINE: i32 = libc::SIGALRM;
const LOOK: i32 = libc::SIGVTALRM;

/// How long a thread may compute while a descriptor is readable. The kernel rounds up to its own tick.
const LOOK_NS: u64 = 4_000_000;
const NEVER: u64 = u64::MAX;
const NO_TIMER: i32 = -1;

/// When `timer_expired` is due.
static DEADLINE_NS: AtomicU64 = AtomicU64::new(NEVER);
/// When the kernel's timer will raise the signal.
static PROGRAMMED_NS: AtomicU64 = AtomicU64::new(NEVER);
/// The kernel's timer, made when the first alarm is programmed.
static TIMER: AtomicI32 = AtomicI32::new(NO_TIMER);

/// Installs the handler, and learns from a first alarm how long the kernel's frames are.
pub(crate) fn install() {
    // SAFETY: the handler may run at any instruction: it looks at the mask before it touches anything, and the
    // signal stack was installed before.
    let _ = unsafe { install_signal_action(DEADLINE, on_alarm, &SIGNALS) };
    let _ = send_signal(DEADLINE);
    mask::take_note(mask::ALARM_CAME);
}

/// See `Platform::set_timer`.
pub(crate) fn set_deadline(deadline_ns: u64) {
    DEADLINE_NS.store(deadline_ns, Ordering::Relaxed);
    want();
}

/// How long the processor may sleep, in nanoseconds; `None` for ever.
pub(crate) fn sleep_ns() -> Option<u64> {
    let deadline_ns = DEADLINE_NS.load(Ordering::Relaxed);
    (deadline_ns != NEVER).then(|| deadline_ns.saturating_sub(now_ns(ClockId::Monotonic)))
}

/// Runs what is due: the deadline, then the lines that have fired. Interrupts are masked.
pub(crate) fn serve(fired: Fired) {
    let deadline_ns = DEADLINE_NS.load(Ordering::Relaxed);
    if deadline_ns != NEVER && now_ns(ClockId::Monotonic) >= deadline_ns {
        DEADLINE_NS.store(NEVER, Ordering::Relaxed);
        hooks::timer_expired();
    }
    fired.serve();
}

/// A line was attached for the first time: from now on, looks at the lines interrupt threads that compute.
pub(crate) fn begin_looks() {
    // SAFETY: as in `install`.
    let _ = unsafe { install_signal_action(LOOK, on_alarm, &SIGNALS) };
    // Without a timer, lines are served when the processor would sleep.
    if let Ok(timer) = create_timer(ClockId::Processor, LOOK) {
        let _ = set_interval(timer, LOOK_NS);
    }
}

/// A thread is going to run: makes sure that an alarm will come if something is due. Interrupts are masked.
pub(crate) fn want() {
    if DEADLINE_NS.load(Ordering::Relaxed) < PROGRAMMED_NS.load(Ordering::Relaxed) {
        mask::leave_note(mask::ALARM_WANTED);
    }
}

/// Programs the kernel's timer, if the deadline comes before what it is set to. Interrupts are masked.
pub(crate) fn program() {
    let due_ns = DEADLINE_NS.load(Ordering::Relaxed);
    if due_ns >= PROGRAMMED_NS.load(Ordering::Relaxed) {
        return;
    }
    let mut timer = TIMER.load(Ordering::Relaxed);
    if timer == NO_TIMER {
        // Without a timer nobody is interrupted; what is due is served when threads change.
        let Ok(created) = create_timer(ClockId::Monotonic, DEADLINE) else { return };
        TIMER.store(created, Ordering::Relaxed);
        timer = created;
    }
    PROGRAMMED_NS.store(due_ns, Ordering::Relaxed);
    let _ = set_timer(timer, due_ns);
}

unsafe extern "C" fn on_alarm(signal: i32, _information: *mut c_void, frame: *mut c_void) {
    if signal == DEADLINE {
        PROGRAMMED_NS.store(NEVER, Ordering::Relaxed);
    }
    if SignalFrame::saved_bytes() == 0 {
        // SAFETY: the kernel passes the frame that it has just written.
        unsafe { &*frame.cast::<SignalFrame>() }.measure();
    }
    if !mask::enter_handler() {
        mask::leave_note(mask::ALARM_CAME);
        return;
    }
    serve(interrupts::fired());
    program();
    // SAFETY: the frame is the interrupted state, interrupts are masked, and a signal needs no acknowledgement.
    unsafe { hooks::interrupt_return(frame.cast()) };
    mask::leave_handler();
}
