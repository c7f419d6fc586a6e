//! A processor that nobody runs on: for host tests of code that only needs the type.

use crate::{Arch, Entry};

/// Has contexts that remember how they were made and cannot be switched to.
pub struct FakeArch;

/// What [`FakeArch`] was asked to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FakeContext {
    /// The argument of the entry; zero for the boot context.
    pub argument: usize,
}

// SAFETY: no context is ever resumed, so there is nothing to keep.
unsafe impl Arch for FakeArch {
    const PAGE_BYTES: usize = 4096;
    const STACK_ALIGN: usize = 16;
    type Context = FakeContext;
    type InterruptFrame = ();

    unsafe fn new_context(_stack_top: *mut u8, _entry: Entry, argument: usize) -> FakeContext {
        FakeContext { argument }
    }

    fn boot_context() -> FakeContext {
        FakeContext { argument: 0 }
    }

    unsafe fn switch(_from: *mut FakeContext, _to: *mut FakeContext) {
        unreachable!("a fake processor runs nothing")
    }

    unsafe fn resume(_to: *mut FakeContext) -> ! {
        unreachable!("a fake processor runs nothing")
    }

    unsafe fn switch_from_interrupt(_frame: *mut (), _from: *mut FakeContext, _to: *mut FakeContext) -> ! {
        unreachable!("a fake processor is not interrupted")
    }

    unsafe fn set_thread_pointer(_pointer: usize) {}

    fn thread_pointer() -> usize {
        0
    }

    unsafe fn redirect(_: *mut (), _: usize, _: usize, _: usize, _: *mut u8) {
        unreachable!("a fake processor does not fault")
    }

    fn backtrace(_frame_pointer: usize, _is_mapped: &dyn Fn(usize) -> bool, _visit: &mut dyn FnMut(usize)) {}
}
