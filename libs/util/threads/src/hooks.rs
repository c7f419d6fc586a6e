//! Binding the platform's hooks to a core.

/// Binds the hooks of `kit_iface_platform::hooks` to the thread core of the composed root. Once, only there.
#[macro_export]
macro_rules! use_hooks {
    ($threads:path) => {
        const _: () = {
            #[unsafe(no_mangle)]
            #[inline]
            fn __kit_timer_expired() {
                $threads.timer_expired()
            }
            #[unsafe(no_mangle)]
            #[inline]
            unsafe fn __kit_interrupt_return(frame: *mut ()) {
                // SAFETY: forwarded to the caller.
                unsafe { $threads.interrupt_return(frame) }
            }
            #[unsafe(no_mangle)]
            unsafe fn __kit_fault(frame: *mut (), fault: &::kit_iface_arch::Fault) -> bool {
                // SAFETY: forwarded to the caller.
                unsafe { $threads.fault(frame, fault) }
            }
        };
    };
}
