//! Sorts interrupts and exceptions.

use crate::{apic, exit, space, timer};
use kit_arch_x86_64::InterruptFrame;
use kit_arch_x86_64::traps::Handlers;
use kit_iface_arch::FaultKind;
use kit_iface_console::log_str;
use kit_iface_platform::{EXIT_FAULT, hooks, out_of_memory};
use kit_iface_vm::FaultOutcome;

/// Vector of the timer; devices follow.
pub(crate) const TIMER_VECTOR: u8 = kit_arch_x86_64::traps::FIRST_INTERRUPT;
/// Vector that a controller raises when an interrupt vanished meanwhile; wants no acknowledgement. Its low four
/// bits are ones, as old controllers fix them (SDM volume 3, 11.9).
pub(crate) const SPURIOUS_VECTOR: u8 = kit_arch_x86_64::traps::VECTORS as u8 - 1;

const NMI: usize = 2;
const DOUBLE_FAULT: usize = 8;
const MACHINE_CHECK: usize = 18;

/// The platform's handlers.
pub(crate) struct Traps;

impl Handlers for Traps {
    extern "C" fn interrupt(frame: &mut InterruptFrame) {
        let vector = frame.vector as u8;
        if vector != SPURIOUS_VECTOR {
            if vector == TIMER_VECTOR {
                timer::expired();
            } else {
                apic::dispatch(vector);
            }
            apic::local::end_of_interrupt();
        }
        // SAFETY: this is the frame that the entry code saved; interrupts are masked, and acknowledged.
        unsafe { hooks::interrupt_return((&raw mut *frame).cast()) }
    }

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
