//! Synchronous signals as processor faults.
//!
//! The kernel tells in the signal frame what the processor told it: trap number, error code and CR2 (Intel
//! SDM volume 3, 6.15), so the decoding is the same as on bare metal. Handlers run on a stack of their own,
//! because the thread's may be what overflowed. Alarms are held back meanwhile: they share that stack.

use crate::signal_frame::SignalFrame;
use crate::{alarm, mask};
use core::ffi::c_void;
use kit_iface_arch::{Fault, FaultKind};
use kit_iface_platform::hooks;
use kit_util_linux::{Protection, exit_group, install_signal_action, install_signal_stack, map, protect};

/// Room for the kernel's frame (up to 11 KiB with AMX) and for the report.
const STACK_BYTES: usize = 64 * 1024;
const GUARD_BYTES: usize = 4096;

const SIGNALS: [i32; 5] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP];

/// Makes faults arrive at the hook of the thread core, and provides the stack for all handlers.
pub(crate) fn install() {
    let Ok(stack) = map(GUARD_BYTES + STACK_BYTES, Protection::ReadWrite) else { return };
    // SAFETY: the mapping was made above and is given to the signal stack for good; the handler looks only at
    // what the kernel hands it and may run anywhere.
    unsafe {
        let _ = protect(stack, GUARD_BYTES, Protection::None);
        let _ = install_signal_stack(stack.add(GUARD_BYTES).as_ptr(), STACK_BYTES);
        for signal in SIGNALS {
            let _ = install_signal_action(signal, on_fault, &alarm::SIGNALS);
        }
    }
}

unsafe extern "C" fn on_fault(signal: i32, _information: *mut c_void, frame: *mut c_void) {
    // SAFETY: the kernel passes the frame that it has just written, and reads it again when this returns.
    let fault = decode(unsafe { &*frame.cast::<SignalFrame>() });
    let state = mask::mask_interrupts();
    // SAFETY: as above: it is the faulting state.
    if !unsafe { hooks::fault(frame.cast(), &fault) } {
        // The hook reports and ends the image; if it has not, returning would fault for ever.
        exit_group(128 + signal as u8);
    }
    // SAFETY: the state is that of the line above. The kernel blocks alarms until this returns.
    unsafe { mask::restore_interrupts(state) };
}

fn decode(frame: &SignalFrame) -> Fault {
    let kind = match frame.trap {
        0 | 16 | 19 => FaultKind::Arithmetic,
        3 => FaultKind::Breakpoint,
        6 => FaultKind::IllegalInstruction,
        14 => FaultKind::Page {
            present: frame.error & 1 != 0,
            write: frame.error & 2 != 0,
            execute: frame.error & 16 != 0,
        },
        other => FaultKind::Other(other as u8),
    };
    let address = if frame.trap == 14 { frame.cr2 as usize } else { 0 };
    Fault {
        kind,
        instruction: frame.rip as usize,
        stack_pointer: frame.rsp as usize,
        frame_pointer: frame.rbp as usize,
        address,
    }
}
