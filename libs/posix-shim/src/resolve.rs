//! Names of machines: `getaddrinfo`.
//!
//! In this order: numeric addresses, `localhost`, the file `/etc/hosts`, and the network stack's resolver.
//! Results are one block each, so that `freeaddrinfo` is a walk.

mod hosts;

use crate::sockets::Address;
use crate::sockets::address::Raw;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ffi::{CStr, c_char, c_int};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::ptr;
use kit_iface_image::{WithFs, WithNet};
use kit_iface_net::{Net, NetError};

/// Flags that mean something here; the others choose between answers that an image does not have.
const KNOWN_FLAGS: c_int = libc::AI_PASSIVE
    | libc::AI_CANONNAME
    | libc::AI_NUMERICHOST
    | libc::AI_NUMERICSERV
    | libc::AI_V4MAPPED
    | libc::AI_ALL
    | libc::AI_ADDRCONFIG;

/// One result: what C sees first, so that a pointer to it is a pointer to this.
#[repr(C)]
struct Found {
    info: libc::addrinfo,
    address: Raw,
}

struct Wanted {
    flags: c_int,
    family: c_int,
    kind: c_int,
    protocol: c_int,
}

/// `getaddrinfo`. Blocks while the network's resolver is asked.
///
/// # Safety
/// As the C function.
pub unsafe fn getaddrinfo<I: WithNet + WithFs>(
    node: *const c_char,
    service: *const c_char,
    hints: *const libc::addrinfo,
    found: *mut *mut libc::addrinfo,
) -> c_int {
    // SAFETY: both are null or C strings.
    let (node, service) = unsafe { (text(node), text(service)) };
    let wanted = if hints.is_null() {
        Wanted { flags: 0, family: libc::AF_UNSPEC, kind: 0, protocol: 0 }
    } else {
        // SAFETY: not null, hence hints.
        let hints = unsafe { &*hints };
        Wanted {
            flags: hints.ai_flags,
            family: hints.ai_family,
            kind: hints.ai_socktype,
            protocol: hints.ai_protocol,
        }
    };
    match look_up::<I>(node, service, &wanted) {
        Ok(list) => {
            // SAFETY: the caller's place for the result.
            unsafe { found.write(list) };
            0
        }
        Err(error) => error,
    }
}

unsafe fn text<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: forwarded to the caller.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())
}

fn look_up<I: WithNet + WithFs>(
    node: Option<&[u8]>,
    service: Option<&[u8]>,
    wanted: &Wanted,
) -> Result<*mut libc::addrinfo, c_int> {
    if node.is_none() && service.is_none() {
        return Err(libc::EAI_NONAME);
    }
    if wanted.flags & !KNOWN_FLAGS != 0 {
        return Err(libc::EAI_BADFLAGS);
    }
    if !matches!(wanted.family, libc::AF_UNSPEC | libc::AF_INET | libc::AF_INET6) {
        return Err(libc::EAI_FAMILY);
    }
    let port = service.map_or(Ok(0), port_of)?;
    let mut addresses = Vec::new();
    let mut keep = |address: IpAddr| {
        let fits = match address {
            IpAddr::V4(_) => wanted.family != libc::AF_INET6,
            IpAddr::V6(_) => wanted.family != libc::AF_INET,
        };
        if fits && !addresses.contains(&address) {
            addresses.push(address);
        }
    };
    match node {
        None if wanted.flags & libc::AI_PASSIVE != 0 => {
            keep(Ipv4Addr::UNSPECIFIED.into());
            keep(Ipv6Addr::UNSPECIFIED.into());
        }
        None => localhost(&mut keep),
        Some(name) => name_to_addresses::<I>(name, wanted.flags & libc::AI_NUMERICHOST != 0, &mut keep)?,
    }
    if addresses.is_empty() {
        return Err(libc::EAI_NONAME);
    }
    results(&addresses, port, wanted)
}

fn localhost(keep: &mut dyn FnMut(IpAddr)) {
    keep(Ipv4Addr::LOCALHOST.into());
    keep(Ipv6Addr::LOCALHOST.into());
}

fn port_of(service: &[u8]) -> Result<u16, c_int> {
    let number = core::str::from_utf8(service).ok().and_then(|service| service.parse().ok());
    number.ok_or(libc::EAI_SERVICE)
}

fn name_to_addresses<I: WithNet + WithFs>(
    name: &[u8],
    only_numeric: bool,
    keep: &mut dyn FnMut(IpAddr),
) -> Result<(), c_int> {
    let name = core::str::from_utf8(name).map_err(|_| libc::EAI_NONAME)?;
    if let Ok(address) = name.parse() {
        keep(address);
        return Ok(());
    }
    if only_numeric {
        return Err(libc::EAI_NONAME);
    }
    if name.eq_ignore_ascii_case("localhost") {
        localhost(keep);
        return Ok(());
    }
    if hosts::find::<I>(name, keep) {
        return Ok(());
    }
    I::net().resolve(name, keep).map_err(|error| match error {
        NetError::NameNotFound | NetError::Invalid => libc::EAI_NONAME,
        NetError::Exhausted => libc::EAI_MEMORY,
        _ => libc::EAI_AGAIN,
    })
}

/// One result for each address and each kind of socket that the caller did not exclude.
fn results(addresses: &[IpAddr], port: u16, wanted: &Wanted) -> Result<*mut libc::addrinfo, c_int> {
    const KINDS: [(c_int, c_int); 2] =
        [(libc::SOCK_STREAM, libc::IPPROTO_TCP), (libc::SOCK_DGRAM, libc::IPPROTO_UDP)];
    let mut list: *mut libc::addrinfo = ptr::null_mut();
    // Built from the end, so that each result points to the one before.
    for address in addresses.iter().rev() {
        for (kind, protocol) in KINDS.iter().rev() {
            let excluded = wanted.kind != 0 && wanted.kind != *kind;
            if excluded || (wanted.protocol != 0 && wanted.protocol != *protocol) {
                continue;
            }
            list = result(SocketAddr::new(*address, port), *kind, *protocol, list);
        }
    }
    if list.is_null() { Err(libc::EAI_SOCKTYPE) } else { Ok(list) }
}

fn result(
    address: SocketAddr,
    kind: c_int,
    protocol: c_int,
    next: *mut libc::addrinfo,
) -> *mut libc::addrinfo {
    let raw = Raw::of(Address::Inet(address));
    let info = libc::addrinfo {
        ai_flags: 0,
        ai_family: if address.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 },
        ai_socktype: kind,
        ai_protocol: protocol,
        ai_addrlen: raw.bytes().len() as libc::socklen_t,
        ai_addr: ptr::null_mut(),
        ai_canonname: ptr::null_mut(),
        ai_next: next,
    };
    let mut found = Box::new(Found { info, address: raw });
    found.info.ai_addr = found.address.bytes().as_ptr().cast_mut().cast();
    Box::into_raw(found).cast()
}

/// `freeaddrinfo`
///
/// # Safety
/// As the C function.
pub unsafe fn freeaddrinfo(list: *mut libc::addrinfo) {
    let mut next = list;
    while !next.is_null() {
        // SAFETY: a list of ours: each element is the first field of a boxed `Found`.
        let found = unsafe { Box::from_raw(next.cast::<Found>()) };
        next = found.info.ai_next;
    }
}

/// `gai_strerror`, in glibc's words.
pub fn gai_strerror(number: c_int) -> *const c_char {
    let text = match number {
        libc::EAI_BADFLAGS => c"Bad value for ai_flags",
        libc::EAI_NONAME => c"Name or service not known",
        libc::EAI_AGAIN => c"Temporary failure in name resolution",
        libc::EAI_FAIL => c"Non-recoverable failure in name resolution",
        libc::EAI_FAMILY => c"ai_family not supported",
        libc::EAI_SOCKTYPE => c"ai_socktype not supported",
        libc::EAI_SERVICE => c"Servname not supported for ai_socktype",
        libc::EAI_MEMORY => c"Memory allocation failure",
        libc::EAI_SYSTEM => c"System error",
        _ => c"Unknown error",
    };
    text.as_ptr()
}
