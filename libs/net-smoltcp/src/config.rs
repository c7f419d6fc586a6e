//! What the configuration says.

use kit_util_net::settings::Written;

/// Numbers and names from Kconfig; the composed root writes one.
#[derive(Clone, Copy)]
pub struct Config {
    /// Addresses.
    pub addresses: Written,
    /// Most sockets that may exist at a time, connections in all states included.
    pub sockets: u32,
    /// Receive buffer of a stream, in bytes.
    pub tcp_receive_bytes: u32,
    /// Send buffer of a stream, in bytes.
    pub tcp_send_bytes: u32,
    /// Bytes of received datagrams that one socket may hold.
    pub udp_receive_bytes: u32,
    /// Most connections kept in `TIME_WAIT`; the oldest gives way.
    pub time_wait: u32,
    /// Microseconds for which the stack watches for the next frame before it sleeps; 0 for none.
    pub watch_us: u32,
}
