//! The measurements: each takes an app and a machine, and answers with a number.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::counter::Counter;
use super::memory::least_kib;
use super::symbols::Symbols;
use crate::http::Connection;
use crate::image::{Boot, Machine, boot, free_port};
use crate::process::{self, Running};
use crate::turns::{self, Turn};

/// How long one machine may take.
const LIMIT: Duration = Duration::from_secs(120);

/// Guest instructions from the image's ELF entry to the app's own `main`, with time counted in instructions.
#[track_caller]
pub fn instructions_to_main(app: &str, machine: Machine) -> u64 {
    let boot = boot(app, machine).options(["-m", "16M"]);
    let symbols = Symbols::read(boot.build().with_symbols());
    let main = main_of(app, &symbols);
    let mut command = boot.machine_command(&[]);
    Counter::make_deterministic(&mut command);
    let counter = Counter::attach(&mut command, &symbols, &[symbols.entry, main]);
    let _turn = turns::machine();
    let output = process::run(command, b"", LIMIT);
    let marks = counter.at_mark(0).zip(counter.at_mark(1));
    let (entry, main) =
        marks.unwrap_or_else(|| panic!("{app} has not reached main\n{}", output.transcript()));
    main - entry
}

/// Guest instructions between the first calls of two functions of the app, with time counted in instructions: the
/// same number on every run. Or what the image said, if it has not come to both.
///
/// The functions must not be inlined nor left out nor be one: `#[unsafe(no_mangle)] #[inline(never)] extern "C" fn
/// bench_begin() { black_box(1); }`, and another number in the other.
#[track_caller]
pub fn instructions_between(boot: &Boot, from: &str, to: &str) -> Result<u64, String> {
    let symbols = Symbols::read(boot.build().with_symbols());
    let address =
        |name: &str| symbols.address(name).unwrap_or_else(|| panic!("the app has no function `{name}`"));
    let mut command = boot.machine_command(&[]);
    Counter::make_deterministic(&mut command);
    let counter = Counter::attach(&mut command, &symbols, &[address(from), address(to)]);
    let _turn = turns::machine();
    let output = process::run(command, b"", LIMIT);
    let (from, to) = counter.at_mark(0).zip(counter.at_mark(1)).ok_or_else(|| output.transcript())?;
    Ok(to - from)
}

/// A ported app's `main` is its crate's; a native one may be inlined into the call that enters it.
fn main_of(app: &str, symbols: &Symbols) -> u64 {
    let name = app.rsplit('/').next().unwrap_or(app).replace('-', "_");
    let candidates =
        [format!("{name}::main"), "kit_util_native::on_image::enter".to_string(), "main".to_string()];
    let found = candidates.iter().find_map(|name| symbols.address(name));
    found.unwrap_or_else(|| panic!("{app} has none of the functions {candidates:?}"))
}

/// A server that runs with its instructions counted.
pub struct CountedServer {
    /// Its functions.
    pub symbols: Symbols,
    /// Its counters.
    pub counter: Counter,
    /// Where its port is forwarded.
    pub address: SocketAddr,
    _process: Running,
    _turn: Turn,
}

impl CountedServer {
    /// Boots `app` and waits until it listens.
    #[track_caller]
    pub fn start(app: &str, machine: Machine) -> Self {
        let boot = boot(app, machine).options(["-m", "16M"]).variable("PORT", "8080");
        let symbols = Symbols::read(boot.build().with_symbols());
        let port = free_port();
        let mut command = boot.machine_command(&["-p", &format!("{port}:8080")]);
        let counter = Counter::attach(&mut command, &symbols, &[]);
        let turn = turns::machine();
        let mut process = Running::start(command, b"");
        process.wait_for("listening", LIMIT);
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        Self { symbols, counter, address, _process: process, _turn: turn }
    }

    /// Instructions for each of `count` requests on one connection that is kept alive, and in which functions.
    ///
    /// The connection is warm, the difference of the counters is taken while the server waits, and so neither
    /// boot nor the connection's set-up is in it.
    #[track_caller]
    pub fn per_request(&self, count: u64) -> (u64, HashMap<String, u64>) {
        let mut client = Connection::open(self.address).expect("the server listens");
        let mut ask = |count| {
            for _ in 0..count {
                assert_eq!(client.get("/").expect("the server answers").status, 200);
            }
            thread::sleep(Duration::from_millis(300));
        };
        ask(50);
        let (before, profile_before) = (self.counter.total(), self.counter.by_function(&self.symbols));
        ask(count);
        let (after, mut profile) = (self.counter.total(), self.counter.by_function(&self.symbols));
        for (function, instructions) in &mut profile {
            *instructions = (*instructions - profile_before.get(function).unwrap_or(&0)) / count;
        }
        profile.retain(|_, instructions| *instructions > 0);
        ((after - before) / count, profile)
    }

    /// Instructions a second while nobody asks for anything and one connection is open.
    #[track_caller]
    pub fn idle_per_second(&self, seconds: u64) -> u64 {
        let mut client = Connection::open(self.address).expect("the server listens");
        assert_eq!(client.get("/").expect("the server answers").status, 200);
        // What the last answer leaves behind (its acknowledgement, say) is not idleness.
        thread::sleep(Duration::from_secs(1));
        let before = self.counter.total();
        thread::sleep(Duration::from_secs(seconds));
        (self.counter.total() - before) / seconds
    }
}

/// The least memory with which `app` prints `text` and exits with 0.
#[track_caller]
pub fn least_memory_of_program(app: &str, machine: Machine, text: &str) -> Option<u64> {
    least_kib(512, 8192, |kib| program_works(app, machine, text, kib))
}

/// Whether `app` prints `text` and exits with 0, given `kib` KiB.
#[track_caller]
pub fn program_works(app: &str, machine: Machine, text: &str, kib: u64) -> bool {
    let output = with_memory(app, machine, kib).options(["--timeout", "10"]).run();
    output.code() == 0 && output.stdout.contains(text)
}

/// The least memory with which `app` serves `clients` connections at once.
#[track_caller]
pub fn least_memory_of_server(app: &str, machine: Machine, clients: usize) -> Option<u64> {
    least_kib(512, 32768, |kib| server_works(app, machine, clients, kib))
}

/// Whether `app` serves `clients` connections, all open at once, 20 requests each, given `kib` KiB.
#[track_caller]
pub fn server_works(app: &str, machine: Machine, clients: usize, kib: u64) -> bool {
    let boot = with_memory(app, machine, kib).variable("PORT", "8080");
    let port = free_port();
    let Ok(command) = boot.dry_run(&["-p", &format!("{port}:8080")]) else { return false };
    let _turn = turns::machine();
    let mut process = Running::start(command, b"");
    let deadline = Instant::now() + Duration::from_secs(8);
    while !process.stdout().contains("listening") {
        if Instant::now() > deadline || !process.is_running() {
            return false;
        }
        thread::sleep(Duration::from_millis(10));
    }
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    (|| {
        let mut connections = Vec::new();
        for _ in 0..clients {
            // One after the other, each answered: QEMU's user network listens with a backlog of one.
            let mut connection = quick(address)?;
            ask(&mut connection)?;
            answered(&mut connection)?;
            connections.push(connection);
        }
        for _ in 0..20 {
            connections.iter_mut().try_for_each(ask)?;
            connections.iter_mut().try_for_each(answered)?;
        }
        Some(())
    })()
    .is_some()
}

fn ask(connection: &mut TcpStream) -> Option<()> {
    connection.write_all(b"GET / HTTP/1.1\r\nHost: kit\r\n\r\n").ok()
}

fn answered(connection: &mut TcpStream) -> Option<()> {
    let mut buffer = [0; 512];
    let length = connection.read(&mut buffer).ok()?;
    buffer[..length].starts_with(b"HTTP/1.1 200 ").then_some(())
}

/// A connection that gives up soon: with too little memory there may be no answer at all.
fn quick(address: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(4))).ok()?;
    Some(stream)
}

fn with_memory(app: &str, machine: Machine, kib: u64) -> Boot {
    boot(app, machine).options(["-m", &format!("{kib}K")]).limit(LIMIT)
}
