//! The far side of virtio-blk (virtio 1.2, section 5.2): a disk in memory that serves requests in any order.

use crate::virtio::{Chain, DeviceQueue, Model};
use kit_iface_block::fake::MemoryDisk;
use kit_iface_block::random::Random;
use kit_iface_block::{BlockDevice, BlockError, Disk};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The device's type.
pub const BLOCK: u16 = 2;
/// It follows version 1 of the standard.
pub const VERSION_1: u32 = 1;
/// It can only be read (5.2.3).
pub const READ_ONLY: u32 = 1 << 5;
/// It tells the size of its blocks.
pub const BLOCK_SIZE: u32 = 1 << 6;
/// It has a volatile cache, and can be told to empty it.
pub const FLUSH: u32 = 1 << 9;
/// It tells how many of its blocks the medium writes at once.
pub const TOPOLOGY: u32 = 1 << 10;

const HEADER_BYTES: usize = 16;
const TYPE_READ: u32 = 0;
const TYPE_WRITE: u32 = 1;
const TYPE_FLUSH: u32 = 4;
const STATUS_OK: u8 = 0;
const STATUS_ERROR: u8 = 1;
const STATUS_UNSUPPORTED: u8 = 2;

/// The configuration structure (5.2.4) of a disk of `sectors`, with blocks of `512 << exponent` bytes.
pub const fn configuration(sectors: u64, exponent: u8) -> [u8; 60] {
    let mut bytes = [0; 60];
    let capacity = sectors.to_le_bytes();
    let mut at = 0;
    while at < 8 {
        bytes[at] = capacity[at];
        at += 1;
    }
    // Logical blocks of 512 bytes.
    bytes[21] = 2;
    bytes[24] = exponent;
    bytes
}

/// A disk as the host plays it.
pub struct HostDisk {
    contents: &'static MemoryDisk,
    has_cache: bool,
    random: Random,
    held: Vec<Chain>,
    most_held: Arc<AtomicUsize>,
    delay: Duration,
}

impl HostDisk {
    /// The disk with these contents. With a cache a write is durable when it was flushed, else at once.
    pub fn new(contents: &'static MemoryDisk, has_cache: bool) -> Self {
        Self {
            contents,
            has_cache,
            random: Random::new(1),
            held: Vec::new(),
            most_held: Arc::default(),
            delay: Duration::ZERO,
        }
    }

    /// The same, but each request takes it `delay`.
    pub fn taking(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// How many requests it has had to choose from at a time, at most.
    pub fn most_held(&self) -> Arc<AtomicUsize> {
        self.most_held.clone()
    }

    /// What the driver is to be given: the data of a read, then the status.
    fn serve(&self, chain: &Chain) -> Vec<u8> {
        let request = chain.bytes();
        let (header, data) = request.split_at(HEADER_BYTES);
        let kind = u32::from_le_bytes(header[..4].try_into().expect("four bytes"));
        let sector = u64::from_le_bytes(header[8..].try_into().expect("eight bytes"));
        let mut answer = Vec::new();
        let outcome = match kind {
            TYPE_READ => {
                answer.resize(chain.room() - 1, 0);
                self.contents.read(Disk(0), sector, &mut answer)
            }
            TYPE_WRITE => self
                .contents
                .write(Disk(0), sector, data)
                .and_then(|()| if self.has_cache { Ok(()) } else { self.contents.flush(Disk(0)) }),
            TYPE_FLUSH if self.has_cache => self.contents.flush(Disk(0)),
            _ => {
                answer.push(STATUS_UNSUPPORTED);
                return answer;
            }
        };
        answer.push(if outcome == Ok::<(), BlockError>(()) { STATUS_OK } else { STATUS_ERROR });
        answer
    }
}

impl Model for HostDisk {
    fn turn(&mut self, queues: &mut [DeviceQueue]) -> bool {
        let [queue] = queues else { panic!("one queue") };
        while let Some(chain) = queue.take() {
            self.held.push(chain);
        }
        if self.held.is_empty() {
            return false;
        }
        self.most_held.fetch_max(self.held.len(), Ordering::Relaxed);
        std::thread::sleep(self.delay);
        let chosen = self.random.below(self.held.len() as u64) as usize;
        let chain = self.held.swap_remove(chosen);
        let answer = self.serve(&chain);
        let written = chain.fill(&answer);
        assert_eq!(written, answer.len(), "there is room for the data and the status");
        queue.give(chain, written);
        true
    }
}
