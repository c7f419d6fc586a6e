//! Network stack: the sockets of the host kernel, for images that are Linux processes.
//!
//! Every operation of the slot is one non-blocking system call. What makes the slot's one promise true (the
//! [`Observer`](kit_iface_net::Observer) is told of every event) is the kernel's own edge-triggered epoll, which
//! has the same meaning: one epoll instance holds all sockets and is attached as one interrupt line.
//!
//! * [`HostSockets`] · the stack
//! * `events` · the epoll instance and the table of observers
//! * `errors` · errno to the slot's errors
//! * `resolve`, `host_files` · names, which the kernel knows nothing of; their messages are in `libs/util/dns`
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod errors;
mod events;
mod host_files;
mod resolve;
mod stack;

pub use events::Socket;
pub use stack::HostSockets;
