//! What a platform calls when the processor is interrupted: bound by the thread core of the composed root.
//!
//! Frames are passed as `*mut ()`, because a platform is compiled before the root fixes the architecture; each
//! is an `Arch::InterruptFrame` of the platform's own architecture.

use kit_iface_arch::Fault;

unsafe extern "Rust" {
    safe fn __kit_timer_expired();
    fn __kit_interrupt_return(frame: *mut ());
    fn __kit_fault(frame: *mut (), fault: &Fault) -> bool;
}

/// The deadline of [`set_timer`](crate::Platform::set_timer) has passed. Interrupts are masked.
#[inline]
pub fn timer_expired() {
    __kit_timer_expired();
}

/// The last step of every interrupt: lets another thread continue instead of the interrupted one, in which
/// case this does not return.
///
/// # Safety
/// `frame` is the interrupted state as the architecture's entry code saved it; interrupts are masked, and
/// the interrupt has been acknowledged at the controller.
#[inline]
pub unsafe fn interrupt_return(frame: *mut ()) {
    // SAFETY: forwarded to the caller.
    unsafe { __kit_interrupt_return(frame) }
}

/// A synchronous fault that the address space did not resolve. Returns true if `frame` was changed so that
/// resuming it runs the application's own handler; otherwise the image ends here, with a report.
///
/// # Safety
/// `frame` is the faulting state as the architecture's entry code saved it; interrupts are masked.
#[inline]
pub unsafe fn fault(frame: *mut (), fault: &Fault) -> bool {
    // SAFETY: forwarded to the caller.
    unsafe { __kit_fault(frame, fault) }
}
