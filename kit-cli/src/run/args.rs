//! The arguments of `kit run`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::Target;

/// Arguments of `kit run`.
#[derive(Args)]
#[command(mut_arg("verbose", |verbose| verbose.short(None)))]
pub struct RunArgs {
    /// The app.
    #[command(flatten)]
    pub target: Target,
    /// Forward a port of 127.0.0.1 to the guest
    #[arg(short, long = "port", value_name = "HOST:GUEST[/udp]")]
    pub ports: Vec<String>,
    /// Give the guest a disk; the next one is its second
    #[arg(long = "disk", value_name = "FILE[:ro][,size=SIZE]")]
    pub disks: Vec<String>,
    /// Show the guest a folder of the host
    #[arg(short = 'v', long = "volume", value_name = "FOLDER:PATH[:ro]")]
    pub volumes: Vec<String>,
    /// Set an option of the OS, `kit.NAME=VALUE` on its command line
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub settings: Vec<String>,
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
    /// Record the frames of the network card in this file, for tcpdump and Wireshark
    #[arg(long, value_name = "FILE")]
    pub pcap: Option<PathBuf>,
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
