//! Network stack: UDP and what it needs, run to completion, in tables of fixed size.
//!
//! ARP, IPv4, IPv6 with neighbour discovery and address configuration, ICMP echo and errors, UDP, DHCP, DNS lookups
//! and loopback. No TCP, no fragments, no heap. A frame is digested where it lies, by whoever looks first: the thread
//! that asks for a datagram, or the stack's own; an answer is written straight into the device's buffer.
//!
//! * `stack` the [`Net`](kit_iface_net::Net) that callers see · `worker` the thread behind it · [`Room`] its memory
//! * `engine` what moves · `sockets`, `pool` where things are kept · `output` datagrams out
//! * `input` frames in · `icmp` echo and errors · `neighbours`, `discovery` who is where · `dhcp` a leased address
//! * `link` the device and writing a frame · `ipv4`, `ipv6` reading a packet · `endpoint`, `addresses` who is whom, and the way there
//!
//! What comes from the network is read through slices that are asked for, never indexed on trust; `tests/fuzz.rs`
//! feeds it everything else.
#![no_std]
#![deny(missing_docs)]
#![deny(unsafe_code)]

mod addresses;
mod dhcp;
mod discovery;
mod endpoint;
mod engine;
mod icmp;
mod input;
mod ipv4;
mod ipv6;
mod link;
mod neighbours;
mod output;
mod pool;
mod sockets;
mod stack;
mod worker;

pub use kit_util_net::settings::Written;
pub use sockets::Socket;
pub use stack::Stack;
pub use worker::Room;

#[cfg(test)]
kit_util_host_test::bind!();
