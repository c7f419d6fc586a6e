//! The scheduler slot's suite, on fixed priorities, and what only this policy promises.

use core::ptr::NonNull;
use kit_iface_sched::{Links, Runnable, Scheduler, ThreadRef, Urgency, conformance};
use kit_sched_prio::Priorities;

type Policy = Priorities<10_000>;

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
fn who_is_interrupted_keeps_its_place_and_what_is_left_of_its_slice() {
    let links = [(); 2].map(|()| Links::new(Urgency::NORMAL));
    let [first, second] = [&links[0], &links[1]].map(thread);
    let mut policy = Policy::new();
    policy.push(first, Runnable::New);
    policy.push(second, Runnable::New);
    assert_eq!(policy.pop(), Some(first));
    policy.ran(first, 4_000_000);
    policy.push(first, Runnable::Preempted);
    assert_eq!(policy.pop(), Some(first), "it is still its turn");
    assert_eq!(policy.slice_ns(first), Some(6_000_000));
    policy.ran(first, 6_000_000);
    policy.push(first, Runnable::Preempted);
    assert_eq!(policy.pop(), Some(second), "interrupted at the very end of its slice, it has had its turn");
    assert_eq!(policy.slice_ns(second), Some(10_000_000));
    policy.push(second, Runnable::Yielded);
    assert_eq!(policy.pop(), Some(first));
    assert_eq!(policy.slice_ns(first), Some(10_000_000), "a new turn, a whole slice");
}

#[test]
fn without_a_slice_a_thread_keeps_its_place_for_ever() {
    let links = [(); 2].map(|()| Links::new(Urgency::real_time(10, false).unwrap()));
    let [first, second] = [&links[0], &links[1]].map(thread);
    let mut policy = Policy::new();
    policy.push(first, Runnable::New);
    policy.push(second, Runnable::New);
    for _ in 0..100 {
        assert_eq!(policy.pop(), Some(first));
        assert_eq!(policy.slice_ns(first), None);
        policy.ran(first, 1_000_000_000);
        policy.push(first, Runnable::Preempted);
    }
}
