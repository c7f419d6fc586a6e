//! Several threads at once: each finds its own data, whatever the others do.

extern crate alloc;

use super::starts;
use crate::random::{Random, mix};
use crate::{BlockDevice, Disk, SECTOR_BYTES};
use alloc::vec;
use core::sync::atomic::{AtomicUsize, Ordering};
use kit_iface_sched::{NO_DEADLINE, spawn, wait, wake};

const THREADS: usize = 6;
const STACK_BYTES: usize = 32 * 1024;
const ROUNDS: u64 = 40;
/// Sectors that one thread has to itself.
const OWN: u64 = 10;

/// What the threads share; it outlives them, because the one that made it waits for them all.
struct Shared<'a, D> {
    device: &'a D,
    disk: Disk,
    next: AtomicUsize,
    running: AtomicUsize,
    wrong: AtomicUsize,
}

/// Six threads write, read and flush, each in its own ten sectors.
///
/// # Panics
/// If one of them finds another's data, or an operation fails.
pub fn many_callers<D: BlockDevice>(device: &D, disk: Disk) {
    starts(device, disk);
    let shared = Shared {
        device,
        disk,
        next: AtomicUsize::new(0),
        running: AtomicUsize::new(THREADS),
        wrong: AtomicUsize::new(0),
    };
    for _ in 0..THREADS {
        let address = core::ptr::from_ref(&shared).expose_provenance();
        spawn("disk test", STACK_BYTES, caller::<D>, address).expect("there is memory for a thread");
    }
    let running = &shared.running;
    while running.load(Ordering::Acquire) > 0 {
        wait(running.as_ptr() as usize, NO_DEADLINE, || running.load(Ordering::Acquire) > 0);
    }
    assert_eq!(shared.wrong.load(Ordering::Acquire), 0, "transfers that failed or found another's data");
}

fn caller<D: BlockDevice>(address: usize) {
    let key;
    {
        // SAFETY: `many_callers` waits until `running` is zero, which is the last that is done with this reference.
        let shared: &Shared<D> = unsafe { &*core::ptr::with_exposed_provenance(address) };
        key = shared.running.as_ptr() as usize;
        let number = shared.next.fetch_add(1, Ordering::Relaxed) as u64;
        for round in 0..ROUNDS {
            if !is_right(shared.device, shared.disk, number, round) {
                shared.wrong.fetch_add(1, Ordering::Release);
            }
        }
        shared.running.fetch_sub(1, Ordering::AcqRel);
    }
    // Only the number: what it was the address of may be gone.
    wake(key, usize::MAX);
}

/// One write and one read of the thread's own sectors; now and then a flush.
fn is_right(device: &impl BlockDevice, disk: Disk, number: u64, round: u64) -> bool {
    let mut random = Random::new(mix(number << 32 | round));
    let count = 1 + random.below(OWN);
    let sector = number * OWN + random.below(OWN - count + 1);
    let mut bytes = vec![random.next_u64() as u8; count as usize * SECTOR_BYTES];
    let written = bytes.clone();
    let is_done = device.write(disk, sector, &bytes).is_ok()
        && (!round.is_multiple_of(8) || device.flush(disk).is_ok())
        && {
            bytes.fill(0);
            device.read(disk, sector, &mut bytes).is_ok()
        };
    is_done && bytes == written
}
