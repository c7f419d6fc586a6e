//! A network of a test's own, with the host's kernel at the other end of a tap.

use std::process::Command;
use std::thread;

use rustix::thread::{UnshareFlags, unshare_unsafe};

use crate::{process, system};

/// The tap.
pub const TAP: &str = "tap0";
/// The host's own address on it.
pub const HOST: &str = "10.9.0.1";
/// An address for who holds the other end.
pub const GUEST: &str = "10.9.0.2";

/// Runs `body` where the network is a loopback interface and [`TAP`], up and with the address [`HOST`], and nothing
/// else: it and the processes that it starts. Needs root, as installing what tests need does.
#[track_caller]
pub fn with_tap<R: Send>(body: impl FnOnce() -> R + Send) -> R {
    system::need("ip", &["iproute2"]);
    let alone = || {
        // SAFETY: the thread gets another network, and shares its descriptors and its memory as before.
        let moved = unsafe { unshare_unsafe(UnshareFlags::NEWNET) };
        moved.unwrap_or_else(|error| panic!("a network of one's own needs root: {error}"));
        ip("link set lo up");
        ip(&format!("tuntap add {TAP} mode tap"));
        ip(&format!("address add {HOST}/24 dev {TAP}"));
        ip(&format!("link set {TAP} up"));
        body()
    };
    thread::scope(|scope| {
        let thread = scope.spawn(alone);
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Runs `ip` with these words.
#[track_caller]
pub fn ip(words: &str) {
    let mut command = Command::new("ip");
    command.args(words.split(' '));
    process::run(command, b"", std::time::Duration::from_secs(10)).expect_code(0);
}
