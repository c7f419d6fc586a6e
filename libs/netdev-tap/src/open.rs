//! Which tap, and the one message that says what keeps it from being used.

use kit_iface_console::log_str;
use kit_iface_netdev::NetDeviceError;
use kit_util_cmdline::option;
use kit_util_linux::{
    Errno, InterfaceName, attach_tap, close, interface_is_up, interface_mtu, open_tap_device,
    set_nonblocking, tap_name,
};

/// The option of the command line that overrules the configuration.
const OPTION: &str = "tap";
/// Longest value that makes sense: a name is shorter.
const MOST_BYTES: usize = 32;
/// Frames of a descriptor that is no interface are Ethernet's.
const USUAL_MTU: usize = 1500;

/// An opened tap.
pub(crate) struct Opened {
    pub descriptor: i32,
    pub mtu: usize,
}

/// Opens what the command line names, else `configured`. What is wrong goes to the log, with what to do about it.
pub(crate) fn open(command_line: &[u8], configured: &str) -> Result<Opened, NetDeviceError> {
    let mut buffer = [0; MOST_BYTES];
    let wanted = match option(command_line, OPTION) {
        Some(text) => text.copy_to(&mut buffer).map(|bytes| &*bytes),
        None => Some(configured.as_bytes()),
    };
    let wanted = wanted.unwrap_or_default();
    if let Some(number) = wanted.strip_prefix(b"fd:") {
        return inherit(number);
    }
    let Some(name) = InterfaceName::new(wanted) else {
        return refuse(&["kit.tap= or NETDEV_TAP_NAME is no name of an interface (1 to 15 letters)"]);
    };
    let descriptor = match open_tap_device() {
        Ok(descriptor) => descriptor,
        Err(Errno(libc::ENOENT | libc::ENXIO | libc::ENODEV)) => {
            return refuse(&["/dev/net/tun: the host has no driver for taps; try: sudo modprobe tun"]);
        }
        Err(Errno(libc::EACCES | libc::EPERM)) => {
            return refuse(&["/dev/net/tun: permission denied; try: sudo chmod a+rw /dev/net/tun"]);
        }
        Err(_) => return refuse(&["/dev/net/tun: it cannot be opened; try: ls -l /dev/net/tun"]),
    };
    if let Err(errno) = attach_tap(descriptor, name) {
        let _ = close(descriptor);
        return refuse_interface(name.as_str(), errno);
    }
    if interface_is_up(name) == Ok(false) {
        say(&[name.as_str(), " is down, no frame will pass; try: sudo ip link set ", name.as_str(), " up"]);
    }
    Ok(Opened { descriptor, mtu: interface_mtu(name).unwrap_or(USUAL_MTU) })
}

fn inherit(number: &[u8]) -> Result<Opened, NetDeviceError> {
    let number = core::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
    let Some(descriptor) = number else { return refuse(&["kit.tap=fd: needs a number, such as fd:3"]) };
    if set_nonblocking(descriptor).is_err() {
        return refuse(&[
            "kit.tap=fd: names a descriptor that is not open; whoever starts the image opens it",
        ]);
    }
    let mtu = tap_name(descriptor).and_then(interface_mtu);
    Ok(Opened { descriptor, mtu: mtu.unwrap_or(USUAL_MTU) })
}

#[cold]
fn refuse_interface<T>(name: &str, Errno(errno): Errno) -> Result<T, NetDeviceError> {
    match errno {
        libc::EPERM => refuse(&[
            name,
            ": it does not exist, or is not yours; try: sudo ip tuntap add ",
            name,
            " mode tap user $USER",
        ]),
        libc::EBUSY => {
            refuse(&[name, ": another process uses it; choose another by KIT_OPTIONS=kit.tap=NAME"])
        }
        libc::EINVAL => {
            refuse(&[name, ": it exists and is no tap; choose another by KIT_OPTIONS=kit.tap=NAME"])
        }
        _ => refuse(&[name, ": the host refuses it as a tap; try: ip tuntap show"]),
    }
}

#[cold]
fn refuse<T>(why: &[&str]) -> Result<T, NetDeviceError> {
    say(why);
    Err(NetDeviceError::Failed)
}

#[cold]
fn say(parts: &[&str]) {
    log_str("kit: netdev: ");
    parts.iter().for_each(|part| log_str(part));
    log_str("\n");
}
