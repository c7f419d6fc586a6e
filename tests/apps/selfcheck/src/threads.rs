//! Threads: exclusion, waking, timeouts, and stacks of their own.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// Many threads that count, two that take turns, one that waits in vain.
pub fn check() {
    let total = Arc::new(Mutex::new(0_u64));
    let counting: Vec<_> = (0..8)
        .map(|_| {
            let total = total.clone();
            thread::spawn(move || {
                for round in 0..500 {
                    *total.lock().unwrap() += 1;
                    if round % 50 == 0 {
                        thread::yield_now();
                    }
                }
            })
        })
        .collect();
    counting.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(*total.lock().unwrap(), 4000);

    let turn = Arc::new((Mutex::new(0_u32), Condvar::new()));
    let other = {
        let turn = turn.clone();
        thread::spawn(move || take_turns(&turn, 1))
    };
    take_turns(&turn, 0);
    other.join().unwrap();
    assert_eq!(*turn.0.lock().unwrap(), 400);

    let (sender, receiver) = channel::<()>();
    assert_eq!(receiver.recv_timeout(Duration::from_millis(3)), Err(RecvTimeoutError::Timeout));
    drop(sender);
    assert_eq!(receiver.recv_timeout(Duration::from_millis(3)), Err(RecvTimeoutError::Disconnected));
    let caught = thread::spawn(|| panic!("on purpose: this thread ends, the program does not")).join();
    assert!(caught.is_err());
}

/// Adds one whenever it is our turn, 200 times.
fn take_turns(turn: &(Mutex<u32>, Condvar), own: u32) {
    for _ in 0..200 {
        let mut count = turn.1.wait_while(turn.0.lock().unwrap(), |count| *count % 2 != own).unwrap();
        *count += 1;
        turn.1.notify_all();
    }
}
