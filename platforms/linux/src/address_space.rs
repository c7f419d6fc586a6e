//! Mappings of the process: the host backs them lazily, so nothing is kept here.

use core::ptr::NonNull;
use kit_iface_arch::Fault;
use kit_iface_vm::{Access, FaultOutcome, PAGE_BYTES, Vm, VmError};
use kit_util_linux::{Advice, Errno, Protection, advise, map, protect, unmap};

/// The address space of the process.
pub struct AddressSpace;

impl AddressSpace {
    /// The address space of the process.
    pub const fn new() -> Self {
        Self
    }

    /// The host has resolved what could be: whatever arrives here as a fault was refused.
    pub fn resolve(&self, _fault: &Fault) -> FaultOutcome {
        FaultOutcome::Refused
    }
}

impl Vm for AddressSpace {
    fn map(&self, bytes: usize, access: Access) -> Result<NonNull<u8>, VmError> {
        let bytes = bytes.checked_next_multiple_of(PAGE_BYTES).ok_or(VmError::Exhausted)?;
        map(bytes, protection(access)).map_err(reason)
    }

    unsafe fn unmap(&self, start: NonNull<u8>, bytes: usize) -> Result<(), VmError> {
        // SAFETY: forwarded to the caller.
        unsafe { unmap(start, length(start, bytes)?) }.map_err(reason)
    }

    unsafe fn protect(&self, start: NonNull<u8>, bytes: usize, access: Access) -> Result<(), VmError> {
        // SAFETY: forwarded to the caller.
        unsafe { protect(start, length(start, bytes)?, protection(access)) }.map_err(reason)
    }

    unsafe fn discard(&self, start: NonNull<u8>, bytes: usize) -> Result<(), VmError> {
        // SAFETY: forwarded to the caller.
        unsafe { advise(start, length(start, bytes)?, Advice::DontNeed) }.map_err(reason)
    }
}

/// The length of a range, checked where the kernel would let a mistake pass.
fn length(start: NonNull<u8>, bytes: usize) -> Result<usize, VmError> {
    if bytes == 0 || !start.as_ptr().addr().is_multiple_of(PAGE_BYTES) {
        return Err(VmError::BadRange);
    }
    bytes.checked_next_multiple_of(PAGE_BYTES).ok_or(VmError::BadRange)
}

const fn protection(access: Access) -> Protection {
    match access {
        Access::None => Protection::None,
        Access::Read => Protection::Read,
        Access::ReadWrite => Protection::ReadWrite,
        Access::ReadExecute => Protection::ReadExecute,
    }
}

/// `mprotect` and `madvise` say ENOMEM for a range with holes; only `mmap` and splitting can truly run out.
fn reason(errno: Errno) -> VmError {
    if errno.0 == libc::EINVAL { VmError::BadRange } else { VmError::Exhausted }
}
