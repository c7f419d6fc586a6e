//! `cargo kit bench`: measures what the README reports, beside what it must reach and what the peers have.
//!
//! Prints Markdown, so that its output can be pasted. Wall-clock figures are medians, taken in the same run as
//! the native program that they are compared with. `bench NAME…` makes only the sections named.

mod alloc;
mod configuration;
mod fs;
mod net;
mod requests;
mod sched;
mod side_by_side;
mod table;
mod throughput;

use std::time::Instant;
use std::{env, process::Command};

use kit_cli::progress::thousands;
use kit_tests::image::{Machine, boot};
use kit_tests::measure::figures;
use kit_tests::{kit, root, scratch};

use table::{Row, print};

const SECTIONS: [(&str, fn()); 11] = [
    ("sizes", sizes),
    ("boot", boot_instructions),
    ("memory", least_memory),
    ("requests", requests::report),
    ("throughput", throughput::report),
    ("relink", relink),
    ("configuration", configuration::report),
    ("alloc", alloc::report),
    ("net", net::report),
    ("sched", sched::report),
    ("fs", fs::report),
];

fn main() {
    let wanted: Vec<String> = env::args().skip(1).collect();
    if let Some(unknown) = wanted.iter().find(|name| !SECTIONS.iter().any(|(section, _)| section == name)) {
        let names = SECTIONS.map(|(name, _)| name).join(", ");
        eprintln!("bench: no section {unknown:?}; there are {names}");
        std::process::exit(2);
    }
    for (name, section) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            section();
        }
    }
}

fn sizes() {
    let size = |app: &str| thousands(boot(app, Machine::Microvm).build().size);
    print(
        "Image size, stripped, in bytes",
        &[
            Row::new(
                "hello-native",
                size("examples/hello-native"),
                "24,000",
                "Solo5 virtio 79,120 · ArceOS 54,592",
            ),
            Row::new(
                "hello",
                size("examples/hello"),
                "170,000",
                "Unikraft + musl 1,011,304 · Hermit 474,608",
            ),
            Row::new(
                "http-min",
                size("examples/http-min"),
                "",
                "Unikraft 234,952 · ArceOS 230,848 · Hermit 786,360",
            ),
            Row::new("web", size("examples/web"), "", ""),
        ],
    );
}

fn boot_instructions() {
    let count = |app: &str, machine| thousands(figures::instructions_to_main(app, machine));
    let (native, hello) = ("examples/hello-native", "examples/hello");
    print(
        "Guest instructions from the ELF entry to the app's `main`, 16 MiB",
        &[
            Row::new(
                "hello-native, microvm",
                count(native, Machine::Microvm),
                "15,000",
                "ArceOS 30,848 · Unikraft 44,713",
            ),
            Row::new(
                "hello, microvm",
                count(hello, Machine::Microvm),
                "45,000",
                "Unikraft + musl 103,937 · Hermit 368,428",
            ),
            Row::new("hello-native, q35", count(native, Machine::Q35), "", ""),
            Row::new("hello, q35", count(hello, Machine::Q35), "", ""),
        ],
    );
}

fn least_memory() {
    let machine = Machine::Microvm;
    let program = |app: &str| kib(figures::least_memory_of_program(app, machine, "Hello, world!"));
    let server = |app: &str, clients| kib(figures::least_memory_of_server(app, machine, clients));
    print(
        "Least memory that works, in KiB",
        &[
            Row::new(
                "hello-native",
                program("examples/hello-native"),
                "1,228",
                "Unikraft 1,216 · Solo5 2,048 · ArceOS 3,072",
            ),
            Row::new("hello", program("examples/hello"), "1,638", "Unikraft + musl 2,432 · Hermit 12,288"),
            Row::new(
                "http-min, 32 clients",
                server("examples/http-min", 32),
                "4,096",
                "ArceOS 22,528 · Hermit 327,680",
            ),
            Row::new("web, 1 client", server("examples/web", 1), "8,192", ""),
        ],
    );
}

fn kib(least: Option<u64>) -> String {
    least.map_or_else(|| "does not work".to_string(), thousands)
}

/// What `kit build` adds to cargo after a change of one line: a copy of `hello` is changed five times.
fn relink() {
    let folder = scratch().join("relink");
    let _ = std::fs::remove_dir_all(folder.join("src"));
    std::fs::create_dir_all(folder.join("src")).expect("the build directory can be written");
    let source =
        std::fs::read_to_string(root().join("examples/hello/src/main.rs")).expect("the example is there");
    std::fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"relink\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n",
    )
    .expect("the build directory can be written");
    let mut times: [Vec<u128>; 2] = Default::default();
    for round in 0..6 {
        let changed = source.replace("Hello, ", &format!("Hello number {round}, "));
        std::fs::write(folder.join("src/main.rs"), changed).expect("the build directory can be written");
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--release", "--target-dir", "native"]).current_dir(&folder);
        let folder = folder.to_str().expect("the build directory is text");
        let kit = kit::command(["build", folder, "--platform", "kvm"]);
        for (command, times) in [cargo, kit].into_iter().zip(&mut times) {
            let start = Instant::now();
            kit_tests::process::run(command, b"", std::time::Duration::from_secs(300)).expect_code(0);
            // The first round builds from nothing.
            if round > 0 {
                times.push(start.elapsed().as_millis());
            }
        }
    }
    let [cargo, kit] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    print(
        "After a change of one line, in milliseconds",
        &[
            Row::new("cargo build --release", thousands(cargo as u64), "", ""),
            Row::new("kit build", thousands(kit as u64), "", "Unikraft 1,800 for a C file"),
            Row::new("difference", thousands(kit.saturating_sub(cargo) as u64), "2,000", ""),
        ],
    );
}
