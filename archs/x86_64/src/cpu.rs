//! The block that each processor finds behind GS, and the setup of a processor.

use crate::descriptors::{CODE_SEGMENT, DATA_SEGMENT, TASK_SELECTOR, TablePointer, TaskState, task_segment};
use crate::{control, traps};
use core::arch::asm;
use core::cell::UnsafeCell;
use core::mem::offset_of;
use kit_util_x86::{cpuid, msr};

/// Bytes that the largest supported vector state takes: XSAVE's standard format up to AVX-512 (SDM volume 1,
/// table 13-1). AMX and later components stay off.
pub(crate) const SAVE_AREA_MOST: usize = 2688;
/// Components that are enabled where the processor has them: x87, SSE, AVX, AVX-512 (three).
const COMPONENTS: u32 = 0xe7;
/// What FXSAVE writes.
const FXSAVE_BYTES: usize = 512;

/// One processor's block. Assembly reads it by the offsets below; Rust goes through the methods.
#[repr(C, align(64))]
pub struct Cpu {
    /// Where an interrupt saves the vector state: the area of the thread that runs.
    save_area: *mut u8,
    /// Where the next exception saves it: moves down by [`traps::FAULT_STEP`] while one is handled.
    fault_area: *mut u8,
    /// The enabled components; zero means FXSAVE.
    components: u32,
    /// Bytes of a save area, a multiple of 64.
    save_area_bytes: u32,
    has_fsgsbase: bool,
    segments: [u64; 5],
    /// Keeps the stack pointers of `task` aligned.
    padding: u32,
    task: TaskState,
}

/// Ends of the stacks that a processor needs, each a multiple of 64. Guard pages below them are the platform's.
#[derive(Clone, Copy, Debug)]
pub struct Stacks {
    /// The stack of the caller, the boot path; its last [`Stacks::RESERVED`] bytes are unused so far.
    pub boot: usize,
    /// For interrupts: 8 KiB.
    pub interrupts: usize,
    /// For exceptions, one nested in another included: 12 KiB.
    pub faults: usize,
    /// For double faults, NMI and machine checks: 4 KiB each. These end the image.
    pub fatal: [usize; 3],
}

impl Stacks {
    /// Bytes at the end of a stack where the state of its interrupted thread goes.
    pub const RESERVED: usize = SAVE_AREA_MOST + size_of::<crate::InterruptFrame>() + 64;
}

struct BootCpu(UnsafeCell<Cpu>);

// SAFETY: a block is written while its processor is set up, then by that processor alone.
unsafe impl Sync for BootCpu {}

static BOOT_CPU: BootCpu = BootCpu(UnsafeCell::new(Cpu::new()));

impl Cpu {
    pub(crate) const SAVE_AREA: usize = offset_of!(Cpu, save_area);
    pub(crate) const FAULT_AREA: usize = offset_of!(Cpu, fault_area);
    pub(crate) const COMPONENTS: usize = offset_of!(Cpu, components);
    pub(crate) const FAULT_STACK: usize =
        offset_of!(Cpu, task) + offset_of!(TaskState, interrupt_stacks) + 8 * (traps::FAULT_STACK - 1);

    const fn new() -> Self {
        Self {
            save_area: core::ptr::null_mut(),
            fault_area: core::ptr::null_mut(),
            components: 0,
            save_area_bytes: FXSAVE_BYTES as u32,
            has_fsgsbase: false,
            segments: [0, CODE_SEGMENT, DATA_SEGMENT, 0, 0],
            padding: 0,
            task: TaskState::new(),
        }
    }

    /// Sets this processor up: vector state, block behind GS, descriptor tables, exceptions that call `H`.
    ///
    /// # Safety
    /// Once per processor, in ring 0 and long mode, interrupts masked, on a code segment with selector 8 and a
    /// data segment with selector 16. The stacks are mapped, used by nobody else, and stay for ever; all but
    /// `boot` are zero.
    pub unsafe fn start<H: traps::Exceptions>(stacks: &Stacks) {
        let this = BOOT_CPU.0.get();
        // SAFETY: nobody else uses the block yet, by the caller's word; the instructions load tables and
        // registers with values of ours that stay valid, as the block is a static.
        unsafe {
            let cpu = &mut *this;
            cpu.enable_features();
            cpu.save_area = save_area_below(stacks.boot as *mut u8, cpu.save_area_bytes as usize);
            cpu.fault_area = (stacks.faults - SAVE_AREA_MOST) as *mut u8;
            // In the order of their numbers, which start at one.
            let [double_fault, nmi, machine_check] = stacks.fatal.map(|end| end as u64);
            cpu.task.interrupt_stacks =
                [stacks.interrupts as u64, cpu.fault_area as u64, double_fault, nmi, machine_check, 0, 0];
            [cpu.segments[3], cpu.segments[4]] = task_segment(&raw const cpu.task as u64);
            let segments = TablePointer {
                limit: size_of::<[u64; 5]>() as u16 - 1,
                base: &raw const cpu.segments as u64,
            };
            asm!("lgdt [{}]", in(reg) &segments, options(readonly, nostack, preserves_flags));
            asm!("ltr {:x}", in(reg) TASK_SELECTOR, options(nostack, preserves_flags));
            msr::write(msr::GS_BASE, this as u64);
            traps::install_exceptions::<H>();
        }
    }

    /// Turns on XSAVE and FSGSBASE where the processor has them.
    ///
    /// # Safety
    /// As [`Cpu::start`].
    unsafe fn enable_features(&mut self) {
        const XSAVE: u32 = 1 << 26; // CPUID.1:ECX
        const FSGSBASE: u32 = 1; // CPUID.7.0:EBX
        if cpuid(1, 0).ecx & XSAVE == 0 {
            return;
        }
        // A processor with XSAVE has leaf 13, and so leaf 7.
        self.has_fsgsbase = cpuid(7, 0).ebx & FSGSBASE != 0;
        let fsgsbase = if self.has_fsgsbase { control::CR4_FSGSBASE } else { 0 };
        self.components = cpuid(13, 0).eax & COMPONENTS;
        // SAFETY: CPUID announced the features and components; the switches save what they add.
        unsafe {
            control::set_cr4(control::CR4_OSXSAVE | fsgsbase);
            control::set_xcr0(self.components);
        }
        // EBX counts what is enabled now.
        self.save_area_bytes = cpuid(13, 0).ebx.next_multiple_of(64);
        debug_assert!(self.save_area_bytes as usize <= SAVE_AREA_MOST);
    }

    /// Where the running thread's vector state goes when it is interrupted.
    #[inline]
    pub(crate) fn save_area() -> *mut u8 {
        let area;
        // SAFETY: GS holds this processor's block from `start` on; reads one word of it.
        unsafe {
            asm!("mov {}, gs:[{}]", out(reg) area, const Self::SAVE_AREA,
                options(nostack, readonly, preserves_flags))
        };
        area
    }

    /// Bytes of one save area.
    #[inline]
    pub(crate) fn save_area_bytes() -> usize {
        let bytes: u32;
        // SAFETY: as above.
        unsafe {
            asm!("mov {:e}, gs:[{}]", out(reg) bytes, const offset_of!(Cpu, save_area_bytes),
                options(nostack, readonly, preserves_flags))
        };
        bytes as usize
    }

    /// Whether RDFSBASE and its kind work here.
    #[inline]
    pub(crate) fn has_fsgsbase() -> bool {
        let has: u8;
        // SAFETY: as above; a bool is a byte of 0 or 1.
        unsafe {
            asm!("mov {}, gs:[{}]", out(reg_byte) has, const offset_of!(Cpu, has_fsgsbase),
                options(nostack, readonly, preserves_flags))
        };
        has != 0
    }
}

/// The save area of a thread whose stack ends at `stack_top`: below the frame that lies at the very end.
pub(crate) fn save_area_below(stack_top: *mut u8, bytes: usize) -> *mut u8 {
    stack_top.wrapping_sub(size_of::<crate::InterruptFrame>() + bytes).map_addr(|address| address & !63)
}

/// For tests: a block for this thread of the host, without what only ring 0 has.
#[cfg(test)]
pub(crate) fn pretend() {
    extern crate std;
    #[repr(align(64))]
    struct Area(#[allow(dead_code)] [u8; SAVE_AREA_MOST]);
    let mut cpu = Cpu::new();
    cpu.save_area = std::boxed::Box::into_raw(std::boxed::Box::new(Area([0; _]))).cast();
    let cpu = std::boxed::Box::into_raw(std::boxed::Box::new(cpu));
    const ARCH_PRCTL: usize = 158;
    const SET_GS: usize = 0x1001;
    let result: isize;
    // SAFETY: arch_prctl(ARCH_SET_GS); nothing else in a Linux process uses GS. RCX and R11 are the kernel's.
    unsafe {
        asm!("syscall", inlateout("rax") ARCH_PRCTL => result, in("rdi") SET_GS, in("rsi") cpu,
            out("rcx") _, out("r11") _, options(nostack))
    };
    assert_eq!(result, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stack_pointers_of_the_task_state_are_aligned() {
        assert_eq!((offset_of!(Cpu, task) + offset_of!(TaskState, interrupt_stacks)) % 8, 0);
    }

    #[test]
    fn the_reserve_holds_area_and_frame_of_any_top() {
        for top in (0x10000..0x10040).step_by(16) {
            let area = save_area_below(top as *mut u8, SAVE_AREA_MOST) as usize;
            assert_eq!(area % 64, 0);
            assert!(area + SAVE_AREA_MOST + size_of::<crate::InterruptFrame>() <= top);
            assert!(top - area <= Stacks::RESERVED);
        }
    }
}
