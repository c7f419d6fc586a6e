//! `kit doctor`: what is installed, what is missing, and what that means; and `kit bench`, which needs the tree too.

use std::path::Path;
use std::process::{Command, Stdio};

use clap::Args;

use crate::install::{self, Consent};
use crate::run::{accel, qemu};
use crate::toolchain::{self, TARGET, Toolchain};
use crate::tree::Tree;
use crate::{Failure, Result};

/// Arguments of `kit doctor`.
#[derive(Args)]
pub struct DoctorArgs {
    /// Install what is missing
    #[arg(long)]
    pub fix: bool,
}

/// Arguments of `kit bench`.
#[derive(Args)]
pub struct BenchArgs {
    /// Passed on to the benchmark
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<String>,
}

/// One finding.
struct Finding {
    is_well: bool,
    /// Whether nothing can be built without it.
    is_needed: bool,
    what: &'static str,
    says: String,
}

/// `kit doctor [--fix]`.
pub fn command(arguments: &DoctorArgs) -> Result<u8> {
    if arguments.fix {
        repair();
    }
    let findings = [tree(), rust(), tools(), machine(), acceleration()];
    for finding in &findings {
        let mark = match (finding.is_well, finding.is_needed) {
            (true, _) => "ok     ",
            (false, true) => "MISSING",
            (false, false) => "without",
        };
        println!("{mark}  {:<10} {}", finding.what, finding.says);
    }
    Ok(u8::from(findings.iter().any(|finding| finding.is_needed && !finding.is_well)))
}

fn repair() {
    if qemu::find().is_none() && !matches!(install::qemu(Consent::Given), Ok(true)) {
        eprintln!(
            "kit: QEMU could not be installed: that takes a package manager, and root or a password-less sudo"
        );
    }
    if tools().is_well {
        return;
    }
    let added = Command::new("rustup").args(["target", "add", TARGET]).status();
    if !added.is_ok_and(|status| status.success()) {
        eprintln!("kit: rustup could not add the target {TARGET}");
    }
}

fn tree() -> Finding {
    let tree = Tree::find();
    Finding {
        is_well: tree.is_ok(),
        is_needed: true,
        what: "kit tree",
        says: tree.map_or_else(|failure| failure.message, |tree| tree.root.display().to_string()),
    }
}

/// The oldest compiler that the tree builds with.
const OLDEST: (u32, u32) = (1, 95);

fn rust() -> Finding {
    let version = first_line(Command::new("rustc").current_dir(folder()).arg("--version"));
    let numbers = version.as_deref().and_then(|version| {
        let mut numbers = version.split([' ', '.']).filter_map(|word| word.parse::<u32>().ok());
        Some((numbers.next()?, numbers.next()?))
    });
    let is_well = numbers.is_some_and(|numbers| numbers >= OLDEST);
    let says = match version {
        Some(version) if is_well => version,
        Some(version) => format!("{version} is too old: run `rustup update stable`"),
        None => "no rustc on the PATH: install Rust from https://rustup.rs".to_string(),
    };
    Finding { is_well, is_needed: true, what: "Rust", says }
}

fn tools() -> Finding {
    let tools = Toolchain::of(&folder());
    let says = match &tools {
        Ok(tools) => format!("{} with rust-lld and rust-objcopy: {}", TARGET, tools.linker().display()),
        Err(failure) => failure.message.clone(),
    };
    Finding { is_well: tools.is_ok(), is_needed: true, what: "Rust tools", says }
}

fn machine() -> Finding {
    let version = first_line(Command::new(qemu::PROGRAM).arg("--version"));
    let missing = "QEMU is not installed: platforms that are machines build but do not run here, and `kit run` uses \
                   platform linux; `kit doctor --fix` installs it";
    let is_well = version.is_some();
    Finding { is_well, is_needed: false, what: "QEMU", says: version.unwrap_or_else(|| missing.to_string()) }
}

fn acceleration() -> Finding {
    let opened = std::fs::File::options().read(true).write(true).open("/dev/kvm");
    let verdict = accel::verdict();
    let says = match (&opened, &verdict) {
        (Ok(_), Some(why)) => format!("{why}; images are emulated, about 20 times slower"),
        (Ok(_), None) => "/dev/kvm opens; whether it can run an image, `kit run` finds out".to_string(),
        (Err(error), _) => {
            format!("cannot open /dev/kvm: {error}; images are emulated, about 20 times slower")
        }
    };
    Finding { is_well: opened.is_ok() && verdict.is_none(), is_needed: false, what: "KVM", says }
}

/// A folder whose toolchain counts: the tree's.
fn folder() -> std::path::PathBuf {
    Tree::find().map_or_else(|_| Path::new("/").to_path_buf(), |tree| tree.root)
}

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_string)
}

/// `kit bench`: the tool is a program of the tree's tests.
pub fn bench(arguments: &BenchArgs) -> Result<u8> {
    let tree = Tree::find()?;
    let mut command = toolchain::cargo(&tree.root);
    command
        .args(["run", "--quiet", "--release", "--package", "kit-tests", "--bin", "bench", "--"])
        .args(&arguments.arguments);
    let status = command.status().map_err(|error| Failure::program("cargo", &error))?;
    Ok(u8::from(!status.success()))
}
