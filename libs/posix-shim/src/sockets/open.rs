//! `socket`, and the words of a network stack in those of descriptors: its news as events, its errors as `errno`.

use crate::Errno;
use crate::errno::ret;
use crate::fd::{Events, FileRef, Watch, table};
use crate::sockets::inet::Inet;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::ffi::c_int;
use kit_iface_image::WithNet;
use kit_iface_net::{Family, Kind, Net, NetError, Observer, Readiness};

/// `socket`
pub fn socket<I: WithNet>(family: c_int, kind: c_int, protocol: c_int) -> c_int {
    ret(open::<I>(family, kind, protocol))
}

fn open<I: WithNet>(family: c_int, kind: c_int, protocol: c_int) -> Result<c_int, Errno> {
    let flags = kind & (libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC);
    let family = match family {
        libc::AF_INET => Family::V4,
        libc::AF_INET6 => Family::V6,
        _ => return Err(Errno(libc::EAFNOSUPPORT)),
    };
    let (kind, only) = match kind & !flags {
        libc::SOCK_STREAM => (Kind::Stream, libc::IPPROTO_TCP),
        libc::SOCK_DGRAM => (Kind::Datagram, libc::IPPROTO_UDP),
        libc::SOCK_RAW | libc::SOCK_SEQPACKET => return Err(Errno(libc::ESOCKTNOSUPPORT)),
        _ => return Err(Errno(libc::EINVAL)),
    };
    if protocol != 0 && protocol != only {
        return Err(Errno(libc::EPROTONOSUPPORT));
    }
    let watch = Box::new(Watch::new());
    let handle = I::net().open(kind, family, observer(&watch)).map_err(|error| match error {
        NetError::Unsupported if kind == Kind::Stream && !<I::Net as Net>::STREAMS => {
            Errno(libc::EPROTONOSUPPORT)
        }
        NetError::Unsupported => Errno(libc::EAFNOSUPPORT),
        error => errno_of(error),
    })?;
    let socket = Inet::<I>::new(handle, watch, kind, family, flags);
    table::insert::<I>(FileRef::Counted(Arc::new(socket)), flags & libc::SOCK_CLOEXEC != 0)
}

/// The stack's news, on their way to whoever watches the file.
fn observe(watch: usize, readiness: Readiness) {
    // SAFETY: `data` is the address of a boxed watch, which lives until after the socket is closed; the stack does
    // not call once `Net::close` has returned.
    let watch = unsafe { &*(watch as *const Watch) };
    watch.notify(events_of(readiness));
}

/// The observer that tells `watch`.
pub fn observer(watch: &Watch) -> Observer {
    Observer { function: observe, data: core::ptr::from_ref(watch) as usize }
}

/// Linux's `tcp_poll`: whatever ends a direction also makes its calls return at once.
pub fn events_of(readiness: Readiness) -> Events {
    let has = |part| readiness.intersects(part);
    let over = has(Readiness::CLOSED) || has(Readiness::ERROR);
    Events::NONE
        .with_if(has(Readiness::READABLE) || has(Readiness::READ_CLOSED) || over, Events::IN)
        .with_if(has(Readiness::WRITABLE) || over, Events::OUT)
        .with_if(has(Readiness::READ_CLOSED), Events::RDHUP)
        .with_if(has(Readiness::CLOSED), Events::HUP)
        .with_if(has(Readiness::ERROR), Events::ERR)
}

/// The `errno` of a stack's error.
pub fn errno_of(error: NetError) -> Errno {
    Errno(match error {
        NetError::WouldBlock => libc::EAGAIN,
        NetError::InProgress => libc::EINPROGRESS,
        NetError::AlreadyConnecting => libc::EALREADY,
        NetError::AlreadyConnected => libc::EISCONN,
        NetError::NotConnected => libc::ENOTCONN,
        NetError::Refused => libc::ECONNREFUSED,
        NetError::Reset => libc::ECONNRESET,
        NetError::Aborted => libc::ECONNABORTED,
        NetError::Closed => libc::EPIPE,
        NetError::TimedOut => libc::ETIMEDOUT,
        NetError::AddressInUse => libc::EADDRINUSE,
        NetError::AddressNotAvailable => libc::EADDRNOTAVAIL,
        NetError::Unreachable => libc::ENETUNREACH,
        NetError::TooLarge => libc::EMSGSIZE,
        NetError::NoDestination => libc::EDESTADDRREQ,
        NetError::Invalid => libc::EINVAL,
        NetError::Unsupported => libc::EOPNOTSUPP,
        NetError::Exhausted => libc::ENOBUFS,
        NetError::Down => libc::ENETDOWN,
        NetError::NameNotFound => libc::ENOENT,
    })
}
