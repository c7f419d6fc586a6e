//! The scheduler slot's suite, on the preemptive round robin, and what only this policy promises.

use core::ptr::NonNull;
use kit_iface_sched::{Links, Runnable, Scheduler, ThreadRef, Urgency, conformance};
use kit_sched_rr::{READY_IN_A_ROW, RoundRobin};

type Policy = RoundRobin<10_000>;

#[test]
fn keeps_the_promises_of_the_slot() {
    conformance::all(Policy::new);
}

#[test]
fn the_core_keeps_its_promises_under_it() {
    kit_util_rehearsal::suite::all(Policy::new);
}

fn thread(links: &Links) -> ThreadRef {
    // SAFETY: in each test the links outlive the policy.
    unsafe { ThreadRef::new(NonNull::from(links)) }
}

#[test]
fn the_slice_is_the_configured_one() {
    let links = Links::new(Urgency::NORMAL);
    assert_eq!(Policy::new().slice_ns(thread(&links)), Some(10_000_000));
}

#[test]
fn who_wakes_goes_before_who_computes() {
    let links = [(); 4].map(|()| Links::new(Urgency::NORMAL));
    let [first, second, woken, another] = [&links[0], &links[1], &links[2], &links[3]].map(thread);
    let mut policy = Policy::new();
    policy.push(first, Runnable::Preempted);
    policy.push(second, Runnable::Preempted);
    assert_eq!(policy.pop(), Some(first));
    assert!(policy.push(woken, Runnable::Woken), "a computing thread is interrupted for a woken one");
    policy.push(first, Runnable::Preempted);
    assert_eq!(policy.pop(), Some(woken));
    assert!(!policy.push(another, Runnable::Woken), "a woken thread is not");
    assert_eq!([policy.pop(), policy.pop(), policy.pop()], [Some(another), Some(second), Some(first)]);
}

#[test]
fn the_spent_thread_gets_a_whole_slice_after_a_bounded_wait() {
    let links = [(); 3].map(|()| Links::new(Urgency::NORMAL));
    let [spinning, busy, woken] = [&links[0], &links[1], &links[2]].map(thread);
    let mut policy = Policy::new();
    // A long time without competition must not count against the woken thread later.
    for _ in 0..10 * READY_IN_A_ROW {
        policy.push(busy, Runnable::Woken);
        assert_eq!(policy.pop(), Some(busy));
    }
    policy.push(spinning, Runnable::Preempted);
    for _ in 0..READY_IN_A_ROW {
        policy.push(busy, Runnable::Woken);
        assert_eq!(policy.pop(), Some(busy));
    }
    policy.push(busy, Runnable::Woken);
    assert_eq!(policy.pop(), Some(spinning), "its turn has come");
    assert!(!policy.push(woken, Runnable::Woken), "and nobody cuts it short");
}
