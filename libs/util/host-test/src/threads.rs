//! Threads, waiting and waking over `std`.
//!
//! One table of waiting threads behind one mutex. Holding it around `still` and around the search in `wake` is
//! what makes the ambient promise true here: a waker that changes the state first is never missed.

use kit_iface_sched::{NO_DEADLINE, SpawnError, ThreadId, Threads, Wake};
use std::cell::Cell;
use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

struct Sleeper {
    bell: Condvar,
    // Only read and written with the table locked.
    woken: std::sync::atomic::AtomicBool,
}

type Table = HashMap<usize, VecDeque<Arc<Sleeper>>>;

/// `std` threads behind the ambient wait/wake service.
pub struct HostThreads {
    table: Mutex<Option<Table>>,
}

static NEXT_ID: AtomicU32 = AtomicU32::new(1);
thread_local! {
    static ID: Cell<u32> = const { Cell::new(0) };
}

impl HostThreads {
    /// No thread waits.
    #[allow(clippy::new_without_default, reason = "composed statics have one door: `new`")]
    pub const fn new() -> Self {
        Self { table: Mutex::new(None) }
    }

    // A test that panics inside `still` fails by itself; the table is consistent at that point.
    fn table(&self) -> MutexGuard<'_, Option<Table>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Threads for HostThreads {
    fn wait(&self, key: usize, still: &mut dyn FnMut() -> bool, deadline_ns: u64) -> Wake {
        let mut table = self.table();
        if !still() {
            return Wake::Unneeded;
        }
        let sleeper = Arc::new(Sleeper { bell: Condvar::new(), woken: false.into() });
        table.get_or_insert_default().entry(key).or_default().push_back(sleeper.clone());
        loop {
            if sleeper.woken.load(Ordering::Relaxed) {
                return Wake::Woken;
            }
            if deadline_ns == NO_DEADLINE {
                table = sleeper.bell.wait(table).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let left = deadline_ns.saturating_sub(kit_iface_clock::monotonic_ns());
            if left == 0 {
                let sleepers = table.get_or_insert_default().get_mut(&key);
                sleepers.into_iter().for_each(|queue| queue.retain(|other| !Arc::ptr_eq(other, &sleeper)));
                return Wake::TimedOut;
            }
            let answer =
                sleeper.bell.wait_timeout(table, Duration::from_nanos(crate::services::real_ns(left)));
            table = answer.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn wake(&self, key: usize, count: usize) -> usize {
        let mut table = self.table();
        let Some(queue) = table.as_mut().and_then(|table| table.get_mut(&key)) else { return 0 };
        let woken = queue.len().min(count);
        for sleeper in queue.drain(..woken) {
            sleeper.woken.store(true, Ordering::Relaxed);
            sleeper.bell.notify_one();
        }
        if queue.is_empty() {
            table.get_or_insert_default().remove(&key);
        }
        woken
    }

    fn yield_now(&self) {
        std::thread::yield_now();
    }

    fn spawn(
        &self,
        name: &'static str,
        stack_bytes: usize,
        entry: fn(usize),
        argument: usize,
    ) -> Result<ThreadId, SpawnError> {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        // Unoptimised code needs more stack than what OS crates ask for.
        let builder = std::thread::Builder::new().name(name.into()).stack_size(stack_bytes.max(256 * 1024));
        let body = move || {
            ID.set(id);
            entry(argument);
        };
        builder.spawn(body).map(|_| ThreadId(id)).map_err(|_| SpawnError::OutOfMemory)
    }

    fn current(&self) -> ThreadId {
        if ID.get() == 0 {
            ID.set(NEXT_ID.fetch_add(1, Ordering::Relaxed));
        }
        ThreadId(ID.get())
    }
}
