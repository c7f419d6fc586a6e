//! The first instructions: PVH enters in 32-bit protected mode without paging, EBX pointing to the loader's
//! information (PVH ABI, "Boot Protocol").
//!
//! Here the image checks that it lies in memory at all, maps itself by 2 MiB pages, turns on what Rust code
//! needs (SSE, and with it the 64-bit mode) and goes to `kit_root`. Rights come later, from `tables`, in Rust.

use super::pvh::StartInfo;
#[cfg(not(test))]
use super::stacks::{FIRST_STACK_POINTER, STACKS};
#[cfg(not(test))]
use super::tables::TABLES;
use core::cell::UnsafeCell;

/// What the entry code leaves to Rust.
#[repr(C)]
struct Left {
    start_info: usize,
    tsc: u64,
}

struct Cell(UnsafeCell<Left>);

// SAFETY: written by the entry code alone, before any Rust runs.
unsafe impl Sync for Cell {}

static LEFT: Cell = Cell(UnsafeCell::new(Left { start_info: 0, tsc: 0 }));

/// The loader's information.
pub(super) fn start_info() -> *const StartInfo {
    // SAFETY: nobody writes any more.
    unsafe { (*LEFT.0.get()).start_info as *const StartInfo }
}

/// The time-stamp counter at the first instruction.
pub(crate) fn entry_tsc() -> u64 {
    // SAFETY: as above.
    unsafe { (*LEFT.0.get()).tsc }
}

#[cfg(not(test))]
unsafe extern "C" {
    /// The composed root.
    fn kit_root() -> !;
}

// Absolute 32-bit addresses do not link into the position-independent binary of the host's unit tests.
#[cfg(not(test))]
core::arch::global_asm!(
    // XEN_ELFNOTE_PHYS32_ENTRY. Eight bytes of it: QEMU reads that many from a 64-bit ELF.
    r#"
    .pushsection .note.Xen, "a", @note
    .balign 4
    .long 4, 8, 18
    .asciz "Xen"
    .quad kit_start32
    .popsection

    .pushsection .rodata.kit_start, "a", @progbits
    .balign 8
kit_start_segments:
    .quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff  // null, code (8), data (16)
kit_start_segments_pointer:
    .word 23
    .long kit_start_segments
kit_start_too_little:
    .asciz "kit: too little memory for this image: give the machine more (kit run -m)\n"
kit_start_no_loader:
    .asciz "kit: the loader is not a PVH loader\n"
kit_start_status:
    .asciz "exit 137\n"
    .popsection

    .pushsection .text.kit_start32, "ax", @progbits
    .globl kit_start32
    .type kit_start32, @function
    .code32
kit_start32:
    cld
    rdtsc
    mov dword ptr [{left} + {left_tsc}], eax
    mov dword ptr [{left} + {left_tsc} + 4], edx
    mov dword ptr [{left}], ebx
    mov esi, offset kit_start_no_loader
    cmp dword ptr [ebx], 0x336ec578
    jne 9f
    // The region of memory that the image starts in must hold all of it, .bss included.
    mov edi, [ebx + 40]                 // memory map: address, length, kind, reserved; 24 bytes each
    mov ecx, [ebx + 48]
    test ecx, ecx
    jz 3f
2:  cmp dword ptr [edi + 16], 1
    jne 4f
    cmp dword ptr [edi + 4], 0
    jne 4f
    mov eax, [edi]
    cmp eax, offset __executable_start
    ja 4f
    add eax, [edi + 8]
    mov edx, [edi + 12]
    adc edx, 0
    jnz 3f
    cmp eax, offset __executable_start
    jbe 4f
    mov esi, offset kit_start_too_little
    cmp eax, offset __image_end
    jb 9f
    jmp 3f
4:  add edi, 24
    dec ecx
    jnz 2b
    // Identity-map the image and at least 2 MiB above it, all rights, by 2 MiB pages. The tables are zero.
3:  mov ecx, offset __image_end + 0x3fffff
    shr ecx, 21
    mov edi, offset {tables} + 0x2000
    mov eax, 0x83
5:  mov [edi], eax
    add eax, 0x200000
    add edi, 8
    dec ecx
    jnz 5b
    mov dword ptr [{tables}], offset {tables} + 0x1003
    mov dword ptr [{tables} + 0x1000], offset {tables} + 0x2003
    mov eax, offset {tables}
    mov cr3, eax
    mov eax, 0x620                      // CR4: PAE, OSFXSR, OSXMMEXCPT
    mov cr4, eax
    mov ecx, 0xc0000080                 // EFER: LME, NXE
    mov eax, 0x900
    xor edx, edx
    wrmsr
    mov eax, 0x80010033                 // CR0: PG, WP, NE, ET, MP, PE; EM and TS clear
    mov cr0, eax
    lgdt [kit_start_segments_pointer]
    mov esp, offset {stacks} + {first_stack_pointer}
    push 8
    mov eax, offset kit_start64         // PUSH of a symbol would assemble with 16 bits
    push eax
    retf                                // loads the 64-bit code segment

    // ESI: why not. To the serial port, the status to `kit run`, and off.
9:  mov dx, 0x3f8
    call 6f
    mov esi, offset kit_start_status
    mov dx, 0xe9
    call 6f
    mov eax, 137
    mov dx, 0xf4
    out dx, eax
    mov ax, 0x2000
    mov dx, 0x604
    out dx, ax
    mov al, 0xfe
    out 0x64, al
7:  cli
    hlt
    jmp 7b
6:  lodsb
    test al, al
    jz 8f
    out dx, al
    jmp 6b
8:  ret

    .code64
kit_start64:
    mov eax, 16
    mov ds, eax
    mov es, eax
    mov ss, eax
    fninit
    xor ebp, ebp                        // the end of backtraces
    call {root}
    ud2
    .size kit_start32, . - kit_start32
    .popsection
    "#,
    left = sym LEFT,
    left_tsc = const core::mem::offset_of!(Left, tsc),
    tables = sym TABLES,
    stacks = sym STACKS,
    first_stack_pointer = const FIRST_STACK_POINTER,
    root = sym kit_root,
);
