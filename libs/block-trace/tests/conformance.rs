//! The slot's suite around a disk in memory, and that requests are told.

use kit_block_trace::Traced;
use kit_iface_block::fake::MemoryDisk;
use kit_iface_block::{BlockDevice, Disk, SECTOR_BYTES, conformance};
use kit_iface_trace::Event;
use kit_iface_trace::fake::FakeTrace;
use std::sync::Mutex;

kit_util_host_test::bind!();

#[test]
fn the_wrapped_disk_conforms() {
    static TRACE: FakeTrace = FakeTrace(|_| ());
    let disks = Traced::new(Box::leak(Box::new(MemoryDisk::new(8192))), &TRACE);
    conformance::all(&disks, Disk(0));
    conformance::absent(&disks, Disk(1));
}

#[test]
fn each_request_is_a_span() {
    static SEEN: Mutex<Vec<Event>> = Mutex::new(Vec::new());
    static TRACE: FakeTrace = FakeTrace(|event| SEEN.lock().unwrap().push(event));
    let disks = Traced::new(Box::leak(Box::new(MemoryDisk::new(8))), &TRACE);
    disks.start(Disk(0)).unwrap();
    disks.write(Disk(0), 3, &[1; SECTOR_BYTES]).unwrap();
    disks.read(Disk(0), 8, &mut [0; SECTOR_BYTES]).unwrap_err();
    disks.flush(Disk(0)).unwrap();
    let begin = |name, argument| Event::Begin { name, argument };
    let end = |name, result| Event::End { name, result };
    let expected = [
        begin("disk write", 3),
        end("disk write", 512),
        begin("disk read", 8),
        end("disk read", u64::MAX),
        begin("disk flush", 0),
        end("disk flush", 0),
    ];
    assert_eq!(*SEEN.lock().unwrap(), expected);
}
