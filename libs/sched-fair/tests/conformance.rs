//! The scheduler slot's suite, on fair shares, and what only this policy promises.

use core::ptr::NonNull;
use kit_iface_sched::{Links, Runnable, Scheduler, ThreadRef, Urgency, conformance};
use kit_sched_fair::{Fair, weight};

type Policy = Fair<4000>;
const SLICE_NS: u64 = 4_000_000;

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
fn each_nice_value_weighs_five_quarters_of_the_next() {
    assert_eq!([weight(100), weight(120), weight(139)].map(|weight| weight as f64), [88817.0, 1024.0, 14.0]);
    for level in 100..139 {
        let ratio = weight(level) as f64 / weight(level + 1) as f64;
        assert!((ratio - 1.25).abs() < 0.08, "level {level}: {ratio}");
    }
    assert_eq!([weight(0), weight(99)], [weight(100); 2], "a real-time thread has the greatest weight");
}

#[test]
fn time_is_shared_by_weight() {
    let links = [Links::new(Urgency::nice(0)), Links::new(Urgency::nice(5))];
    let threads = [&links[0], &links[1]].map(thread);
    let (mut policy, mut turns) = (Policy::new(), [0_u32; 2]);
    for thread in threads {
        policy.push(thread, Runnable::New);
    }
    for _ in 0..4000 {
        let next = policy.pop().unwrap();
        turns[usize::from(next == threads[1])] += 1;
        policy.ran(next, SLICE_NS);
        policy.push(next, Runnable::Expired);
    }
    let ratio = f64::from(turns[0]) / f64::from(turns[1]);
    assert!((ratio - 1.25_f64.powi(5)).abs() < 0.05, "{turns:?}");
}

#[test]
fn who_has_slept_long_does_not_take_the_processor_for_long() {
    let links = [(); 2].map(|()| Links::new(Urgency::NORMAL));
    let [spinning, sleeper] = [&links[0], &links[1]].map(thread);
    let mut policy = Policy::new();
    policy.push(spinning, Runnable::New);
    for _ in 0..1000 {
        assert_eq!(policy.pop(), Some(spinning));
        policy.ran(spinning, SLICE_NS);
        policy.push(spinning, Runnable::Expired);
    }
    assert_eq!(policy.pop(), Some(spinning));
    assert!(policy.push(sleeper, Runnable::Woken), "it goes first");
    policy.push(spinning, Runnable::Preempted);
    for who in [sleeper, spinning, sleeper, spinning] {
        assert_eq!(policy.pop(), Some(who), "one slice ahead, then they share");
        policy.ran(who, SLICE_NS);
        policy.push(who, Runnable::Expired);
    }
}
