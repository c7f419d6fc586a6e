//! `send` and `recv` with their variants. `MSG_NOSIGNAL` is always in force: there is no `SIGPIPE`.

use crate::Errno;
use crate::errno::ret_count;
use crate::fd::transfer::{attempt, write_all, write_all_vectored};
use crate::fd::{Direction, FileRef, table};
use crate::sockets::calls::socket_of;
use crate::sockets::{Address, Received, SocketFile, address};
use crate::user::{self, Source, Target};
use alloc::vec::Vec;
use core::ffi::{c_int, c_void};
use core::sync::atomic::Ordering;
use kit_iface_image::Image;

/// The file's flags, with those of one message.
#[inline]
fn flags_of(file: &FileRef, message_flags: c_int) -> c_int {
    let nonblocking = if message_flags & libc::MSG_DONTWAIT != 0 { libc::O_NONBLOCK } else { 0 };
    file.flags().load(Ordering::Relaxed) | nonblocking
}

/// `send`
///
/// # Safety
/// As the C function.
pub unsafe fn send<I: Image>(fd: c_int, bytes: *const c_void, count: usize, flags: c_int) -> isize {
    // SAFETY: forwarded to the caller.
    let bytes = unsafe { user::bytes(bytes, count) };
    ret_count(bytes.and_then(|bytes| send_checked::<I>(fd, bytes, flags, None)))
}

/// `sendto`
///
/// # Safety
/// As the C function.
pub unsafe fn sendto<I: Image>(
    fd: c_int,
    bytes: *const c_void,
    count: usize,
    flags: c_int,
    address: *const libc::sockaddr,
    length: libc::socklen_t,
) -> isize {
    // SAFETY: forwarded to the caller.
    let (bytes, to) = unsafe { (user::bytes(bytes, count), destination(address, length)) };
    ret_count(bytes.and_then(|bytes| send_checked::<I>(fd, bytes, flags, to?)))
}

unsafe fn destination(
    address: *const libc::sockaddr,
    length: libc::socklen_t,
) -> Result<Option<Address>, Errno> {
    if address.is_null() || length == 0 {
        return Ok(None);
    }
    // SAFETY: forwarded to the caller.
    unsafe { address::read(address, length) }.map(Some)
}

#[inline]
fn send_checked<I: Image>(
    fd: c_int,
    bytes: &[u8],
    flags: c_int,
    to: Option<Address>,
) -> Result<usize, Errno> {
    let file = table::get::<I>(fd)?;
    let socket = socket_of(&file)?;
    if flags & libc::MSG_OOB != 0 {
        return Err(Errno(libc::EOPNOTSUPP));
    }
    write_all(&*file, flags_of(&file, flags), |done| socket.send(&bytes[done..], to), bytes.len())
}

/// `recv`
///
/// # Safety
/// As the C function.
pub unsafe fn recv<I: Image>(fd: c_int, buffer: *mut c_void, count: usize, flags: c_int) -> isize {
    // SAFETY: forwarded to the caller.
    let buffer = unsafe { user::bytes_mut(buffer, count) };
    ret_count(
        buffer.and_then(|buffer| receive_checked::<I>(fd, buffer, flags).map(|received| received.count)),
    )
}

/// `recvfrom`
///
/// # Safety
/// As the C function.
pub unsafe fn recvfrom<I: Image>(
    fd: c_int,
    buffer: *mut c_void,
    count: usize,
    flags: c_int,
    address: *mut libc::sockaddr,
    length: *mut libc::socklen_t,
) -> isize {
    // SAFETY: forwarded to the caller.
    let buffer = unsafe { user::bytes_mut(buffer, count) };
    ret_count(buffer.and_then(|buffer| {
        let received = receive_checked::<I>(fd, buffer, flags)?;
        match received.from {
            // SAFETY: forwarded to the caller.
            Some(from) => unsafe { address::write(from, address, length) }?,
            // A stream says nothing about its peer here: an address of length zero.
            None if !address.is_null() => {
                // SAFETY: forwarded to the caller.
                unsafe { user::store(length, 0) }?;
            }
            None => {}
        }
        Ok(received.count)
    }))
}

#[inline]
fn receive_checked<I: Image>(fd: c_int, buffer: &mut [u8], flags: c_int) -> Result<Received, Errno> {
    let file = table::get::<I>(fd)?;
    let socket = socket_of(&file)?;
    receive_on(&file, socket, buffer, flags)
}

#[inline]
fn receive_on(
    file: &FileRef,
    socket: &dyn SocketFile,
    buffer: &mut [u8],
    flags: c_int,
) -> Result<Received, Errno> {
    if flags & (libc::MSG_OOB | libc::MSG_ERRQUEUE) != 0 {
        // There is neither urgent data nor an error queue.
        return Err(Errno(if flags & libc::MSG_OOB != 0 { libc::EINVAL } else { libc::EAGAIN }));
    }
    let file_flags = flags_of(file, flags);
    let peek = flags & libc::MSG_PEEK != 0;
    let first = attempt(&**file, file_flags, Direction::Read, || socket.receive(buffer, peek))?;
    if flags & libc::MSG_WAITALL == 0 || peek || socket.kind() != libc::SOCK_STREAM {
        return Ok(first);
    }
    let mut count = first.count;
    while count < buffer.len() {
        let rest = &mut buffer[count..];
        match attempt(&**file, file_flags, Direction::Read, || socket.receive(rest, false)) {
            Ok(Received { count: 0, .. }) | Err(_) => break,
            Ok(more) => count += more.count,
        }
    }
    Ok(Received { count, from: first.from })
}

/// `sendmsg`. Control messages, which are hints where they are not descriptors to pass on, are not looked at.
///
/// # Safety
/// As the C function.
pub unsafe fn sendmsg<I: Image>(fd: c_int, message: *const libc::msghdr, flags: c_int) -> isize {
    // SAFETY: forwarded to the caller.
    ret_count(unsafe { sendmsg_checked::<I>(fd, message, flags) })
}

unsafe fn sendmsg_checked<I: Image>(
    fd: c_int,
    message: *const libc::msghdr,
    flags: c_int,
) -> Result<usize, Errno> {
    // SAFETY: forwarded to the caller.
    let message = unsafe { user::load(message) }?;
    // SAFETY: the caller's message names its vectors and its address.
    let (sources, to) = unsafe {
        let count = c_int::try_from(message.msg_iovlen).map_err(|_| Errno(libc::EMSGSIZE))?;
        let sources = user::sources(message.msg_iov, count)?;
        (sources, destination(message.msg_name.cast(), message.msg_namelen)?)
    };
    let file = table::get::<I>(fd)?;
    let socket = socket_of(&file)?;
    let file_flags = flags_of(&file, flags);
    match (sources, to) {
        ([source], _) => {
            let bytes = source.bytes();
            write_all(&*file, file_flags, |done| socket.send(&bytes[done..], to), bytes.len())
        }
        (_, None) => write_all_vectored(&*file, file_flags, sources),
        _ => {
            let gathered = gather(sources)?;
            attempt(&*file, file_flags, Direction::Write, || socket.send(&gathered, to))
        }
    }
}

fn gather(sources: &[Source<'_>]) -> Result<Vec<u8>, Errno> {
    let mut gathered = Vec::new();
    let length = sources.iter().map(|source| source.bytes().len()).sum();
    gathered.try_reserve_exact(length).map_err(|_| Errno(libc::ENOBUFS))?;
    for source in sources {
        gathered.extend_from_slice(source.bytes());
    }
    Ok(gathered)
}

/// `recvmsg`. There are never control messages.
///
/// # Safety
/// As the C function.
pub unsafe fn recvmsg<I: Image>(fd: c_int, message: *mut libc::msghdr, flags: c_int) -> isize {
    if message.is_null() {
        return ret_count(Err(Errno(libc::EFAULT)));
    }
    // SAFETY: not null, hence the caller's message, which nobody else touches meanwhile.
    let message = unsafe { &mut *message };
    // SAFETY: forwarded to the caller.
    ret_count(unsafe { recvmsg_checked::<I>(fd, message, flags) })
}

unsafe fn recvmsg_checked<I: Image>(
    fd: c_int,
    message: &mut libc::msghdr,
    flags: c_int,
) -> Result<usize, Errno> {
    let count = c_int::try_from(message.msg_iovlen).map_err(|_| Errno(libc::EMSGSIZE))?;
    // SAFETY: the caller's message names its vectors.
    let targets = unsafe { user::targets(message.msg_iov, count) }?;
    let file = table::get::<I>(fd)?;
    let socket = socket_of(&file)?;
    let received = match targets {
        [target] => receive_on(&file, socket, target.bytes(), flags)?,
        _ => receive_scattered(&file, socket, targets, flags)?,
    };
    message.msg_controllen = 0;
    message.msg_flags = 0;
    match received.from {
        Some(from) if !message.msg_name.is_null() => {
            // SAFETY: the caller's message names the room for an address.
            unsafe { address::write(from, message.msg_name.cast(), &mut message.msg_namelen) }?;
        }
        _ => message.msg_namelen = 0,
    }
    Ok(received.count)
}

/// Receives into one buffer and hands it out in parts.
fn receive_scattered(
    file: &FileRef,
    socket: &dyn SocketFile,
    targets: &mut [Target<'_>],
    flags: c_int,
) -> Result<Received, Errno> {
    let length = targets.iter_mut().map(|target| target.bytes().len()).sum();
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(length).map_err(|_| Errno(libc::ENOBUFS))?;
    buffer.resize(length, 0);
    let received = receive_on(file, socket, &mut buffer, flags)?;
    let mut rest = &buffer[..received.count];
    for target in targets {
        let target = target.bytes();
        let (part, tail) = rest.split_at(target.len().min(rest.len()));
        target[..part.len()].copy_from_slice(part);
        rest = tail;
    }
    Ok(received)
}
