//! The network-device slot: Ethernet frames in and out.
//!
//! A *frame* here is an Ethernet II frame from destination address to payload, **without** the 4-byte frame
//! check sequence; the MTU is the payload alone (1500 on ordinary Ethernet), so a frame is at most
//! `mtu + 14` bytes. Buffers belong to the device and are lent: the driver may have mapped them for DMA, and
//! neither side copies.
//!
//! Control and data are apart: [`NetDevice::start`] is called once, by the stack, on first use: an image that
//! opens no socket never touches the device. Receive interrupts wake [`NetDevice::event_key`]; there is no
//! polling while nothing happens.
//!
//! [`fake`] has a pair of devices joined by a wire, with faults on demand; [`conformance`] checks an implementation.
//! What stands around a device ("wrappers": recording, faults) implements the same trait.
#![no_std]
#![deny(missing_docs)]

pub mod conformance;
pub mod fake;

/// Bytes of an Ethernet II header: two addresses and the EtherType.
pub const ETHERNET_HEADER_BYTES: usize = 14;

/// Why a device could not be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetDeviceError {
    /// There is no such device on this machine.
    Absent,
    /// It is there and did not accept its initialisation.
    Failed,
    /// No memory for its rings and buffers.
    OutOfMemory,
}

/// What a started device is able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Its Ethernet address.
    pub mac: [u8; 6],
    /// Largest payload of a frame, in bytes, without the Ethernet header.
    pub mtu: usize,
    /// The device or host verifies checksums of what it delivers, and fills those of what it sends.
    pub checksum_offload: bool,
}

impl Capabilities {
    /// A device with this address, an MTU of 1500 and no offloads.
    pub const fn ethernet(mac: [u8; 6]) -> Self {
        Self { mac, mtu: 1500, checksum_offload: false }
    }
}

/// A network device. One caller at a time: the stack calls it under its own lock. No method blocks.
///
/// *For stacks*: whoever was woken on [`NetDevice::event_key`] calls [`NetDevice::receive`] until it answers `None`,
/// and sends what had no room. *For wrappers*, which stand around another device (`wraps` in the metadata): every
/// promise here is the wrapper's own; what it adds to a frame's way it adds in both directions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a network device",
    note = "choose one with `[config] NETDEV_… = true`; `kit doctor` lists them"
)]
pub trait NetDevice: Sync + 'static {
    /// Finds and initialises the device. Called once, before everything else but [`NetDevice::event_key`].
    fn start(&self) -> Result<Capabilities, NetDeviceError>;

    /// Hands the oldest received frame to `consume` and takes its buffer back afterwards; `None`, with `consume`
    /// not called, if nothing has arrived. `consume` may call [`NetDevice::transmit`]. A device is not trusted: what
    /// it says of lengths is checked, and what cannot be a frame is dropped here.
    fn receive<R>(&self, consume: impl FnOnce(&mut [u8]) -> R) -> Option<R>;

    /// Lends a buffer of exactly `frame_bytes`, which `fill` must fill completely, and sends it.
    /// `None`, with `fill` not called, if the transmit ring is full. `frame_bytes` is at most `mtu + 14`.
    fn transmit<R>(&self, frame_bytes: usize, fill: impl FnOnce(&mut [u8]) -> R) -> Option<R>;

    /// Whether [`NetDevice::transmit`] would find a buffer. The device wakes [`NetDevice::event_key`] when
    /// this becomes true again after having been false. May be called by any thread at any time, also while
    /// another one is inside a method of this device: it looks at memory and takes no lock. False before
    /// [`NetDevice::start`].
    fn can_transmit(&self) -> bool;

    /// Whether there is something for [`NetDevice::receive`] to do: if false, it would answer `None`; if true, it
    /// hands a frame out, or takes something away that turns out to be none. As cheap, and as free to call, as
    /// [`NetDevice::can_transmit`]. False before [`NetDevice::start`].
    fn can_receive(&self) -> bool;

    /// Switches receive interrupts. Off while the stack drains the ring anyway; after switching them on the
    /// caller looks at [`NetDevice::can_receive`] once more, because a frame may have come in between.
    fn set_receive_interrupts(&self, enabled: bool);

    /// The key that is woken by the device's interrupt.
    fn event_key(&self) -> usize;
}
