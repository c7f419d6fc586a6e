//! Everything but threads: heap, clock, log, entropy and the interrupt mask, each a few lines over `std`.

use core::alloc::Layout;
use core::ptr::NonNull;
use kit_iface_alloc::{AllocError, Heap, HeapUsage};
use kit_iface_clock::Clock;
use kit_iface_console::{Console, ConsoleError};
use kit_iface_entropy::{Entropy, EntropyError};
use std::alloc::{GlobalAlloc, System};
use std::io::{Read, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Instant, SystemTime};

static USED_BYTES: AtomicUsize = AtomicUsize::new(0);

/// The host's own allocator, counting what is in use.
pub struct HostHeap;

// SAFETY: `System` keeps the same promises; only counting is added.
unsafe impl Heap for HostHeap {
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        if layout.size() == 0 {
            return Ok(layout.dangling_ptr());
        }
        crate::virtio::look_at_registers();
        // SAFETY: the size is not zero.
        let block = NonNull::new(unsafe { System.alloc(layout) }).ok_or(AllocError::Exhausted)?;
        USED_BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        Ok(block)
    }

    unsafe fn free(&self, block: NonNull<u8>, layout: Layout) {
        if layout.size() != 0 {
            USED_BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
            // SAFETY: not an empty block, so it came from `System` with this layout.
            unsafe { System.dealloc(block.as_ptr(), layout) }
        }
    }

    fn usage(&self) -> HeapUsage {
        let used = USED_BYTES.load(Ordering::Relaxed);
        HeapUsage { reserved: used, used }
    }
}

static SPEED: AtomicU64 = AtomicU64::new(1);

/// Makes the ambient monotonic clock, and with it every time-out, run `times` as fast as real time. For tests that
/// wait for retransmissions; once, before anything has looked at the clock.
pub fn set_clock_speed(times: u64) {
    SPEED.store(times, Ordering::SeqCst);
}

/// How much real time a span of the ambient clock takes.
pub(crate) fn real_ns(ambient_ns: u64) -> u64 {
    ambient_ns.div_ceil(SPEED.load(Ordering::Relaxed))
}

/// `Instant` and `SystemTime`.
pub struct HostClock;

impl Clock for HostClock {
    fn monotonic_ns(&self) -> u64 {
        static START: OnceLock<Instant> = OnceLock::new();
        // Starts at one second, so that a test which treats 0 as "no time" is caught by neither luck nor speed.
        let real_ns = START.get_or_init(Instant::now).elapsed().as_nanos() as u64;
        real_ns * SPEED.load(Ordering::Relaxed) + 1_000_000_000
    }

    fn wall_ns(&self) -> u64 {
        SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos() as u64)
    }
}

/// Standard error, and an input that has ended.
pub struct HostLog;

impl Console for HostLog {
    fn write(&self, bytes: &[u8]) {
        let _ = std::io::stderr().write_all(bytes);
    }
    fn read(&self, _buffer: &mut [u8]) -> Result<usize, ConsoleError> {
        Err(ConsoleError::EndOfInput)
    }
    fn is_readable(&self) -> bool {
        true
    }
    fn input_key(&self) -> usize {
        core::ptr::from_ref(self) as usize
    }
}

/// `/dev/urandom`.
pub struct HostEntropy;

impl Entropy for HostEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        let mut source = std::fs::File::open("/dev/urandom").map_err(|_| EntropyError::Absent)?;
        source.read_exact(buffer).map_err(|_| EntropyError::Failed)
    }
}

/// Masks nothing: host tests have no interrupts, and spin locks alone keep their threads apart.
pub fn irq_mask() -> usize {
    0
}

/// There are no interrupts, so there is nothing that a lock's holder may be interrupted for.
pub fn irq_was_enabled(_state: usize) -> bool {
    false
}

/// The counterpart of [`irq_mask`].
///
/// # Safety
/// None to keep; unsafe because the ambient service is.
pub unsafe fn irq_restore(_state: usize) {}
