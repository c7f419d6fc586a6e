//! Memory that the device reads and writes.

use alloc::boxed::Box;
use alloc::vec::Vec;
use kit_iface_netdev::NetDeviceError;

/// Room for a virtio header and the largest Ethernet frame; two make a page.
pub(crate) const BUFFER_BYTES: usize = 2048;

/// One frame and its header.
pub(crate) type Buffer = Box<[u8]>;

/// A zeroed buffer.
pub(crate) fn buffer() -> Result<Buffer, NetDeviceError> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(BUFFER_BYTES).map_err(|_| NetDeviceError::OutOfMemory)?;
    bytes.resize(BUFFER_BYTES, 0);
    Ok(bytes.into_boxed_slice())
}

/// `N` of them.
pub(crate) fn buffers<const N: usize>() -> Result<[Buffer; N], NetDeviceError> {
    let mut all = Vec::new();
    all.try_reserve_exact(N).map_err(|_| NetDeviceError::OutOfMemory)?;
    for _ in 0..N {
        all.push(buffer()?);
    }
    all.try_into().map_err(|_| NetDeviceError::OutOfMemory)
}
