//! The interrupted state, as the trap entry pushes it.

use crate::paging::error;
use kit_iface_arch::{Fault, FaultKind};

/// All general registers of interrupted code, lowest address first. The processor pushes the last five words
/// (and, for some exceptions, the error code); [`crate::traps`] pushes the rest.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs)] // Fifteen of the fields are registers, which their names say.
pub struct InterruptFrame {
    pub r15: usize,
    pub r14: usize,
    pub r13: usize,
    pub r12: usize,
    pub r11: usize,
    pub r10: usize,
    pub r9: usize,
    pub r8: usize,
    pub rbp: usize,
    pub rdi: usize,
    pub rsi: usize,
    pub rdx: usize,
    pub rcx: usize,
    pub rbx: usize,
    pub rax: usize,
    /// Number of the interrupt or exception.
    pub vector: usize,
    /// The processor's error code; a copy of the vector where there is none.
    pub error: usize,
    /// Address of the instruction that runs next.
    pub rip: usize,
    /// Code segment.
    pub cs: usize,
    /// Flags.
    pub rflags: usize,
    /// Stack pointer.
    pub rsp: usize,
    /// Stack segment.
    pub ss: usize,
}

/// RFLAGS.DF: string instructions count down. The ABI wants it clear at a call.
const DIRECTION: usize = 1 << 10;

impl InterruptFrame {
    /// Whether the interrupted code could be interrupted.
    pub fn had_interrupts_enabled(&self) -> bool {
        self.rflags & crate::interrupts::INTERRUPTS_ENABLED != 0
    }

    /// Decodes an exception; `address` is CR2.
    pub fn fault(&self, address: usize) -> Fault {
        let kind = match self.vector {
            0 | 16 | 19 => FaultKind::Arithmetic,
            3 => FaultKind::Breakpoint,
            6 => FaultKind::IllegalInstruction,
            14 => FaultKind::Page {
                write: self.error & error::WRITE != 0,
                execute: self.error & error::EXECUTE != 0,
                present: self.error & error::PRESENT != 0,
            },
            other => FaultKind::Other(other as u8),
        };
        let address = if self.vector == 14 { address } else { 0 };
        Fault { kind, instruction: self.rip, stack_pointer: self.rsp, frame_pointer: self.rbp, address }
    }

    /// Makes the frame continue in `handler(argument0, argument1)` on `stack_top`. Nothing is written to that
    /// stack, which may not be backed yet: the handler finds no return address.
    pub fn redirect(&mut self, handler: usize, argument0: usize, argument1: usize, stack_top: usize) {
        self.rip = handler;
        self.rdi = argument0;
        self.rsi = argument1;
        self.rdx = 0;
        self.rbp = 0;
        // As after a CALL: one word below a multiple of 16.
        self.rsp = (stack_top & !15) - 8;
        self.rflags &= !DIRECTION;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_a_whole_number_of_stack_units() {
        assert_eq!(size_of::<InterruptFrame>(), 22 * 8);
        assert_eq!(size_of::<InterruptFrame>() % 16, 0);
    }

    #[test]
    fn a_page_fault_is_decoded() {
        let frame =
            InterruptFrame { vector: 14, error: 0b10011, rip: 1, rsp: 2, rbp: 3, ..Default::default() };
        let fault = frame.fault(0x1234);
        assert_eq!(fault.kind, FaultKind::Page { write: true, execute: true, present: true });
        assert_eq!(
            (fault.instruction, fault.stack_pointer, fault.frame_pointer, fault.address),
            (1, 2, 3, 0x1234)
        );
    }

    #[test]
    fn other_exceptions_carry_no_address() {
        for (vector, kind) in [
            (0, FaultKind::Arithmetic),
            (3, FaultKind::Breakpoint),
            (6, FaultKind::IllegalInstruction),
            (13, FaultKind::Other(13)),
        ] {
            let fault = InterruptFrame { vector, error: 2, ..Default::default() }.fault(0x1234);
            assert_eq!((fault.kind, fault.address), (kind, 0));
        }
    }

    #[test]
    fn a_redirected_frame_looks_like_a_call() {
        let mut frame = InterruptFrame { rflags: DIRECTION | 0x202, ..Default::default() };
        frame.redirect(1, 2, 3, 0x1009);
        assert_eq!((frame.rip, frame.rdi, frame.rsi, frame.rsp), (1, 2, 3, 0xff8));
        assert_eq!(frame.rflags, 0x202);
    }
}
