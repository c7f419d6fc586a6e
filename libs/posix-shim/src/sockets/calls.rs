//! `bind` to `shutdown`: the calls about connections.

use crate::Errno;
use crate::errno::{ret, ret_unit};
use crate::fd::file::File;
use crate::fd::table;
use crate::fd::transfer::attempt;
use crate::fd::{Direction, Events, FileRef};
use crate::sockets::{SocketFile, address};
use core::ffi::c_int;
use core::sync::atomic::Ordering;
use kit_iface_image::Image;
use kit_iface_net::Shutdown;
use kit_iface_sched::Wake;

/// Longest queue of connections that wait to be accepted (`somaxconn`).
const BACKLOG_MAX: c_int = 4096;

/// The socket that `file` is.
pub fn socket_of(file: &FileRef) -> Result<&dyn SocketFile, Errno> {
    file.socket().ok_or(Errno(libc::ENOTSOCK))
}

/// `bind`
///
/// # Safety
/// As the C function.
pub unsafe fn bind<I: Image>(fd: c_int, address: *const libc::sockaddr, length: libc::socklen_t) -> c_int {
    ret_unit(table::get::<I>(fd).and_then(|file| {
        let socket = socket_of(&file)?;
        // SAFETY: forwarded to the caller.
        socket.bind(unsafe { address::read(address, length) }?)
    }))
}

/// `listen`
pub fn listen<I: Image>(fd: c_int, backlog: c_int) -> c_int {
    ret_unit(table::get::<I>(fd).and_then(|file| {
        // A negative backlog means the most there is: Linux compares it unsigned.
        let backlog = if backlog < 0 { BACKLOG_MAX } else { backlog.clamp(1, BACKLOG_MAX) };
        socket_of(&file)?.listen(backlog as usize)
    }))
}

/// `accept4`
///
/// # Safety
/// As the C function.
pub unsafe fn accept4<I: Image>(
    fd: c_int,
    address: *mut libc::sockaddr,
    length: *mut libc::socklen_t,
    flags: c_int,
) -> c_int {
    if flags & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) != 0 {
        return ret(Err(Errno(libc::EINVAL)));
    }
    ret(table::get::<I>(fd).and_then(|file| {
        let socket = socket_of(&file)?;
        let blocking = file.flags().load(Ordering::Relaxed);
        let accepted = attempt(&*file, blocking, Direction::Read, || socket.accept())?;
        if flags & libc::SOCK_NONBLOCK != 0 {
            accepted.file.flags().fetch_or(libc::O_NONBLOCK, Ordering::Relaxed);
        }
        // SAFETY: forwarded to the caller.
        unsafe { address::write(accepted.peer, address, length) }?;
        table::insert::<I>(FileRef::Counted(accepted.file), flags & libc::SOCK_CLOEXEC != 0)
    }))
}

/// `accept`
///
/// # Safety
/// As the C function.
pub unsafe fn accept<I: Image>(
    fd: c_int,
    address: *mut libc::sockaddr,
    length: *mut libc::socklen_t,
) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { accept4::<I>(fd, address, length, 0) }
}

/// `connect`
///
/// # Safety
/// As the C function.
pub unsafe fn connect<I: Image>(fd: c_int, address: *const libc::sockaddr, length: libc::socklen_t) -> c_int {
    ret_unit(table::get::<I>(fd).and_then(|file| {
        let socket = socket_of(&file)?;
        // SAFETY: forwarded to the caller.
        let peer = unsafe { address::read(address, length) }?;
        match socket.connect(peer) {
            Err(Errno(libc::EINPROGRESS)) if crate::fd::file::is_blocking(&*file) => {
                await_connection(&*file, socket)
            }
            result => result,
        }
    }))
}

/// Waits until an attempt that has begun succeeds or fails.
fn await_connection(file: &dyn File, socket: &dyn SocketFile) -> Result<(), Errno> {
    let deadline_ns = file.deadline(Direction::Write);
    loop {
        let ticket = file.ticket(Direction::Write);
        let events = file.readiness(Events::OUT);
        if let Some(errno) = socket.take_error() {
            return Err(errno);
        }
        if events.intersects(Events::OUT.with(Events::HUP)) {
            return Ok(());
        }
        if file.sleep(Direction::Write, ticket, deadline_ns) == Wake::TimedOut {
            return Err(Errno(libc::EINPROGRESS));
        }
    }
}

/// `shutdown`
pub fn shutdown<I: Image>(fd: c_int, how: c_int) -> c_int {
    let how = match how {
        libc::SHUT_RD => Ok(Shutdown::Read),
        libc::SHUT_WR => Ok(Shutdown::Write),
        libc::SHUT_RDWR => Ok(Shutdown::Both),
        _ => Err(Errno(libc::EINVAL)),
    };
    ret_unit(how.and_then(|how| {
        let file = table::get::<I>(fd)?;
        socket_of(&file)?.shutdown(how)
    }))
}

/// `getsockname`
///
/// # Safety
/// As the C function.
pub unsafe fn getsockname<I: Image>(
    fd: c_int,
    address: *mut libc::sockaddr,
    length: *mut libc::socklen_t,
) -> c_int {
    ret_unit(table::get::<I>(fd).and_then(|file| {
        let local = socket_of(&file)?.local_address()?;
        // SAFETY: forwarded to the caller.
        unsafe { address::write(local, address, length) }
    }))
}

/// `getpeername`
///
/// # Safety
/// As the C function.
pub unsafe fn getpeername<I: Image>(
    fd: c_int,
    address: *mut libc::sockaddr,
    length: *mut libc::socklen_t,
) -> c_int {
    ret_unit(table::get::<I>(fd).and_then(|file| {
        let peer = socket_of(&file)?.peer_address()?;
        // SAFETY: forwarded to the caller.
        unsafe { address::write(peer, address, length) }
    }))
}
