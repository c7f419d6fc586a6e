//! `setsockopt` and `getsockopt`.
//!
//! A stack is told options and cannot be asked for them, so what was set is remembered here. Options about which
//! nothing can be done and nothing goes wrong (buffer sizes, linger, type of service) are remembered all the same.

use crate::Errno;
use crate::errno::ret_unit;
use crate::fd::{Direction, FileRef, table};
use crate::sockets::calls::socket_of;
use crate::user;
use core::ffi::{c_int, c_void};
use core::mem::size_of;
use core::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use kit_iface_clock::monotonic_ns;
use kit_iface_image::Image;
use kit_iface_net::SocketOption;
use kit_iface_sched::NO_DEADLINE;

/// What has been set on a socket, as the numbers that C knows.
pub struct Options([AtomicI32; KNOWN.len()]);

/// One option whose value is a number: where it is, what it is at first, and how a stack is told.
struct Known {
    level: c_int,
    name: c_int,
    initial: c_int,
    tell: Tell,
}

enum Tell {
    /// The stack has no such notion, and nobody misses it.
    Nothing,
    /// The stack must take it, or the application learns that it cannot.
    Must(fn(c_int) -> SocketOption),
    /// A wish.
    May(fn(c_int) -> SocketOption),
    /// `SO_KEEPALIVE` and `TCP_KEEPIDLE`: two numbers of C, one option of a stack.
    KeepAlive,
}

const fn known(level: c_int, name: c_int, initial: c_int, tell: Tell) -> Known {
    Known { level, name, initial, tell }
}

use libc::{IPPROTO_IP as IP, IPPROTO_IPV6 as IPV6, IPPROTO_TCP as TCP, SOL_SOCKET as SOCKET};

const KNOWN: [Known; 19] = [
    known(SOCKET, libc::SO_KEEPALIVE, 0, Tell::KeepAlive),
    known(TCP, libc::TCP_KEEPIDLE, 7200, Tell::KeepAlive),
    known(SOCKET, libc::SO_REUSEADDR, 0, Tell::May(|value| SocketOption::ReuseAddress(value != 0))),
    known(SOCKET, libc::SO_REUSEPORT, 0, Tell::Must(|value| SocketOption::ReusePort(value != 0))),
    known(SOCKET, libc::SO_BROADCAST, 0, Tell::May(|value| SocketOption::Broadcast(value != 0))),
    known(
        SOCKET,
        libc::SO_RCVBUF,
        65_536,
        Tell::May(|value| SocketOption::ReceiveBuffer(value.max(0) as usize)),
    ),
    known(
        SOCKET,
        libc::SO_SNDBUF,
        65_536,
        Tell::May(|value| SocketOption::SendBuffer(value.max(0) as usize)),
    ),
    known(SOCKET, libc::SO_DONTROUTE, 0, Tell::Nothing),
    known(SOCKET, libc::SO_PRIORITY, 0, Tell::Nothing),
    known(TCP, libc::TCP_NODELAY, 0, Tell::May(|value| SocketOption::NoDelay(value != 0))),
    known(TCP, libc::TCP_KEEPINTVL, 75, Tell::Nothing),
    known(TCP, libc::TCP_KEEPCNT, 9, Tell::Nothing),
    known(TCP, libc::TCP_QUICKACK, 1, Tell::Nothing),
    known(TCP, libc::TCP_USER_TIMEOUT, 0, Tell::Nothing),
    known(IP, libc::IP_TTL, 64, Tell::Must(|value| SocketOption::HopLimit(value as u8))),
    known(IP, libc::IP_TOS, 0, Tell::Nothing),
    known(IPV6, libc::IPV6_UNICAST_HOPS, 64, Tell::Must(|value| SocketOption::HopLimit(value as u8))),
    known(IPV6, libc::IPV6_V6ONLY, 0, Tell::Must(|value| SocketOption::OnlyV6(value != 0))),
    known(IPV6, libc::IPV6_TCLASS, 0, Tell::Nothing),
];
const KEEP_ALIVE: usize = 0;
const KEEP_IDLE: usize = 1;

impl Options {
    /// What a fresh socket says.
    pub const fn new() -> Self {
        let mut values = [const { AtomicI32::new(0) }; KNOWN.len()];
        let mut index = 0;
        while index < KNOWN.len() {
            values[index] = AtomicI32::new(KNOWN[index].initial);
            index += 1;
        }
        Self(values)
    }

    fn find(level: c_int, name: c_int) -> Result<usize, Errno> {
        let position = KNOWN.iter().position(|known| known.level == level && known.name == name);
        position.ok_or(Errno(libc::ENOPROTOOPT))
    }

    fn value(&self, index: usize) -> c_int {
        self.0[index].load(Ordering::Relaxed)
    }

    /// What was set last.
    pub fn get(&self, level: c_int, name: c_int) -> Result<c_int, Errno> {
        Ok(self.value(Self::find(level, name)?))
    }

    /// Tells the stack and remembers.
    pub fn set(
        &self,
        level: c_int,
        name: c_int,
        value: c_int,
        tell: &mut dyn FnMut(SocketOption) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let index = Self::find(level, name)?;
        let before = self.0[index].swap(value, Ordering::Relaxed);
        let told = match KNOWN[index].tell {
            Tell::Nothing => Ok(()),
            Tell::Must(option) | Tell::May(option) => tell(option(value)),
            Tell::KeepAlive => {
                let idle_ns = self.value(KEEP_IDLE).max(1) as u64 * 1_000_000_000;
                tell(SocketOption::KeepAlive((self.value(KEEP_ALIVE) != 0).then_some(idle_ns)))
            }
        };
        match (told, &KNOWN[index].tell) {
            (Err(Errno(libc::EOPNOTSUPP)), Tell::Must(_)) => {
                self.0[index].store(before, Ordering::Relaxed);
                Err(Errno(libc::ENOPROTOOPT))
            }
            (Err(Errno(libc::EOPNOTSUPP)), _) => Ok(()),
            (told, _) => told,
        }
    }
}

/// How long blocking calls wait (`SO_RCVTIMEO`, `SO_SNDTIMEO`).
pub struct Timeouts {
    read_ns: AtomicU64,
    write_ns: AtomicU64,
}

impl Timeouts {
    /// For ever.
    pub const fn new() -> Self {
        Self { read_ns: AtomicU64::new(NO_DEADLINE), write_ns: AtomicU64::new(NO_DEADLINE) }
    }

    /// Nanoseconds, or [`NO_DEADLINE`].
    fn of(&self, direction: Direction) -> &AtomicU64 {
        match direction {
            Direction::Read => &self.read_ns,
            Direction::Write => &self.write_ns,
        }
    }

    /// Until when a call that begins now waits.
    pub fn deadline(&self, direction: Direction) -> u64 {
        match self.of(direction).load(Ordering::Relaxed) {
            NO_DEADLINE => NO_DEADLINE,
            timeout_ns => monotonic_ns().saturating_add(timeout_ns),
        }
    }
}

/// `setsockopt`
///
/// # Safety
/// As the C function.
pub unsafe fn setsockopt<I: Image>(
    fd: c_int,
    level: c_int,
    name: c_int,
    value: *const c_void,
    length: libc::socklen_t,
) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(table::get::<I>(fd).and_then(|file| unsafe { set(&file, level, name, value, length) }))
}

unsafe fn set(
    file: &FileRef,
    level: c_int,
    name: c_int,
    value: *const c_void,
    length: libc::socklen_t,
) -> Result<(), Errno> {
    let socket = socket_of(file)?;
    let length = length as usize;
    let at_least = |bytes| if length < bytes { Err(Errno(libc::EINVAL)) } else { Ok(()) };
    match (level, name) {
        (SOCKET, libc::SO_RCVTIMEO | libc::SO_SNDTIMEO) => {
            at_least(size_of::<libc::timeval>())?;
            // SAFETY: so many bytes are there.
            let time = unsafe { user::load(value.cast::<libc::timeval>()) }?;
            socket.timeouts().of(direction_of(name)).store(timeout_ns(time)?, Ordering::Relaxed);
            Ok(())
        }
        (SOCKET, libc::SO_LINGER) => at_least(size_of::<libc::linger>()),
        _ => {
            at_least(size_of::<c_int>())?;
            // SAFETY: so many bytes are there.
            socket.set_option(level, name, unsafe { user::load(value.cast::<c_int>()) }?)
        }
    }
}

fn direction_of(name: c_int) -> Direction {
    if name == libc::SO_RCVTIMEO { Direction::Read } else { Direction::Write }
}

/// A time-out; zero means for ever.
fn timeout_ns(time: libc::timeval) -> Result<u64, Errno> {
    match (u64::try_from(time.tv_sec), u64::try_from(time.tv_usec)) {
        (_, Err(_)) | (_, Ok(1_000_000..)) => Err(Errno(libc::EDOM)),
        (Ok(0), Ok(0)) => Ok(NO_DEADLINE),
        (Ok(seconds), Ok(us)) => Ok(seconds.saturating_mul(1_000_000_000).saturating_add(us * 1000)),
        // A time-out in the past: Linux does not wait at all.
        (Err(_), _) => Ok(0),
    }
}

/// `getsockopt`
///
/// # Safety
/// As the C function.
pub unsafe fn getsockopt<I: Image>(
    fd: c_int,
    level: c_int,
    name: c_int,
    value: *mut c_void,
    length: *mut libc::socklen_t,
) -> c_int {
    // SAFETY: forwarded to the caller.
    ret_unit(table::get::<I>(fd).and_then(|file| unsafe { get(&file, level, name, value, length) }))
}

unsafe fn get(
    file: &FileRef,
    level: c_int,
    name: c_int,
    value: *mut c_void,
    length: *mut libc::socklen_t,
) -> Result<(), Errno> {
    let socket = socket_of(file)?;
    let number = match (level, name) {
        (SOCKET, libc::SO_RCVTIMEO | libc::SO_SNDTIMEO) => {
            let ns = match socket.timeouts().of(direction_of(name)).load(Ordering::Relaxed) {
                NO_DEADLINE => 0,
                ns => ns,
            };
            let time = libc::timeval {
                tv_sec: (ns / 1_000_000_000) as i64,
                tv_usec: (ns % 1_000_000_000 / 1000) as i64,
            };
            // SAFETY: forwarded to the caller; the structure has no padding.
            return unsafe { answer(&time, value, length) };
        }
        (SOCKET, libc::SO_LINGER) => {
            // SAFETY: forwarded to the caller; the structure has no padding.
            return unsafe { answer(&libc::linger { l_onoff: 0, l_linger: 0 }, value, length) };
        }
        (SOCKET, libc::SO_ERROR) => socket.take_error().map_or(0, |errno| errno.0),
        (SOCKET, libc::SO_TYPE) => socket.kind(),
        (SOCKET, libc::SO_DOMAIN) => socket.family(),
        (SOCKET, libc::SO_ACCEPTCONN) => socket.is_listening().into(),
        (SOCKET, libc::SO_PROTOCOL) => match (socket.family(), socket.kind()) {
            (libc::AF_UNIX, _) => 0,
            (_, libc::SOCK_STREAM) => libc::IPPROTO_TCP,
            _ => libc::IPPROTO_UDP,
        },
        _ => socket.option(level, name)?,
    };
    // SAFETY: forwarded to the caller.
    unsafe { answer(&number, value, length) }
}

/// Stores an option's value, cut to the room there is.
///
/// # Safety
/// `length` is null or points to the room at `place`; `T` has no padding.
unsafe fn answer<T>(value: &T, place: *mut c_void, length: *mut libc::socklen_t) -> Result<(), Errno> {
    // SAFETY: forwarded to the caller.
    let room = unsafe { user::load(length) }? as usize;
    let count = size_of::<T>().min(room);
    if place.is_null() && count != 0 {
        return Err(Errno(libc::EFAULT));
    }
    // SAFETY: no more than there is on either side.
    unsafe { core::ptr::copy_nonoverlapping((&raw const *value).cast::<u8>(), place.cast(), count) };
    // SAFETY: not null, it was read above.
    unsafe { user::store(length, count as libc::socklen_t) }
}
