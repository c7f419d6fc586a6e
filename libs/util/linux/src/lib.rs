//! Raw Linux system calls, as small typed functions.
//!
//! Used by the parts of kit that run as a Linux process: there is no libc below them, so the kernel is called
//! directly. Every function is one system call, restarts nothing, and answers `Result<_, Errno>`. Functions
//! are safe where the kernel itself checks all that is passed; those that change the caller's memory map or
//! its registers are `unsafe` and say what they need.
//!
//! Numbers, structures and constants are those of the `libc` crate; system calls are described in section 2 of
//! the Linux manual pages under the same names.
#![no_std]
#![deny(missing_docs)]

mod address;
mod descriptors;
mod errno;
mod files;
pub mod folders;
mod memory;
mod process;
mod raw;
mod signals;
mod sockets;
mod tap;
mod time;
pub mod vdso;

pub use address::RawAddress;
pub use descriptors::{
    EpollEvent, PollEntry, bytes_readable, close, create_epoll, create_file, epoll_add, epoll_modify,
    epoll_remove, epoll_wait, epoll_wait_until, open_for_reading, poll, read, set_nonblocking, write,
};
pub use errno::Errno;
pub use files::{length, lock, open_for_both, read_at, sync_data, write_at};
pub use memory::{Advice, Protection, advise, map, map_file, protect, unmap};
pub use process::{exit_group, fill_random, process_id, set_thread_pointer, thread_id, thread_pointer};
pub use signals::{
    SignalAction, block_signals, install_signal_action, install_signal_stack, send_signal, unblock_signals,
};
pub use sockets::{
    accept, bind, connect, get_option, listen, local_address, peer_address, receive, send, set_option,
    shutdown, socket,
};
pub use tap::{InterfaceName, attach_tap, interface_is_up, interface_mtu, open_tap_device, tap_name};
pub use time::{ClockId, clock_ns, clock_resolution_ns, create_timer, set_interval, set_timer};
