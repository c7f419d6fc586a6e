//! The local APIC: acknowledgement, and the timer (SDM volume 3, chapter 11).

use super::{Controllers, SPURIOUS_VECTOR, TIMER_VECTOR};
use crate::{boot, clock};
use core::arch::asm;
use core::sync::atomic::{AtomicU8, Ordering};
use kit_iface_platform::out_of_memory;
use kit_util_x86::{cpuid, msr};

/// Address of the registers, and of messages.
pub(crate) const BASE: usize = 0xfee0_0000;

const ID: usize = 0x20;
const END_OF_INTERRUPT: usize = 0xb0;
const SPURIOUS: usize = 0xf0;
const TIMER: usize = 0x320;
const INITIAL_COUNT: usize = 0x380;
const CURRENT_COUNT: usize = 0x390;
const DIVISOR: usize = 0x3e0;

const SOFTWARE_ENABLE: u32 = 1 << 8;
const MASKED: u32 = 1 << 16;
const DEADLINE_MODE: u32 = 0b10 << 17;
const DIVIDE_BY_ONE: u32 = 0b1011;
/// CPUID.1:ECX: the timer takes TSC values.
const TSC_DEADLINE: u32 = 1 << 24;

const OFF: u8 = 0;
const ONE_SHOT: u8 = 1;
const DEADLINE: u8 = 2;
/// The timer's mode; [`OFF`] until [`enable`].
static MODE: AtomicU8 = AtomicU8::new(OFF);

fn read(register: usize) -> u32 {
    // SAFETY: `enable` has mapped the registers; every caller ran it first.
    unsafe { ((BASE + register) as *const u32).read_volatile() }
}

fn write(register: usize, value: u32) {
    // SAFETY: as above; these registers have no effect on memory.
    unsafe { ((BASE + register) as *mut u32).write_volatile(value) }
}

/// Turns the controller on, once; returns its number. Interrupts are masked.
pub(crate) fn enable() -> u8 {
    if MODE.load(Ordering::Relaxed) == OFF {
        set_up();
    }
    (read(ID) >> 24) as u8
}

#[cold]
fn set_up() {
    if boot::map_device(BASE as u64, 4096).is_none() {
        out_of_memory();
    }
    // SAFETY: once, as the mode is set below; interrupts are masked, and the controllers off until now.
    unsafe { kit_arch_x86_64::traps::install_interrupts::<Controllers>() };
    write(SPURIOUS, SOFTWARE_ENABLE | u32::from(SPURIOUS_VECTOR));
    write(DIVISOR, DIVIDE_BY_ONE);
    let has_deadline = cpuid(1, 0).ecx & TSC_DEADLINE != 0;
    MODE.store(if has_deadline { DEADLINE } else { ONE_SHOT }, Ordering::Relaxed);
    set_timer_mode();
}

fn set_timer_mode() {
    if MODE.load(Ordering::Relaxed) == DEADLINE {
        write(TIMER, DEADLINE_MODE | u32::from(TIMER_VECTOR));
        // The mode must be in force before the first write of the MSR (SDM volume 3, 11.5.4.1).
        // SAFETY: a fence.
        unsafe { asm!("mfence", options(nostack, preserves_flags)) };
    } else {
        write(TIMER, u32::from(TIMER_VECTOR));
    }
}

/// Acknowledges the interrupt that is being served.
#[inline]
pub(crate) fn end_of_interrupt() {
    write(END_OF_INTERRUPT, 0);
}

/// Asks for [`TIMER_VECTOR`] at `deadline_ns`, or earlier if that is too far to count. Interrupts are masked.
pub(crate) fn arm_timer(deadline_ns: u64, now_ns: u64) {
    enable();
    if MODE.load(Ordering::Relaxed) == DEADLINE {
        // SAFETY: CPUID announced the mode, which is in force; a value in the past fires at once.
        unsafe { msr::write(msr::TSC_DEADLINE, clock::tsc_at(deadline_ns)) };
        return;
    }
    clock::before_timer_change();
    // Both QEMU and KVM count nanoseconds. Zero would stop the timer.
    let count = deadline_ns.saturating_sub(now_ns).clamp(1, u32::MAX.into()) as u32;
    write(INITIAL_COUNT, count);
    clock::after_arming(count);
}

/// Cancels what [`arm_timer`] asked for.
pub(crate) fn disarm_timer() {
    if MODE.load(Ordering::Relaxed) == DEADLINE {
        // SAFETY: as in `arm_timer`; zero disarms.
        unsafe { msr::write(msr::TSC_DEADLINE, 0) };
    } else {
        write(INITIAL_COUNT, 0);
    }
}

/// Lets the timer count down from its highest value without an interrupt: a reference for the clock. Until
/// [`stop_reference`] it serves nothing else.
pub(crate) fn start_reference() {
    enable();
    write(TIMER, MASKED | u32::from(TIMER_VECTOR));
    write(INITIAL_COUNT, u32::MAX);
}

/// Nanoseconds that the reference has still to count.
pub(crate) fn reference_count() -> u32 {
    read(CURRENT_COUNT)
}

/// Ends the reference and goes back to the timer's own mode.
pub(crate) fn stop_reference() {
    write(INITIAL_COUNT, 0);
    set_timer_mode();
}
