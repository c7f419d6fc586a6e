//! The kernel's error numbers as the slot's errors: the inverse of the table in `kit_iface_net::NetError`.

use kit_iface_net::NetError;
use kit_util_linux::Errno;

pub(crate) fn net_error(errno: Errno) -> NetError {
    match errno.0 {
        libc::EAGAIN => NetError::WouldBlock,
        libc::EINPROGRESS => NetError::InProgress,
        libc::EALREADY => NetError::AlreadyConnecting,
        libc::EISCONN => NetError::AlreadyConnected,
        libc::ENOTCONN => NetError::NotConnected,
        libc::ECONNREFUSED => NetError::Refused,
        libc::ECONNRESET => NetError::Reset,
        libc::ECONNABORTED => NetError::Aborted,
        libc::EPIPE => NetError::Closed,
        libc::ETIMEDOUT => NetError::TimedOut,
        libc::EADDRINUSE => NetError::AddressInUse,
        // A privileged port counts as one that is not ours.
        libc::EADDRNOTAVAIL | libc::EACCES | libc::EPERM => NetError::AddressNotAvailable,
        libc::ENETUNREACH | libc::EHOSTUNREACH | libc::EHOSTDOWN => NetError::Unreachable,
        libc::EMSGSIZE => NetError::TooLarge,
        libc::EDESTADDRREQ => NetError::NoDestination,
        libc::EOPNOTSUPP | libc::EAFNOSUPPORT | libc::EPROTONOSUPPORT | libc::ENOPROTOOPT | libc::ENOSYS => {
            NetError::Unsupported
        }
        libc::ENOBUFS | libc::ENOMEM | libc::EMFILE | libc::ENFILE => NetError::Exhausted,
        libc::ENETDOWN => NetError::Down,
        _ => NetError::Invalid,
    }
}
