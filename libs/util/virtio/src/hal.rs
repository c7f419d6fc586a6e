//! Memory for rings and buffers: from the ambient heap, which is identity-mapped.

use core::alloc::Layout;
use core::ptr::NonNull;
use virtio_drivers::{BufferDirection, Hal, PAGE_SIZE, PhysAddr};

/// DMA where physical and virtual addresses are the same: every platform that has virtio devices.
///
/// Buffers handed to a queue must come from the heap or from a static. Stacks are mapped elsewhere, page by page,
/// and a device would write beside them.
pub struct IdentityHal;

fn layout(pages: usize) -> Layout {
    // `pages` is a handful; both products are far from overflow.
    Layout::from_size_align(pages * PAGE_SIZE, PAGE_SIZE).unwrap_or(Layout::new::<()>())
}

// SAFETY: blocks of the heap are exclusive, page-aligned as asked, identity-mapped, and zeroed here; device
// registers are mapped at their own address before any transport is made (see `open`).
unsafe impl Hal for IdentityHal {
    fn dma_alloc(pages: usize, _: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        match kit_iface_alloc::allocate(layout(pages)) {
            Ok(memory) => {
                // SAFETY: the block is fresh and this long.
                unsafe { memory.write_bytes(0, pages * PAGE_SIZE) };
                (memory.as_ptr() as PhysAddr, memory)
            }
            // Address 0 is how the crate's callers see failure.
            Err(_) => (0, NonNull::dangling()),
        }
    }

    unsafe fn dma_dealloc(_: PhysAddr, memory: NonNull<u8>, pages: usize) -> i32 {
        // SAFETY: the caller hands back what `dma_alloc` returned for as many pages.
        unsafe { kit_iface_alloc::free(memory, layout(pages)) };
        0
    }

    unsafe fn mmio_phys_to_virt(address: PhysAddr, _: usize) -> NonNull<u8> {
        NonNull::new(address as *mut u8).unwrap_or(NonNull::dangling())
    }

    unsafe fn share(buffer: NonNull<[u8]>, _: BufferDirection) -> PhysAddr {
        buffer.as_ptr().cast::<u8>() as PhysAddr
    }

    unsafe fn unshare(_: PhysAddr, _: NonNull<[u8]>, _: BufferDirection) {}
}
