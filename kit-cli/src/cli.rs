//! The command line, as clap understands it and `--help` shows it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Turns an ordinary Rust program into an image that boots by itself.
#[derive(Parser)]
#[command(name = "kit", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Make a new app in a new folder
    New {
        /// Name of the app and of its folder
        name: String,
        /// What it starts as
        #[arg(long, default_value = "hello", value_name = "TEMPLATE")]
        template: String,
    },
    /// Add a kit.toml to the crate in this folder
    Init {
        /// Folder of the crate
        path: Option<PathBuf>,
    },
    /// Build the image of an app
    Build(BuildArgs),
    /// Build the image if it is stale, and start it
    Run(RunArgs),
    /// Show which libc names an app needs, what provides each, and what is missing
    Check(CheckArgs),
    /// Show the bytes of each micro-library and crate in an image
    Size(BuildArgs),
    /// Show what is installed, what is missing, and what that means
    Doctor {
        /// Install what is missing
        #[arg(long)]
        fix: bool,
    },
    /// Measure what the README reports
    Bench {
        /// Passed on to the benchmark
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// Which app, for which platform.
#[derive(Args, Clone, Default)]
pub struct Target {
    /// Folder of the app's crate [default: the crate around the present folder]
    pub path: Option<PathBuf>,
    /// Platform of the image [default: `[image] platform` of kit.toml, else kvm]
    #[arg(long, value_name = "PLATFORM")]
    pub platform: Option<String>,
    /// Which program of the crate, if it has several
    #[arg(long, value_name = "NAME")]
    pub bin: Option<String>,
    /// Show what the tools below say
    #[arg(short, long)]
    pub verbose: bool,
}

/// Arguments of `kit build` and `kit size`.
#[derive(Args)]
pub struct BuildArgs {
    /// The app.
    #[command(flatten)]
    pub target: Target,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `kit check`.
#[derive(Args)]
pub struct CheckArgs {
    /// The app.
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `kit run`.
#[derive(Args)]
pub struct RunArgs {
    /// The app.
    #[command(flatten)]
    pub target: Target,
    /// Forward a port of 127.0.0.1 to the guest
    #[arg(short, long = "port", value_name = "HOST:GUEST[/udp]")]
    pub ports: Vec<String>,
    /// Memory of the machine, such as 16M [default: 16M]
    #[arg(short, long, value_name = "MEM")]
    pub memory: Option<String>,
    /// Processors of the machine
    #[arg(short, long, value_name = "CPUS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=255))]
    pub cpus: u32,
    /// Set a variable of the guest's environment
    #[arg(short, long = "env", value_name = "K=V")]
    pub env: Vec<String>,
    /// Stop the guest after this many seconds, with exit code 124
    #[arg(long, value_name = "SECS")]
    pub timeout: Option<f64>,
    /// Print the command that starts the image, and do not start it
    #[arg(long)]
    pub dry_run: bool,
    /// How the machine executes
    #[arg(long, value_enum, default_value_t = Accel::Auto)]
    pub accel: Accel,
    /// The machine that QEMU plays
    #[arg(long, value_enum, default_value_t = Machine::Microvm)]
    pub machine: Machine,
    /// Arguments of the app
    #[arg(last = true)]
    pub arguments: Vec<String>,
}

/// `--accel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Accel {
    /// KVM where it can run the image, else TCG
    Auto,
    /// The host's processor
    Kvm,
    /// Emulation
    Tcg,
}

/// `--machine`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Machine {
    /// Minimal, virtio over MMIO
    Microvm,
    /// A PC with PCI Express
    Q35,
    /// An older PC with PCI
    Pc,
}
