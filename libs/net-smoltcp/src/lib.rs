//! Network stack: smoltcp.
//!
//! TCP, UDP, ICMP echo, DHCP, DNS, IPv4 and IPv6 over one Ethernet device, and loopback. smoltcp does the
//! protocols; what is added here is what makes it scale: a frame finds its socket by hash, sockets send when they
//! have something to send, and nothing is ever done for all sockets.
//!
//! * `stack` the [`Net`](kit_iface_net::Net) that callers see · `worker` the thread behind it
//! * `engine`, `ingress`, `settle` what moves · `streams`, `datagrams`, `binding` what callers can do · `stream`, `datagram`, `slot` state
//! * `packet`, `table`, `timers` whose is it, and when · `links`, `port`, `outbox`, `checksum` smoltcp's interfaces and device
//! * `autoconfig`, `solicit`, `question`, `config` addresses · names are resolved by `libs/util/net`
#![no_std]
#![deny(missing_docs)]

extern crate alloc;

mod autoconfig;
mod binding;
mod checksum;
mod config;
mod datagram;
mod datagrams;
mod engine;
mod ingress;
mod links;
mod outbox;
mod packet;
mod port;
mod question;
mod settle;
mod slot;
mod solicit;
mod stack;
mod stream;
mod streams;
mod table;
mod timers;
mod worker;

pub use config::Config;
pub use kit_util_net::settings::Written;
pub use slot::Socket;
pub use stack::Stack;

#[cfg(test)]
kit_util_host_test::bind!();
