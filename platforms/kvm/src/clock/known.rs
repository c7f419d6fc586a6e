//! The rate as the hypervisor or the processor states it.

use super::scale::Scale;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, Ordering};
use kit_util_x86::{cpuid, msr};

/// CPUID.1:ECX: the leaves from 0x40000000 on are the hypervisor's.
const HYPERVISOR: u32 = 1 << 31;
const HYPERVISOR_LEAVES: u32 = 0x4000_0000;
/// "KVMKVMKVM" in EBX, ECX, EDX (Linux, Documentation/virt/kvm/x86/cpuid.rst).
const KVM: [u32; 3] = [0x4b4d_564b, 0x564b_4d56, 0x4d];
/// Leaf of KVM's features; bit 3: the clock at the MSR below.
const KVM_FEATURES: u32 = 0x4000_0001;
const KVM_CLOCK: u32 = 1 << 3;
/// MSR_KVM_SYSTEM_TIME_NEW (Linux, Documentation/virt/kvm/x86/msr.rst).
const KVM_CLOCK_ADDRESS: u32 = 0x4b56_4d01;
/// VMware's leaf, which QEMU offers too: EAX is the TSC's kHz.
const TIMING: u32 = 0x4000_0010;
/// Intel's leaf: the TSC as a ratio of the crystal's hertz.
const CRYSTAL: u32 = 0x15;

/// The rate, if somebody knows it.
pub(super) fn scale() -> Option<Scale> {
    if cpuid(1, 0).ecx & HYPERVISOR != 0 {
        let leaves = cpuid(HYPERVISOR_LEAVES, 0);
        let is_kvm = [leaves.ebx, leaves.ecx, leaves.edx] == KVM;
        if is_kvm && cpuid(KVM_FEATURES, 0).eax & KVM_CLOCK != 0 {
            return Some(kvmclock());
        }
        if leaves.eax >= TIMING
            && let Some(scale) = Scale::from_khz(cpuid(TIMING, 0).eax.into())
        {
            return Some(scale);
        }
    }
    if cpuid(0, 0).eax < CRYSTAL {
        return None;
    }
    let crystal = cpuid(CRYSTAL, 0);
    let hertz = (u64::from(crystal.ecx) * u64::from(crystal.ebx)).checked_div(crystal.eax.into())?;
    Scale::from_khz(hertz / 1000)
}

/// KVM's `pvclock_vcpu_time_info`.
#[repr(C, align(32))]
struct TimeInfo {
    /// Odd while KVM writes.
    version: AtomicU32,
    padding: u32,
    tsc: u64,
    system_ns: u64,
    multiplier: AtomicU32,
    /// Shift in the low byte, flags in the next.
    shift_and_flags: AtomicU32,
}

struct Shared(UnsafeCell<TimeInfo>);

// SAFETY: what is read of it is atomic.
unsafe impl Sync for Shared {}

static TIME_INFO: Shared = Shared(UnsafeCell::new(TimeInfo {
    version: AtomicU32::new(0),
    padding: 0,
    tsc: 0,
    system_ns: 0,
    multiplier: AtomicU32::new(0),
    shift_and_flags: AtomicU32::new(0),
}));

/// Lets KVM write its clock's parameters once, and takes the rate from them.
fn kvmclock() -> Scale {
    // SAFETY: KVM announced the register. It writes the structure when this processor next enters the guest,
    // which is before the instruction after WRMSR, and at later entries until zero is written.
    unsafe {
        msr::write(KVM_CLOCK_ADDRESS, TIME_INFO.0.get() as u64 | 1);
        let info = &*TIME_INFO.0.get();
        let scale = loop {
            let version = info.version.load(Ordering::Acquire);
            let multiplier = info.multiplier.load(Ordering::Acquire);
            let shift = info.shift_and_flags.load(Ordering::Acquire) as u8 as i8;
            if version & 1 == 0 && version == info.version.load(Ordering::Acquire) {
                break Scale::from_kvmclock(multiplier, shift);
            }
            core::hint::spin_loop();
        };
        msr::write(KVM_CLOCK_ADDRESS, 0);
        scale
    }
}
