//! Edges, levels, one-shots, fairness, and entries that come and go.

extern crate std;
use super::*;
use crate::event::Event;
use crate::fd::File;
use alloc::vec;
use alloc::vec::Vec;

fn event() -> (Arc<Event>, FileRef) {
    let event = Arc::new(Event::new(0, libc::EFD_NONBLOCK));
    let file = FileRef::Counted(event.clone());
    (event, file)
}

fn add(set: &Arc<Set>, file: &FileRef, fd: c_int, flags: u32) -> Result<(), Errno> {
    let watch = file.watch().expect("events are watched");
    set.add(
        file,
        watch,
        fd,
        libc::epoll_event { events: libc::EPOLLIN as u32 | flags, u64: fd as u64 },
        false,
    )
}

fn reported(set: &Set, limit: usize) -> Vec<u64> {
    let mut found = Vec::new();
    set.collect(limit, &mut |event| found.push(event.u64));
    found
}

fn signal(event: &Event) {
    event.write(&1u64.to_ne_bytes()).expect("room");
}

fn take(event: &Event) {
    event.read(&mut [0; 8]).expect("a count");
}

#[test]
fn an_edge_is_reported_once_and_every_write_is_an_edge() {
    let (set, (event, file)) = (Arc::new(Set::new()), event());
    add(&set, &file, 3, EDGE).expect("new");
    assert!(reported(&set, 8).is_empty());
    signal(&event);
    assert_eq!((reported(&set, 8), reported(&set, 8)), (vec![3], vec![]));
    // Nobody has read: the file was ready all the time.
    signal(&event);
    assert_eq!((reported(&set, 8), reported(&set, 8)), (vec![3], vec![]));
    signal(&event);
    take(&event);
    assert!(reported(&set, 8).is_empty(), "news that are over are not reported");
}

#[test]
fn a_level_is_reported_as_long_as_it_holds() {
    let (set, (event, file)) = (Arc::new(Set::new()), event());
    add(&set, &file, 3, 0).expect("new");
    signal(&event);
    assert_eq!((reported(&set, 8), reported(&set, 8)), (vec![3], vec![3]));
    take(&event);
    assert!(reported(&set, 8).is_empty());
}

#[test]
fn a_one_shot_is_reported_once_until_it_is_set_again() {
    let (set, (event, file)) = (Arc::new(Set::new()), event());
    add(&set, &file, 3, ONE_SHOT).expect("new");
    signal(&event);
    assert_eq!(reported(&set, 8), [3]);
    signal(&event);
    assert!(reported(&set, 8).is_empty());
    let again = libc::epoll_event { events: libc::EPOLLIN as u32 | ONE_SHOT, u64: 9 };
    set.modify(&file, file.watch().expect("watched"), 3, again).expect("known");
    assert_eq!(reported(&set, 8), [9]);
}

#[test]
fn turns_are_fair_and_the_limit_holds() {
    let set = Arc::new(Set::new());
    let files: Vec<_> = (0..4).map(|_| event()).collect();
    for (index, (event, file)) in files.iter().enumerate() {
        add(&set, file, index as c_int, 0).expect("new");
        signal(event);
    }
    assert_eq!((reported(&set, 3), reported(&set, 3)), (vec![0, 1, 2], vec![3, 0, 1]));
}

#[test]
fn entries_come_and_go() {
    let (set, (first, file)) = (Arc::new(Set::new()), event());
    let watch = file.watch().expect("watched");
    add(&set, &file, 3, EDGE).expect("new");
    assert_eq!(add(&set, &file, 3, EDGE), Err(Errno(libc::EEXIST)));
    add(&set, &file, 4, EDGE).expect("a duplicate is another entry");
    assert_eq!(set.remove(watch, 5), Err(Errno(libc::ENOENT)));
    signal(&first);
    set.remove(watch, 3).expect("known");
    assert_eq!(reported(&set, 8), [4], "what is removed is not reported");
    // Closing the file ends its entries; the slots serve the next.
    signal(&first);
    drop((first, file));
    assert!(reported(&set, 8).is_empty());
    let (second, file) = event();
    signal(&second);
    add(&set, &file, 3, EDGE).expect("new");
    assert_eq!(reported(&set, 8), [3], "what is ready when it is added is reported");
    assert_eq!(set.state.lock().slots(), 2);
    set.clear();
    signal(&second);
    assert!(reported(&set, 8).is_empty());
    assert_eq!(Arc::strong_count(&set), 1, "no file holds a set that was cleared");
}

#[test]
fn a_waiter_is_woken_by_news_from_another_thread() {
    let (set, (event, file)) = (Arc::new(Set::new()), event());
    add(&set, &file, 3, EDGE).expect("new");
    std::thread::scope(|scope| {
        for _ in 0..200 {
            let ticket = set.watch.ticket(crate::fd::Direction::Read);
            scope.spawn(|| signal(&event));
            while reported(&set, 8).is_empty() {
                set.watch.sleep(crate::fd::Direction::Read, ticket, kit_iface_sched::NO_DEADLINE);
            }
        }
    });
}
