//! The slot's suite around a table of frames, and that use is told.

use kit_frames_trace::Traced;
use kit_iface_frames::conformance::Page;
use kit_iface_frames::fake::Table;
use kit_iface_frames::{Frames, conformance};
use kit_iface_trace::Event;
use kit_iface_trace::fake::FakeTrace;
use std::sync::Mutex;

static SEEN: Mutex<Vec<Event>> = Mutex::new(Vec::new());

#[test]
fn the_wrapped_allocator_conforms() {
    static TRACE: FakeTrace = FakeTrace(|_| ());
    let new = || Traced::new(&*Box::leak(Box::new(Table::<512>::new())), &TRACE);
    conformance::all(new, &mut vec![Page::ZERO; 512]);
}

#[test]
fn use_is_told_when_it_changes() {
    static TRACE: FakeTrace = FakeTrace(|event| SEEN.lock().unwrap().push(event));
    let mut memory = vec![Page::ZERO; 16];
    let frames = Traced::new(&*Box::leak(Box::new(Table::<16>::new())), &TRACE);
    let start = memory.as_mut_ptr().expose_provenance();
    // SAFETY: the memory outlives the use of the allocator; the run is freed once, by its owner.
    unsafe {
        frames.add(start, start + size_of_val(&memory[..]));
        let run = frames.allocate(3, 1).unwrap();
        frames.allocate(100, 1).unwrap_err();
        frames.free(run, 2);
    }
    let gauge = |value| Event::Gauge { name: "frames in use", value };
    assert_eq!(*SEEN.lock().unwrap(), [gauge(3), gauge(1)]);
}
