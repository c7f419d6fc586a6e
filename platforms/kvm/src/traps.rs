//! Sorts exceptions: page faults that redeem a promise, faults of the application or the OS, and the end.

use crate::{exit, space};
use kit_arch_x86_64::InterruptFrame;
use kit_arch_x86_64::traps::Exceptions;
use kit_iface_arch::FaultKind;
use kit_iface_console::log_str;
use kit_iface_platform::{EXIT_FAULT, hooks, out_of_memory};
use kit_iface_vm::FaultOutcome;

const NMI: usize = 2;
const DOUBLE_FAULT: usize = 8;
const MACHINE_CHECK: usize = 18;

/// The platform's handler.
pub(crate) struct Traps;

impl Exceptions for Traps {
    extern "C" fn exception(frame: &mut InterruptFrame, address: usize) {
        let fault = frame.fault(address);
        if let FaultKind::Page { .. } = fault.kind {
            match space::resolve(&fault, frame.had_interrupts_enabled()) {
                FaultOutcome::Resolved => return,
                FaultOutcome::OutOfMemory => {
                    log_str("kit: out of memory: nothing is left to back a stack or mapping\n");
                    out_of_memory();
                }
                FaultOutcome::Refused => {}
            }
        }
        match frame.vector {
            NMI => fatal("nmi", "kit: non-maskable interrupt\n", frame),
            DOUBLE_FAULT => fatal("double-fault", "kit: double fault: a stack of the OS overflowed\n", frame),
            MACHINE_CHECK => fatal("machine-check", "kit: machine check\n", frame),
            _ => {
                // SAFETY: the frame that the entry code saved; interrupts are masked.
                unsafe { hooks::fault((&raw mut *frame).cast(), &fault) };
            }
        }
    }
}

#[cold]
fn fatal(kind: &str, message: &str, frame: &InterruptFrame) -> ! {
    log_str(message);
    exit::report_fault(kind, &[frame.rip]);
    exit::exit(EXIT_FAULT)
}
