//! Threads of `std`: a channel, a shared counter, scoped borrows, thread-locals, and a panic that is caught.
//!
//! The output is the same on every run, whatever the scheduler does.

use std::cell::Cell;
use std::sync::{Arc, Barrier, Condvar, Mutex, mpsc};
use std::thread;
use std::time::Duration;

fn main() {
    channel();
    counter();
    scope();
    thread_locals();
    panicking_thread();
    println!("done");
}

/// Four producers, one consumer: the sum of what arrives is the sum of what was sent.
fn channel() {
    let (sender, receiver) = mpsc::channel();
    for producer in 0..4_u64 {
        let sender = sender.clone();
        thread::spawn(move || {
            for number in 0..100 {
                sender.send(producer * 1000 + number).expect("the receiver lives until all senders are gone");
            }
        });
    }
    drop(sender);
    let (count, sum) = receiver.iter().fold((0, 0), |(count, sum), number| (count + 1, sum + number));
    println!("channel: {count} messages, sum {sum}");
}

/// Eight threads start together and increment under a lock; the last to finish wakes the waiter.
fn counter() {
    let shared = Arc::new((Mutex::new(0_u32), Condvar::new(), Barrier::new(8)));
    for _ in 0..8 {
        let shared = shared.clone();
        thread::spawn(move || {
            let (count, changed, barrier) = &*shared;
            barrier.wait();
            for _ in 0..1000 {
                *count.lock().unwrap() += 1;
            }
            changed.notify_one();
        });
    }
    let (count, changed, _) = &*shared;
    let total = changed.wait_while(count.lock().unwrap(), |count| *count < 8000).unwrap();
    println!("counter: {}", *total);
}

/// Scoped threads borrow from the caller's stack.
fn scope() {
    let words = ["one", "two", "three"];
    let lengths = thread::scope(|scope| {
        let handles = words.map(|word| scope.spawn(move || word.len()));
        handles.map(|handle| handle.join().unwrap())
    });
    println!("scope: {words:?} have {lengths:?} letters");
}

/// Each thread has its own copy, and its destructor runs when the thread ends.
fn thread_locals() {
    struct Goodbye(Cell<u32>);
    impl Drop for Goodbye {
        fn drop(&mut self) {
            println!("thread-local: {} dropped", self.0.get());
        }
    }
    thread_local!(static LOCAL: Goodbye = const { Goodbye(Cell::new(0)) });
    for number in 1..=3 {
        let thread = thread::spawn(move || {
            LOCAL.with(|local| local.0.set(local.0.get() + number));
            thread::sleep(Duration::from_millis(1));
        });
        thread.join().unwrap();
    }
}

/// A panic ends its thread, not the program: `join` hands over the message.
fn panicking_thread() {
    let thread = thread::Builder::new().name("unlucky".to_string());
    let result = thread.spawn(|| panic!("no luck today")).expect("a thread can be started").join();
    let message = result.unwrap_err().downcast_ref::<&str>().map_or("?", |message| *message).to_string();
    println!("caught: {message}");
}
