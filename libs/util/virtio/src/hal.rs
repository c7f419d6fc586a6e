//! Memory for rings: pages of the ambient heap.
//!
//! The heap takes its memory from the page-frame allocator, whose frames are identity-mapped: an address of the
//! heap is what the device may be told. So sharing and unsharing buffers is nothing at all.

use core::alloc::Layout;
use core::ptr::NonNull;
use virtio_drivers::{BufferDirection, Hal, PAGE_SIZE, PhysAddr};

/// virtio-drivers' view of memory.
pub struct KitHal;

fn pages_layout(pages: usize) -> Option<Layout> {
    Layout::from_size_align(pages.checked_mul(PAGE_SIZE)?, PAGE_SIZE).ok()
}

// SAFETY: blocks come from the heap, which keeps them apart; they are aligned to a page and zeroed here, and live
// until `dma_dealloc`. Nothing is ever mapped, so the other methods only convert addresses.
unsafe impl Hal for KitHal {
    fn dma_alloc(pages: usize, _direction: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        let block = pages_layout(pages).and_then(|layout| kit_iface_alloc::allocate(layout).ok());
        match block {
            Some(block) => {
                // SAFETY: the block is ours and this long.
                unsafe { block.write_bytes(0, pages * PAGE_SIZE) };
                (block.as_ptr() as PhysAddr, block)
            }
            // Address zero is how virtio-drivers is told that there is no memory.
            None => (0, NonNull::dangling()),
        }
    }

    unsafe fn dma_dealloc(_paddr: PhysAddr, vaddr: NonNull<u8>, pages: usize) -> i32 {
        if let Some(layout) = pages_layout(pages) {
            // SAFETY: the caller promises that the block came from `dma_alloc` with as many pages.
            unsafe { kit_iface_alloc::free(vaddr, layout) };
        }
        0
    }

    unsafe fn mmio_phys_to_virt(paddr: PhysAddr, _size: usize) -> NonNull<u8> {
        // Only virtio-drivers' own PCI transport asks, and it is not used.
        NonNull::new(paddr as *mut u8).unwrap_or(NonNull::dangling())
    }

    unsafe fn share(buffer: NonNull<[u8]>, _direction: BufferDirection) -> PhysAddr {
        buffer.cast::<u8>().as_ptr() as PhysAddr
    }

    unsafe fn unshare(_paddr: PhysAddr, _buffer: NonNull<[u8]>, _direction: BufferDirection) {}
}
