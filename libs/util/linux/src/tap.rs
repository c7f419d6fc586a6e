//! Tap interfaces: a network interface of the host whose cable ends in a descriptor (tun(4), netdevice(7)).

use crate::raw::{syscall3, syscall6};
use crate::{Errno, close, socket};
use core::ffi::CStr;

const DEVICE: &CStr = c"/dev/net/tun";

/// `TUNSETOFFLOAD` (linux/if_tun.h).
const SET_OFFLOADS: usize = libc::TUNSETOFFLOAD as usize;

/// The name of a network interface: at most 15 bytes, then zeros (`IFNAMSIZ`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterfaceName([u8; 16]);

impl InterfaceName {
    /// The name in `text`; `None` if it is empty, too long, or holds a zero, a slash or a space (netdevice(7)).
    pub fn new(text: &[u8]) -> Option<Self> {
        let mut name = [0; 16];
        let is_fit = |byte: &u8| !matches!(byte, 0 | b'/') && !byte.is_ascii_whitespace();
        if text.is_empty() || text.len() >= name.len() || !text.iter().all(is_fit) {
            return None;
        }
        name[..text.len()].copy_from_slice(text);
        Some(Self(name))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        core::str::from_utf8(&self.0[..length]).unwrap_or("?")
    }
}

/// The kernel's `struct ifreq`: a name, and a union of 24 bytes.
#[repr(C)]
struct Request {
    name: InterfaceName,
    value: [u64; 3],
}

impl Request {
    fn new(name: InterfaceName, value: u64) -> Self {
        Self { name, value: [value, 0, 0] }
    }

    fn send(&mut self, descriptor: i32, number: usize) -> Result<(), Errno> {
        let address = (&raw mut *self) as usize;
        // SAFETY: the requests of this module read and write one ifreq, which this is.
        unsafe { syscall3(libc::SYS_ioctl, descriptor as usize, number, address) }.map(drop)
    }
}

/// Opens the device that makes taps, non-blocking.
pub fn open_tap_device() -> Result<i32, Errno> {
    let flags = (libc::O_RDWR | libc::O_NONBLOCK | libc::O_CLOEXEC) as usize;
    let arguments = [libc::AT_FDCWD as usize, DEVICE.as_ptr() as usize, flags, 0, 0, 0];
    // SAFETY: the kernel reads the path up to its zero byte.
    unsafe { syscall6(libc::SYS_openat, arguments) }.map(|descriptor| descriptor as i32)
}

/// Makes an opened device the far end of the tap `name`, which is created if it does not exist and the process may do
/// so. Each read and write is then one Ethernet frame. The host does all checksums and segmentation itself.
pub fn attach_tap(descriptor: i32, name: InterfaceName) -> Result<(), Errno> {
    Request::new(name, (libc::IFF_TAP | libc::IFF_NO_PI) as u64)
        .send(descriptor, libc::TUNSETIFF as usize)?;
    // A tap that outlives its users keeps what the last one offered to do for the host.
    // SAFETY: the argument is a number.
    unsafe { syscall3(libc::SYS_ioctl, descriptor as usize, SET_OFFLOADS, 0) }.map(drop)
}

/// The tap whose far end `descriptor` is.
pub fn tap_name(descriptor: i32) -> Result<InterfaceName, Errno> {
    let mut request = Request::new(InterfaceName([0; 16]), 0);
    request.send(descriptor, libc::TUNGETIFF as usize)?;
    Ok(request.name)
}

/// The MTU of an interface, in bytes.
pub fn interface_mtu(name: InterfaceName) -> Result<usize, Errno> {
    ask(name, libc::SIOCGIFMTU as usize).map(|value| value as u32 as usize)
}

/// Whether an interface is up.
pub fn interface_is_up(name: InterfaceName) -> Result<bool, Errno> {
    ask(name, libc::SIOCGIFFLAGS as usize).map(|flags| flags as i32 & libc::IFF_UP != 0)
}

/// Questions about interfaces go through any socket.
fn ask(name: InterfaceName, number: usize) -> Result<u64, Errno> {
    let socket = socket(libc::AF_INET, libc::SOCK_DGRAM)?;
    let mut request = Request::new(name, 0);
    let answer = request.send(socket, number);
    close(socket)?;
    answer.map(|()| request.value[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_the_kernel_takes() {
        assert_eq!(InterfaceName::new(b"tap0").unwrap().as_str(), "tap0");
        assert_eq!(InterfaceName::new(b"fifteen-letters").unwrap().as_str(), "fifteen-letters");
        for bad in [&b""[..], b"sixteen--letters", b"a b", b"a/b", b"a\0b"] {
            assert_eq!(InterfaceName::new(bad), None);
        }
    }

    #[test]
    fn the_loopback_interface_is_known_and_others_are_not() {
        assert!(interface_mtu(InterfaceName::new(b"lo").unwrap()).unwrap() >= 1280);
        let missing = InterfaceName::new(b"no-such-one").unwrap();
        assert_eq!(interface_is_up(missing), Err(Errno(libc::ENODEV)));
        assert!(tap_name(-1).is_err());
    }
}
