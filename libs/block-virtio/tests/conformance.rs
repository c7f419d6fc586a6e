//! The slot's suite, on drivers whose disks serve requests in any order.

use kit_block_virtio::VirtioBlk;
use kit_iface_block::fake::MemoryDisk;
use kit_iface_block::{BlockDevice, Disk, SECTOR_BYTES, conformance};
use kit_iface_irq::fake::FakeIrq;
use kit_util_host_test::virtio::VirtioMachine;
use kit_util_host_test::virtio_disk::{
    BLOCK, BLOCK_SIZE, FLUSH, HostDisk, READ_ONLY, TOPOLOGY, VERSION_1, configuration,
};

use std::sync::atomic::Ordering;
use std::time::Duration;

kit_util_host_test::bind!();

type Driver<const RING: usize> = VirtioBlk<VirtioMachine, FakeIrq<4>, 2, RING>;

const SECTORS: u64 = 4096;
const FEATURES: u32 = VERSION_1 | BLOCK_SIZE | FLUSH | TOPOLOGY;

fn contents(sectors: u64) -> &'static MemoryDisk {
    Box::leak(Box::new(MemoryDisk::new(sectors)))
}

#[test]
fn a_disk_that_reaches_all_memory_conforms() {
    static CONFIGURATION: [u8; 60] = configuration(SECTORS, 3);
    static MACHINE: VirtioMachine =
        VirtioMachine::offering(BLOCK, &CONFIGURATION, FEATURES).reaching_memory();
    static DISKS: Driver<64> = Driver::new(&MACHINE, &MACHINE.irq);
    MACHINE.plug(HostDisk::new(contents(SECTORS), true));
    conformance::all(&DISKS, Disk(0));
    assert_eq!(DISKS.start(Disk(0)).unwrap().physical_bytes, 4096);
    conformance::absent(&DISKS, Disk(1));
    conformance::absent(&DISKS, Disk(200));
}

#[test]
fn a_ring_for_one_request_and_copied_buffers_conform() {
    static CONFIGURATION: [u8; 60] = configuration(512, 0);
    static MACHINE: VirtioMachine = VirtioMachine::offering(BLOCK, &CONFIGURATION, FEATURES);
    static DISKS: Driver<4> = Driver::new(&MACHINE, &MACHINE.irq);
    MACHINE.plug(HostDisk::new(contents(512), true));
    conformance::all(&DISKS, Disk(0));
}

#[test]
fn requests_of_several_threads_are_on_their_way_at_once() {
    static CONFIGURATION: [u8; 60] = configuration(64, 0);
    static MACHINE: VirtioMachine = VirtioMachine::offering(BLOCK, &CONFIGURATION, FEATURES);
    static DISKS: Driver<16> = Driver::new(&MACHINE, &MACHINE.irq);
    let disk = HostDisk::new(contents(64), true).taking(Duration::from_micros(300));
    let most_held = disk.most_held();
    MACHINE.plug(disk);
    conformance::many_callers(&DISKS, Disk(0));
    // Six threads; sixteen descriptors are enough for five requests.
    let most_held = most_held.load(Ordering::Relaxed);
    assert!((3..=5).contains(&most_held), "{most_held}");
}

#[test]
fn a_flush_reaches_the_device() {
    static CONFIGURATION: [u8; 60] = configuration(64, 0);
    static MACHINE: VirtioMachine = VirtioMachine::offering(BLOCK, &CONFIGURATION, FEATURES);
    static DISKS: Driver<64> = Driver::new(&MACHINE, &MACHINE.irq);
    let medium = contents(64);
    MACHINE.plug(HostDisk::new(medium, true));
    let lost = (0..20)
        .map(|seed| conformance::what_was_flushed_survives(&DISKS, Disk(0), seed, 40, || medium.durable()));
    assert!(lost.sum::<usize>() > 0, "some work was not flushed");
}

#[test]
fn without_a_flush_there_is_no_cache() {
    static CONFIGURATION: [u8; 60] = configuration(64, 0);
    static MACHINE: VirtioMachine = VirtioMachine::offering(BLOCK, &CONFIGURATION, VERSION_1);
    static DISKS: Driver<64> = Driver::new(&MACHINE, &MACHINE.irq);
    let medium = contents(64);
    MACHINE.plug(HostDisk::new(medium, false));
    let lost = conformance::what_was_flushed_survives(&DISKS, Disk(0), 1, 200, || medium.durable());
    assert_eq!(lost, 0);
}

#[test]
fn a_read_only_disk_conforms() {
    static CONFIGURATION: [u8; 60] = configuration(64, 0);
    static MACHINE: VirtioMachine = VirtioMachine::offering(BLOCK, &CONFIGURATION, FEATURES | READ_ONLY);
    static DISKS: Driver<64> = Driver::new(&MACHINE, &MACHINE.irq);
    let bytes = (0..64 * SECTOR_BYTES).map(|at| at as u8).collect();
    MACHINE.plug(HostDisk::new(Box::leak(Box::new(MemoryDisk::holding(bytes))), true));
    conformance::read_only(&DISKS, Disk(0));
}

#[test]
fn a_machine_without_disks_says_so() {
    static MACHINE: VirtioMachine = VirtioMachine::new(BLOCK, &[]);
    static DISKS: Driver<64> = Driver::new(&MACHINE, &MACHINE.irq);
    conformance::absent(&DISKS, Disk(0));
}
