//! `flock`: locks on whole files, held by open file descriptions.
//!
//! One short table of what is held. Locks are rare, and mostly asked for so that a second process stays away, which
//! never comes; but two descriptions within one program do exclude each other, and `std`'s `File::lock` says so.

use crate::Errno;
use crate::fd::watch::Bell;
use alloc::vec::Vec;
use core::ffi::c_int;
use core::sync::atomic::{AtomicU64, Ordering};
use kit_iface_sched::NO_DEADLINE;
use kit_util_sync::SleepLock;

/// Whoever holds locks: one open file.
pub struct Owner {
    /// Zero until it locks something.
    number: AtomicU64,
}

/// A file: its filesystem, and its inode there.
pub type File = (u32, u64);

struct Held {
    owner: u64,
    file: File,
    is_exclusive: bool,
}

static HELD: SleepLock<Vec<Held>> = SleepLock::new(Vec::new());
static RELEASED: Bell = Bell::new();
static LAST_OWNER: AtomicU64 = AtomicU64::new(0);

impl Owner {
    /// Holds nothing.
    pub const fn new() -> Self {
        Self { number: AtomicU64::new(0) }
    }

    fn number(&self) -> u64 {
        match self.number.load(Ordering::Relaxed) {
            0 => {
                let fresh = LAST_OWNER.fetch_add(1, Ordering::Relaxed) + 1;
                match self.number.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed) {
                    Ok(_) => fresh,
                    Err(number) => number,
                }
            }
            number => number,
        }
    }
}

/// Takes, changes or drops the lock of `owner` on a file; waits unless `operation` says `LOCK_NB`.
pub fn lock(owner: &Owner, file: File, operation: c_int) -> Result<(), Errno> {
    let is_exclusive = match operation & !libc::LOCK_NB {
        libc::LOCK_SH => false,
        libc::LOCK_EX => true,
        libc::LOCK_UN => {
            release(owner);
            return Ok(());
        }
        _ => return Err(Errno(libc::EINVAL)),
    };
    let owner = owner.number();
    loop {
        let ticket = RELEASED.rings();
        let mut held = HELD.lock();
        let conflicts =
            |other: &Held| other.file == file && other.owner != owner && (is_exclusive || other.is_exclusive);
        if !held.iter().any(conflicts) {
            held.try_reserve(1).map_err(|_| Errno(libc::ENOLCK))?;
            held.retain(|other| other.owner != owner);
            held.push(Held { owner, file, is_exclusive });
            drop(held);
            // From exclusive to shared: others may go on.
            RELEASED.ring();
            return Ok(());
        }
        drop(held);
        if operation & libc::LOCK_NB != 0 {
            return Err(Errno(libc::EWOULDBLOCK));
        }
        RELEASED.sleep(ticket, NO_DEADLINE);
    }
}

/// Drops what `owner` holds.
pub fn release(owner: &Owner) {
    let number = owner.number.load(Ordering::Relaxed);
    if number != 0 {
        HELD.lock().retain(|held| held.owner != number);
        RELEASED.ring();
    }
}
