//! Requests a second of `http-min`, by `wrk`, beside the same program as a Linux process.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use kit_cli::progress::thousands;
use kit_tests::image::{Machine, boot, free_port};
use kit_tests::native;

use crate::table::{Row, print};

const APP: &str = "examples/http-min";
/// Connections at once, and what ArceOS answers with as many.
const LOADS: [(u32, &str, &str); 3] = [
    (1, "19,400", "ArceOS 19,400 · Hermit 8,100"),
    (8, "29,800", "ArceOS 29,800 · Hermit 7,500"),
    (32, "25,800", "ArceOS 25,800 · Hermit 6,700"),
];
/// Runs of three seconds for each load; the median counts.
const RUNS: usize = 3;

/// Prints the section.
pub fn report() {
    if Command::new("wrk").arg("--version").output().is_err() {
        eprintln!("bench: throughput needs wrk (Debian: `apt-get install wrk`)");
        return;
    }
    let mut rows = Vec::new();
    for (machine, name) in [(Machine::Microvm, "microvm"), (Machine::Q35, "q35"), (Machine::Linux, "linux")] {
        let server = boot(APP, machine).options(["-m", "32M"]).serve();
        for (connections, must_reach, peers) in LOADS {
            let (must_reach, peers) = if machine == Machine::Linux { ("", "") } else { (must_reach, peers) };
            let rate = thousands(rate(server.address, connections));
            rows.push(Row::new(format!("{name}, c={connections}"), rate, must_reach, peers));
        }
    }
    let native = Native::start();
    for (connections, ..) in LOADS {
        let rate = thousands(rate(native.address, connections));
        rows.push(Row::new(format!("Linux process, c={connections}"), rate, "", ""));
    }
    print("http-min, requests a second (`wrk -t1 -d3s`, QEMU TCG, user networking)", &rows);
    // These depend on what else the machine does, unlike everything that counts instructions.
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("Load average of this machine: {}\n", load.split(' ').next().unwrap_or("unknown"));
}

fn rate(address: SocketAddr, connections: u32) -> u64 {
    let mut rates: Vec<u64> = (0..RUNS).map(|_| run_wrk(address, connections)).collect();
    rates.sort();
    rates[RUNS / 2]
}

fn run_wrk(address: SocketAddr, connections: u32) -> u64 {
    let url = format!("http://{address}/");
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{connections}"), "-d3s", &url])
        .output()
        .expect("wrk was there a moment ago");
    let text = String::from_utf8_lossy(&output.stdout);
    if text.contains("Socket errors") {
        eprintln!("bench: wrk -c{connections}:\n{text}");
    }
    let rate = text.lines().find_map(|line| line.strip_prefix("Requests/sec:")?.trim().parse::<f64>().ok());
    rate.unwrap_or_else(|| panic!("wrk has not measured\n{text}")) as u64
}

/// The program as a Linux process.
struct Native {
    child: Child,
    address: SocketAddr,
}

impl Native {
    fn start() -> Self {
        let port = free_port();
        let mut command = Command::new(native::build(APP));
        let mut child = command
            .env("PORT", port.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a program that was just built can be started");
        let mut line = String::new();
        let _ = BufReader::new(child.stdout.take().expect("asked for")).read_line(&mut line);
        assert!(line.contains("listening"), "{line}");
        Self { child, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
