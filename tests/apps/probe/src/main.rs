//! One program, many ways to behave: each test names the one it is about.
//!
//! Whatever it prints is the same natively and on every machine, unless the line says otherwise.

mod files;
mod memory;
mod network;
mod threads;

use std::io::{self, Read, Write};
use std::process::{ExitCode, exit};
use std::time::{Duration, Instant, SystemTime};
use std::{env, panic};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let behaviour = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    match behaviour.as_str() {
        "arguments" => println!("{rest:?}"),
        "variable" => println!("{:?}", rest.iter().map(env::var).collect::<Vec<_>>()),
        "exit" => exit(rest[0].parse().expect("a number")),
        "upper" => upper(),
        "time" => time(),
        "panic" => panic!("at the disco"),
        "catch" => catch(),
        "abort" => std::process::abort(),
        "null" => memory::read_null(),
        "overflow" => threads::overflow(),
        "memory" => memory::until_it_ends(),
        "small-memory" => memory::small_until_it_ends(),
        "spend" => memory::spend(),
        "starved" => memory::starved(),
        "misuse" => memory::misuse(&rest[0]),
        "too-much" => memory::too_much(),
        "spin" => threads::spin(),
        "many" => threads::many(),
        "registers" => threads::registers(),
        "files" => files::all(),
        "network" => network::loopback(),
        other => {
            eprintln!("no behaviour {other:?}");
            return ExitCode::from(64);
        }
    }
    ExitCode::SUCCESS
}

/// Standard input to standard output, in capitals.
fn upper() {
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text).expect("standard input can be read");
    text.make_ascii_uppercase();
    io::stdout().write_all(&text).expect("standard output can be written");
}

/// Sleeps last as long as they should, on a clock that never steps back.
fn time() {
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(30));
    let slept = start.elapsed();
    assert!((30..2000).contains(&slept.as_millis()), "30 ms took {slept:?}");
    let mut last = Instant::now();
    for _ in 0..1000 {
        let now = Instant::now();
        assert!(now >= last);
        last = now;
    }
    let year =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / 31_556_952 + 1970;
    assert!((2024..2200).contains(&year), "it is {year}");
    println!("time passes");
}

/// Panics are caught, destructors run on the way, payloads arrive.
fn catch() {
    struct Noisy(&'static str);
    impl Drop for Noisy {
        fn drop(&mut self) {
            println!("dropped {}", self.0);
        }
    }
    let caught = panic::catch_unwind(|| {
        let _noisy = Noisy("while unwinding");
        panic!("number {}", 42);
    });
    println!("caught {:?}", caught.unwrap_err().downcast_ref::<String>());
    let caught = panic::catch_unwind(|| {
        let empty: Vec<u8> = Vec::new();
        empty[std::hint::black_box(3)]
    });
    println!("caught an index out of bounds: {}", caught.is_err());
    let caught = panic::catch_unwind(|| panic::resume_unwind(Box::new(7_u8)));
    println!("caught {:?}", caught.unwrap_err().downcast_ref::<u8>());
}
