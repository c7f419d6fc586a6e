//! How much to ask the page-frame slot for when the pool has run out.

use crate::Pool;
use core::alloc::Layout;
use core::ptr::NonNull;
use kit_iface_frames::{FRAME_BYTES, Frames};

const FIRST_BYTES: usize = 16 * 1024;
const MAX_BYTES: usize = 64 * 1024;

/// A chunk for a pool that holds `held` bytes and could not serve `layout`. `None`: memory has run out.
pub fn take<P: Pool>(frames: &impl Frames, held: usize, layout: Layout) -> Option<(NonNull<u8>, usize)> {
    let least = P::chunk_bytes(layout).max(FRAME_BYTES);
    let mut bytes = wanted(held, least);
    loop {
        let count = bytes.div_ceil(FRAME_BYTES);
        if let Ok(first) = frames.allocate(count, if P::WANTS_ALIGNED_CHUNKS { count } else { 1 }) {
            // Identity mapping: the address of a frame is a pointer to it.
            return Some((NonNull::with_exposed_provenance(first), count * FRAME_BYTES));
        }
        // Near the end of memory, or in a fragmented one, less has to do.
        if bytes <= least {
            return None;
        }
        bytes = (bytes / 2).max(least);
    }
}

/// A quarter of what there is, so that at most a fifth of the heap lies idle because of it. A power of two, for the pools that want aligned chunks.
fn wanted(held: usize, least: usize) -> usize {
    let quarter = 1 << (held / 4).max(1).ilog2();
    least.max(quarter.clamp(FIRST_BYTES, MAX_BYTES))
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn small_first_then_in_proportion() {
        assert_eq!(wanted(0, 4096), 16 * 1024);
        assert_eq!(wanted(0, 65536), 64 * 1024);
        assert_eq!(wanted(100 * 1024, 4096), 16 * 1024);
        assert_eq!(wanted(300 * 1024, 4096), 64 * 1024);
        assert_eq!(wanted(64 << 20, 4096), 64 * 1024);
    }
}
