//! From the loader to `kit_root`, and what `start` does first.
//!
//! `entry` is the PVH entry in 32-bit code; `pvh` reads what the loader left; `memory` decides which memory is
//! free; `tables` maps it. PVH is Xen's x86/HVM direct boot ABI, which QEMU, Firecracker and cloud-hypervisor
//! speak too: <https://xenbits.xen.org/docs/unstable/misc/pvh.html>.

mod entry;
mod memory;
mod pvh;
mod stacks;
mod tables;

pub(crate) use entry::entry_tsc;
pub(crate) use tables::{TO_TABLE, map_device, root_entry};

use crate::{exit, reserve, traps};
use kit_arch_x86_64::Cpu;
use kit_iface_frames::Frames;
use kit_util_x86::Port;
use memory::Range;

/// See [`kit_iface_platform::Platform::start`].
pub(crate) fn start(frames: &'static dyn Frames) {
    mask_legacy_interrupts();
    let map = pvh::memory_map();
    let image = tables::image();
    let Some(bank) = memory::regions(map).find(|region| region.contains(image.start)) else {
        exit::without_memory("the loader's memory map has no memory where the image is");
    };
    // SAFETY: called once, first, by the root; the loader's map says what is RAM, and nobody uses what lies
    // between the image and the end of its bank.
    let Some(tables_end) = (unsafe { tables::build(map, image.end..bank.end) }) else {
        exit::without_memory("no room for page tables");
    };
    // SAFETY: this processor is set up once, on the segments of the entry code; the stacks are the image's.
    unsafe { Cpu::start::<traps::Traps>(&stacks::ends()) };
    reserve::set_source(frames);
    let taken = [
        Range { start: image.start, end: tables_end },
        memory::FIRMWARE,
        pvh::command_line_pages(),
        Range::pages_of(map.as_ptr() as usize, size_of_val(map)),
    ];
    for region in memory::regions(map) {
        memory::carve(region, &taken, &mut |start, end| {
            // SAFETY: RAM by the loader's map, mapped by `build`, outside of everything that is in use.
            unsafe { frames.add(start, end) }
        });
    }
    // Firmware's map may lie there.
    tables::unmap_null_page();
}

/// See [`kit_iface_platform::Platform::command_line`].
pub(crate) fn command_line() -> &'static [u8] {
    pvh::command_line()
}

/// Silences the two 8259s, which firmware may have left running with vectors that exceptions own.
fn mask_legacy_interrupts() {
    for number in [0x21, 0xa1] {
        // SAFETY: the mask registers of the interrupt controllers; they change no memory.
        unsafe { Port::<u8>::new(number) }.write(0xff);
    }
}
