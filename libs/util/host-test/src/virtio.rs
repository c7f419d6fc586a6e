//! A machine with one virtio PCI device, so that virtio drivers run in host tests.
//!
//! The registers are plain memory, which nobody can watch: the device notes the addresses of a queue when the
//! driver allocates memory for the next one (the host heap calls [`look_at_registers`]), and those of the last
//! queue when the driver says that it is ready. From then on a thread plays the device.

use core::cell::Cell;
use core::sync::atomic::{AtomicU16, AtomicUsize, Ordering, fence};
use kit_iface_arch::fake::FakeArch;
use kit_iface_frames::Frames;
use kit_iface_irq::fake::FakeIrq;
use kit_iface_irq::{Line, Masked};
use kit_iface_platform::{PciFunction, Platform, VirtioDevice};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

const FUNCTION: PciFunction = PciFunction { bus: 0, device: 1, function: 0 };
// The register block: four pages.
const NOTIFY: usize = 0x1000;
const CONFIG: usize = 0x2000;
const MSIX_TABLE: usize = 0x3000;
const BLOCK_BYTES: usize = 0x4000;
// Virtio 1.2, 4.1.4.3.
const FEATURES: usize = 4;
const STATUS: usize = 20;
const QUEUE_SIZE: usize = 24;
const QUEUE_AREAS: usize = 32;
const DRIVER_OK: u8 = 4;
const LARGEST_QUEUE: u16 = 256;
/// One word serves as both halves of the features: "has a MAC" (bit 5) and "follows version 1" (bit 32).
const OFFERED: u32 = 1 << 5 | 1;
const NO_INTERRUPT: u16 = 1;

thread_local! {
    static LOOKED_AT: Cell<usize> = const { Cell::new(0) };
}

/// The addresses of the queues that were set up, in order.
static QUEUES: Mutex<Vec<(usize, QueueAreas)>> = Mutex::new(Vec::new());

#[derive(Clone, Copy, PartialEq, Eq)]
struct QueueAreas {
    size: u16,
    descriptors: usize,
    available: usize,
    used: usize,
}

/// What a device does with its queues. Called again and again by the device's thread; answers whether it did
/// something, and then interrupts if the driver wants that.
pub trait Model: Send + 'static {
    /// Looks at the queues once.
    fn turn(&mut self, queues: &mut [DeviceQueue]) -> bool;
}

/// A machine with one device. Its address is what drivers are given as their platform.
pub struct VirtioMachine {
    device_type: u16,
    config: &'static [u8],
    /// The machine's interrupt controller.
    pub irq: FakeIrq<4>,
    block: OnceLock<usize>,
    model: Mutex<Option<Box<dyn Model>>>,
    msix_control: AtomicUsize,
    offered: u32,
    is_memory_reached: bool,
}

impl VirtioMachine {
    /// A machine whose device is of this type, with these bytes as its own configuration. It offers a MAC.
    pub const fn new(device_type: u16, config: &'static [u8]) -> Self {
        Self::offering(device_type, config, OFFERED)
    }

    /// The same for a device that offers `features`: bits 0 to 31, and by bit 0 also "follows version 1".
    pub const fn offering(device_type: u16, config: &'static [u8], features: u32) -> Self {
        Self {
            device_type,
            config,
            offered: features,
            is_memory_reached: false,
            irq: FakeIrq::new(),
            block: OnceLock::new(),
            model: Mutex::new(None),
            msix_control: AtomicUsize::new(0),
        }
    }

    /// The same machine, whose devices reach all memory.
    pub const fn reaching_memory(mut self) -> Self {
        self.is_memory_reached = true;
        self
    }

    /// Plugs the device in. Before the driver is started.
    pub fn plug(&'static self, model: impl Model) {
        *self.model.lock().unwrap() = Some(Box::new(model));
    }

    fn block(&self) -> usize {
        *self.block.get_or_init(|| {
            let words = vec![0u128; BLOCK_BYTES / 16 + 256].leak();
            let base = (words.as_mut_ptr() as usize).next_multiple_of(0x1000);
            write(base + FEATURES, self.offered);
            write(base + QUEUE_SIZE, LARGEST_QUEUE);
            (0..self.config.len()).for_each(|at| write(base + CONFIG + at, self.config[at]));
            base
        })
    }

    /// The life of the device, from the driver's readiness on.
    fn run(&'static self, mut model: Box<dyn Model>) {
        let block = self.block();
        while read::<u8>(block + STATUS) & DRIVER_OK == 0 {
            std::thread::sleep(Duration::from_micros(50));
        }
        note(block);
        let all = QUEUES.lock().unwrap().clone();
        let mine = all.into_iter().filter(|(owner, _)| *owner == block);
        let mut queues: Vec<_> = mine.map(|(_, areas)| DeviceQueue { areas, seen: 0, given: 0 }).collect();
        loop {
            if !model.turn(&mut queues) {
                std::thread::sleep(Duration::from_micros(20));
            } else {
                fence(Ordering::SeqCst);
                if queues.iter_mut().any(DeviceQueue::wants_interrupt) {
                    let _masked = Masked::new();
                    self.irq.raise(Line::Message);
                }
            }
        }
    }
}

/// Called by the host heap: if this thread is bringing a device up, notes the queue that its registers show.
pub(crate) fn look_at_registers() {
    // Noting allocates, too.
    let block = LOOKED_AT.replace(0);
    if block != 0 {
        note(block);
        LOOKED_AT.set(block);
    }
}

fn note(block: usize) {
    let area = |number: usize| read::<u64>(block + QUEUE_AREAS + number * 8) as usize;
    let (size, descriptors) = (read(block + QUEUE_SIZE), area(0));
    let areas = QueueAreas { size, descriptors, available: area(1), used: area(2) };
    let mut queues = QUEUES.lock().unwrap();
    if descriptors != 0 && !queues.contains(&(block, areas)) {
        queues.push((block, areas));
    }
}

/// A split virtqueue from the device's side (virtio 1.2, 2.7).
pub struct DeviceQueue {
    areas: QueueAreas,
    seen: u16,
    given: u16,
}

/// A buffer chain that the driver lends.
pub struct Chain {
    head: u16,
    parts: Vec<(usize, usize, bool)>,
}

impl Chain {
    /// What the driver knows it by.
    pub fn number(&self) -> u32 {
        self.head.into()
    }

    /// What the driver wrote.
    pub fn bytes(&self) -> Vec<u8> {
        let readable = self.parts.iter().filter(|(_, _, is_writable)| !is_writable);
        readable.flat_map(|(address, bytes, _)| (0..*bytes).map(move |at| read(*address + at))).collect()
    }

    /// How many bytes can be written for the driver to read.
    pub fn room(&self) -> usize {
        self.parts.iter().filter(|(_, _, is_writable)| *is_writable).map(|(_, bytes, _)| bytes).sum()
    }

    /// Writes for the driver to read; returns how much fitted.
    pub fn fill(&self, bytes: &[u8]) -> usize {
        let writable = self.parts.iter().filter(|(_, _, is_writable)| *is_writable);
        let places = writable.flat_map(|(address, bytes, _)| *address..*address + *bytes);
        places.zip(bytes).map(|(place, byte)| write(place, *byte)).count()
    }
}

impl DeviceQueue {
    /// The next chain that the driver lends, if there is one.
    pub fn take(&mut self) -> Option<Chain> {
        // SAFETY: the driver said that its available ring is here; its index is an aligned half-word.
        let index = unsafe { AtomicU16::from_ptr((self.areas.available + 2) as *mut u16) };
        if index.load(Ordering::Acquire) == self.seen {
            return None;
        }
        let slot = usize::from(self.seen % self.areas.size);
        let head: u16 = read(self.areas.available + 4 + slot * 2);
        self.seen = self.seen.wrapping_add(1);
        let (mut parts, mut at) = (Vec::new(), head);
        loop {
            let descriptor = self.areas.descriptors + usize::from(at) * 16;
            let (flags, bytes): (u16, u32) = (read(descriptor + 12), read(descriptor + 8));
            parts.push((read::<u64>(descriptor) as usize, bytes as usize, flags & 2 != 0));
            if flags & 1 == 0 {
                return Some(Chain { head, parts });
            }
            at = read(descriptor + 14);
        }
    }

    /// Gives a chain back, of which `bytes` were written.
    pub fn give(&mut self, chain: Chain, bytes: usize) {
        self.claim(chain.number(), bytes as u32);
    }

    /// Says that the chain with this number is back and that `bytes` of it were written, true or not: what a device
    /// does that breaks the rules.
    pub fn claim(&mut self, number: u32, bytes: u32) {
        let slot = usize::from(self.given % self.areas.size);
        write(self.areas.used + 4 + slot * 8, number);
        write(self.areas.used + 8 + slot * 8, bytes);
        self.given = self.given.wrapping_add(1);
        // SAFETY: the driver said that its used ring is here; its index is an aligned half-word.
        let index = unsafe { AtomicU16::from_ptr((self.areas.used + 2) as *mut u16) };
        index.store(self.given, Ordering::Release);
    }

    fn wants_interrupt(&mut self) -> bool {
        read::<u16>(self.areas.available) & NO_INTERRUPT == 0
    }
}

impl Platform for VirtioMachine {
    type Arch = FakeArch;
    const NAME: &'static str = "virtio-machine";
    const HAS_PREEMPTION: bool = false;

    fn start(&'static self, _frames: &'static dyn Frames) {}
    fn command_line(&self) -> &'static [u8] {
        b""
    }
    fn set_timer(&self, _deadline_ns: u64) {}
    fn idle(&self) {}
    fn exit(&self, status: u8) -> ! {
        panic!("the image exited with status {status}")
    }
    fn report_fault(&self, _kind: &str, _addresses: &[usize]) {}

    fn find_virtio(&self, device_type: u16, visit: &mut dyn FnMut(VirtioDevice) -> bool) {
        let Some(model) = self.model.lock().unwrap().take() else { return };
        if device_type == self.device_type {
            LOOKED_AT.set(self.block());
            // SAFETY: machines are statics: a driver takes its platform as `&'static`.
            let machine: &'static Self = unsafe { &*core::ptr::from_ref(self) };
            std::thread::spawn(move || machine.run(model));
            visit(VirtioDevice::Pci(FUNCTION));
        }
    }

    fn map_device(&self, address: u64, _bytes: usize) -> Option<usize> {
        Some(address as usize)
    }

    fn devices_reach(&self, _start: usize, _bytes: usize) -> bool {
        self.is_memory_reached
    }

    fn pci_read(&self, function: PciFunction, register: u16) -> u32 {
        if function != FUNCTION {
            return u32::MAX;
        }
        let bar = self.block() as u64;
        match register {
            0x00 => 0x1040_1af4 + (u32::from(self.device_type) << 16),
            0x04 => 0x0010_0000,
            0x10 => bar as u32 | 0b1100,
            0x14 => (bar >> 32) as u32,
            0x34 => 0x40,
            // Common, notify and device configuration, and MSI-X with two entries: kind, next; BAR; place; length.
            0x40 => 0x0110_5009,
            0x50 => 0x0214_7009,
            0x58 => NOTIFY as u32,
            0x60 => 4,
            0x70 => 0x0410_8009,
            0x78 => CONFIG as u32,
            0x48 => 0,
            0x4c | 0x5c | 0x7c => 0x100,
            0x80 => 0x0001_0011 | self.msix_control.load(Ordering::Relaxed) as u32,
            0x84 => MSIX_TABLE as u32,
            _ => 0,
        }
    }

    fn pci_write(&self, _function: PciFunction, register: u16, value: u32) {
        if register == 0x80 {
            self.msix_control.store((value & 0xc000_0000) as usize, Ordering::Relaxed);
        }
    }
}

/// Reads a device register or shared memory.
fn read<T: Copy>(address: usize) -> T {
    // SAFETY: callers read registers of a leaked block, or memory that a driver under test has lent.
    unsafe { (address as *const T).read_volatile() }
}

/// Writes a device register or shared memory.
fn write<T>(address: usize, value: T) {
    // SAFETY: as for `read`.
    unsafe { (address as *mut T).write_volatile(value) }
}
