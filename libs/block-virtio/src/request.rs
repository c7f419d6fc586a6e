//! One request: what the device reads and writes of it, and how its thread learns of the end.

use core::cell::UnsafeCell;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU8, Ordering};

/// What a request does (5.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Read,
    Write,
    Flush,
}

impl Kind {
    const fn number(self) -> u32 {
        match self {
            Self::Read => 0,
            Self::Write => 1,
            Self::Flush => 4,
        }
    }
}

/// The data of a request: memory that the device reaches and that the requesting thread lends it.
#[derive(Clone, Copy)]
pub(crate) struct Data {
    pub start: NonNull<u8>,
    pub bytes: usize,
}

// SAFETY: it only says where memory is; whoever makes a reference of it answers for that.
unsafe impl Send for Data {}

impl Data {
    /// No data: of a flush.
    pub const NONE: Self = Self { start: NonNull::dangling(), bytes: 0 };

    /// Memory to be filled.
    pub fn to_fill(buffer: &mut [u8]) -> Self {
        Self { bytes: buffer.len(), start: NonNull::from(buffer).cast() }
    }

    /// Memory to be stored.
    pub fn to_store(bytes: &[u8]) -> Self {
        Self { start: NonNull::from(bytes).cast(), bytes: bytes.len() }
    }
}

/// Bytes of the header (5.2.6): type, a reserved word, sector.
const HEADER_BYTES: usize = 16;
/// What a status byte is before the device has written it; no status of the standard.
pub(crate) const PENDING: u8 = 0xff;
/// VIRTIO_BLK_S_OK.
pub(crate) const OK: u8 = 0;

/// The memory of a request. On the heap, where the device reaches it.
pub(crate) struct Request {
    header: UnsafeCell<[u8; HEADER_BYTES]>,
    status: UnsafeCell<u8>,
    /// The status for the thread that waits: [`PENDING`] until the handler has taken the request out of the ring.
    outcome: AtomicU8,
}

// SAFETY: `header` and `status` are touched by the holder of the ring's lock and by the device, whose turns the
// ring keeps apart; `outcome` is atomic.
unsafe impl Sync for Request {}

impl Request {
    pub const fn new() -> Self {
        Self {
            header: UnsafeCell::new([0; HEADER_BYTES]),
            status: UnsafeCell::new(0),
            outcome: AtomicU8::new(0),
        }
    }

    /// Fills the header, and marks the request as pending.
    ///
    /// # Safety
    /// The request is in no ring, and nobody else prepares it.
    pub unsafe fn prepare(&self, kind: Kind, sector: u64) {
        let mut header = [0; HEADER_BYTES];
        header[..4].copy_from_slice(&kind.number().to_le_bytes());
        header[8..].copy_from_slice(&sector.to_le_bytes());
        // SAFETY: neither the device nor another thread looks at it, by the caller's promise.
        unsafe {
            *self.header.get() = header;
            *self.status.get() = PENDING;
        }
        self.outcome.store(PENDING, Ordering::Relaxed);
    }

    /// Calls `body` with the buffers of the request as the device sees them: those it reads, those it writes.
    ///
    /// # Safety
    /// The caller holds the lock of the ring, and is either about to lend the buffers or has just got them back;
    /// `data` is the same both times, valid for the device's access, and nobody else touches it.
    pub unsafe fn with_buffers<R>(
        &self,
        kind: Kind,
        data: Data,
        body: impl for<'a> FnOnce(&'a [&'a [u8]], &'a mut [&'a mut [u8]]) -> R,
    ) -> R {
        // SAFETY: by the caller's promise these are the only references to header and status.
        let (header, status) =
            unsafe { (&*self.header.get(), core::slice::from_mut(&mut *self.status.get())) };
        // SAFETY: the requesting thread has lent `data.bytes` from `data.start` and waits; for a write it has
        // lent them for reading, and only a shared reference is made of them.
        unsafe {
            match kind {
                Kind::Read => {
                    let data = core::slice::from_raw_parts_mut(data.start.as_ptr(), data.bytes);
                    body(&[header], &mut [data, status])
                }
                Kind::Write => {
                    let data = core::slice::from_raw_parts(data.start.as_ptr(), data.bytes);
                    body(&[header, data], &mut [status])
                }
                Kind::Flush => body(&[header], &mut [status]),
            }
        }
    }

    /// Tells the thread that waits what the device has answered.
    ///
    /// # Safety
    /// The device has returned the request, and the caller holds the lock of the ring.
    pub unsafe fn conclude(&self) {
        // SAFETY: the device is done with it. Volatile: the compiler does not know that the device wrote it.
        let status = unsafe { self.status.get().read_volatile() };
        // A device that writes no status has failed the request.
        let status = if status == PENDING { PENDING - 1 } else { status };
        self.outcome.store(status, Ordering::Release);
    }

    /// The status, or [`PENDING`].
    pub fn outcome(&self) -> u8 {
        self.outcome.load(Ordering::Acquire)
    }

    /// What the waiting thread waits for.
    pub fn key(&self) -> usize {
        self.outcome.as_ptr() as usize
    }
}
