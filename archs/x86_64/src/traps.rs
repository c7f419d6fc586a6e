//! From an interrupt or exception to Rust and back.
//!
//! Every gate names an interrupt stack, so the processor pushes nothing below the interrupted stack pointer.
//! The entry pushes the general registers, saves the vector state and calls the platform:
//! its [`Exceptions`] or its [`Interrupts`].
//!
//! | stack | for | vector state saved to |
//! |---|---|---|
//! | [`INTERRUPT_STACK`] | devices and the timer, masked throughout, never nested | the interrupted thread's save area |
//! | [`FAULT_STACK`] | exceptions, wherever they strike | the end of the fault stack |
//! | three more | double fault, NMI, machine check: never resumed | nowhere |
//!
//! While an exception is handled, stack and area move down by [`FAULT_STEP`]: the handler may itself touch
//! memory that is not there yet (a signal stack, a thread's book-keeping), and that second page fault must not
//! overwrite the first one's frame.

use crate::InterruptFrame;
use crate::cpu::Cpu;
use crate::descriptors::{TablePointer, gate};
use core::arch::{asm, naked_asm};
use core::cell::UnsafeCell;

/// Interrupt stack of devices and the timer.
pub(crate) const INTERRUPT_STACK: usize = 1;
/// Interrupt stack of exceptions.
pub(crate) const FAULT_STACK: usize = 2;
pub(crate) const DOUBLE_FAULT_STACK: usize = 3;
pub(crate) const NMI_STACK: usize = 4;
pub(crate) const MACHINE_CHECK_STACK: usize = 5;

/// How far the fault stack moves while an exception is handled.
pub const FAULT_STEP: usize = 6 * 1024;
/// First vector of devices; those below are the processor's exceptions.
pub const FIRST_INTERRUPT: u8 = 32;
/// One more than the last vector.
pub const VECTORS: usize = 64;

const DOUBLE_FAULT: usize = 8;
const NMI: usize = 2;
const MACHINE_CHECK: usize = 18;
/// Exceptions for which the processor pushes an error code (SDM volume 3, table 6-1).
const WITH_ERROR_CODE: u32 = 0x6022_7d00;

/// What a platform does with exceptions.
pub trait Exceptions {
    /// An exception; `address` is CR2. Interrupts are masked and stay so. Returning resumes `frame`, as the
    /// handler left it. Does not return for double faults, NMI and machine checks.
    extern "C" fn exception(frame: &mut InterruptFrame, address: usize);
}

/// What a platform does with interrupts.
pub trait Interrupts {
    /// An interrupt of vector `frame.vector`. Interrupts are masked and stay so. May leave for good by switching
    /// threads.
    extern "C" fn interrupt(frame: &mut InterruptFrame);
}

#[repr(C, align(16))]
struct Gates(UnsafeCell<[[u64; 2]; VECTORS]>);

// SAFETY: written by the boot processor before it can take a trap, then only read, by processors.
unsafe impl Sync for Gates {}

static GATES: Gates = Gates(UnsafeCell::new([[0; 2]; VECTORS]));

/// Fills the gates of exceptions and loads the table.
///
/// # Safety
/// As [`Cpu::start`], of which this is the last step.
pub(crate) unsafe fn install_exceptions<H: Exceptions>() {
    // SAFETY: by the caller, nobody else looks at the gates now, and what they point to stays.
    unsafe {
        let gates = &mut *GATES.0.get();
        fill(&mut gates[..FIRST_INTERRUPT as usize], exception_stubs::<H> as *const () as u64, FAULT_STACK);
        gates[DOUBLE_FAULT] =
            gate(fatal::<H, DOUBLE_FAULT, true> as *const () as u64, DOUBLE_FAULT_STACK as u64);
        gates[NMI] = gate(fatal::<H, NMI, false> as *const () as u64, NMI_STACK as u64);
        gates[MACHINE_CHECK] =
            gate(fatal::<H, MACHINE_CHECK, false> as *const () as u64, MACHINE_CHECK_STACK as u64);
        let pointer = TablePointer { limit: size_of::<Gates>() as u16 - 1, base: GATES.0.get() as u64 };
        asm!("lidt [{}]", in(reg) &pointer, options(readonly, nostack, preserves_flags));
    }
}

/// Fills the gates of interrupts. Apart from the exceptions' so that an image without interrupts carries nothing
/// of them: a platform calls this when it first turns on an interrupt controller.
///
/// # Safety
/// Once, after [`Cpu::start`], interrupts masked, and before a controller may raise one.
pub unsafe fn install_interrupts<H: Interrupts>() {
    // SAFETY: by the caller, the processor looks at none of these gates yet.
    let gates = unsafe { &mut *GATES.0.get() };
    fill(&mut gates[FIRST_INTERRUPT as usize..], interrupt_stubs::<H> as *const () as u64, INTERRUPT_STACK);
}

/// Points consecutive gates to consecutive stubs.
fn fill(gates: &mut [[u64; 2]], first_stub: u64, stack: usize) {
    let mut stub = first_stub;
    for place in gates {
        *place = gate(stub, stack as u64);
        stub += STUB_BYTES;
    }
}

/// Bytes of one stub: PUSH imm8, JMP rel32, a byte of padding.
const STUB_BYTES: u64 = 8;

/// Defines the assembler's macro for one stub: pushes the vector's number and goes to the entry for its kind.
macro_rules! define_stub {
    () => {
        ".macro kit_stub target
         .byte 0x6a, kit_vector
         .byte 0xe9
         .long \\target - . - 4
         .byte 0x90
         .set kit_vector, kit_vector + 1
         .endm"
    };
}

/// One stub per exception.
#[unsafe(naked)]
extern "C" fn exception_stubs<H: Exceptions>() {
    naked_asm!(
        define_stub!(),
        ".set kit_vector, 0",
        ".rept {first_interrupt}",
        ".if ({with_error_code} >> kit_vector) & 1",
        "kit_stub {with_error}",
        ".else",
        "kit_stub {without_error}",
        ".endif",
        ".endr",
        ".purgem kit_stub",
        first_interrupt = const FIRST_INTERRUPT,
        with_error_code = const WITH_ERROR_CODE,
        with_error = sym exception_with_error::<H>,
        without_error = sym exception_without_error::<H>,
    )
}

/// One stub per interrupt.
#[unsafe(naked)]
extern "C" fn interrupt_stubs<H: Interrupts>() {
    naked_asm!(
        define_stub!(),
        ".set kit_vector, {first_interrupt}",
        ".rept {vectors} - {first_interrupt}",
        "kit_stub {interrupt}",
        ".endr",
        ".purgem kit_stub",
        first_interrupt = const FIRST_INTERRUPT,
        vectors = const VECTORS,
        interrupt = sym interrupt::<H>,
    )
}

/// The fifteen general registers, after vector and error code; then the direction flag as the ABI wants it.
macro_rules! push_registers {
    () => {
        "push rax
         push rbx
         push rcx
         push rdx
         push rsi
         push rdi
         push rbp
         push r8
         push r9
         push r10
         push r11
         push r12
         push r13
         push r14
         push r15
         cld"
    };
}

/// Saves the vector state to the area at RBX; changes RAX and RDX.
macro_rules! save_vectors {
    () => {
        "mov eax, gs:[{components}]
         xor edx, edx
         test eax, eax
         jz 2f
         xsave64 [rbx]
         jmp 3f
         2: fxsave64 [rbx]
         3:"
    };
}

#[unsafe(naked)]
extern "C" fn interrupt<H: Interrupts>() {
    naked_asm!(
        "push qword ptr [rsp]", // no error code: a copy of the vector keeps frames alike
        push_registers!(),
        "mov rbx, gs:[{save_area}]",
        save_vectors!(),
        "mov rdi, rsp",
        "call {handler}",
        "jmp {restore_frame}", // RBX is the area still
        save_area = const Cpu::SAVE_AREA,
        components = const Cpu::COMPONENTS,
        handler = sym H::interrupt,
        restore_frame = sym restore_frame,
    )
}

#[unsafe(naked)]
extern "C" fn exception_without_error<H: Exceptions>() {
    naked_asm!("push qword ptr [rsp]", "jmp {}", sym exception_with_error::<H>)
}

#[unsafe(naked)]
extern "C" fn exception_with_error<H: Exceptions>() {
    naked_asm!(
        push_registers!(),
        "mov rbx, gs:[{fault_area}]",
        "lea rax, [rbx - {step}]",
        "mov gs:[{fault_area}], rax",
        "sub qword ptr gs:[{fault_stack}], {step}",
        save_vectors!(),
        "mov rdi, rsp",
        "mov rsi, cr2",
        "call {handler}",
        "add qword ptr gs:[{fault_stack}], {step}",
        "mov gs:[{fault_area}], rbx",
        "jmp {restore_frame}",
        fault_area = const Cpu::FAULT_AREA,
        fault_stack = const Cpu::FAULT_STACK,
        step = const FAULT_STEP,
        components = const Cpu::COMPONENTS,
        handler = sym H::exception,
        restore_frame = sym restore_frame,
    )
}

/// Entry of an exception that ends the image: the vector state is of no more use.
#[unsafe(naked)]
extern "C" fn fatal<H: Exceptions, const VECTOR: usize, const HAS_ERROR_CODE: bool>() {
    naked_asm!(
        ".if {has_error_code} == 0",
        "push 0",
        ".endif",
        "push {vector}",
        push_registers!(),
        "mov rdi, rsp",
        "mov rsi, cr2",
        "call {handler}",
        "ud2",
        has_error_code = const HAS_ERROR_CODE as usize,
        vector = const VECTOR,
        handler = sym H::exception,
    )
}

/// Resumes what an [`InterruptFrame`] at RSP describes, with the vector state of the area at RBX. Not a function
/// to call: the switches and the entries above jump here, interrupts masked.
#[unsafe(naked)]
pub(crate) extern "C" fn restore_frame() -> ! {
    naked_asm!(
        "mov eax, gs:[{components}]",
        "xor edx, edx",
        "test eax, eax",
        "jz 2f",
        "xrstor64 [rbx]",
        "jmp 3f",
        "2: fxrstor64 [rbx]",
        "3: pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop r11",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rbp",
        "pop rdi",
        "pop rsi",
        "pop rdx",
        "pop rcx",
        "pop rbx",
        "pop rax",
        "add rsp, 16", // vector and error code
        "iretq",
        components = const Cpu::COMPONENTS,
    )
}
