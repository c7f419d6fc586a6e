//! The command line, as clap understands it and `--help` shows it, and which function each command is.
//!
//! The arguments of a command are in the command's own module. A new command is one variant and one line of
//! [`Command::run`].

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    Result, build, check, config, disk, doctor, explain, graph, kconfig, library, manual, run, scaffold,
    size, trace, why,
};

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
    New(scaffold::NewArgs),
    /// Add a kit.toml to the crate in this folder
    Init(scaffold::InitArgs),
    /// Build the image of an app
    Build(build::BuildArgs),
    /// Build the image if it is stale, and start it
    Run(run::RunArgs),
    /// Run the image and record what happens in it, as JSON for Perfetto
    Trace(trace::TraceArgs),
    /// Make files that are disks of an image
    Disk(disk::DiskArgs),
    /// Show which libc names an app needs, what provides each, and what is missing
    Check(check::CheckArgs),
    /// Tell who pulls a micro-library into an image, or why it is not there
    Why(why::WhyArgs),
    /// Draw what an image is made of
    Graph(graph::GraphArgs),
    /// Show the bytes of each micro-library and crate in an image
    Size(size::SizeArgs),
    /// Read and change the configuration
    Config(config::ConfigArgs),
    /// Change the configuration in a menu on the terminal
    Menuconfig(config::menuconfig::MenuconfigArgs),
    /// Replace the configuration by defaults, or by a stored minimal configuration
    Defconfig(config::defconfig::DefconfigArgs),
    /// Store the least configuration that gives the present values
    Savedefconfig(config::defconfig::SavedefconfigArgs),
    /// List, search and check the micro-libraries that there are
    Lib(library::LibArgs),
    /// Put a micro-library into kit.toml
    Add(library::AddArgs),
    /// Take a micro-library out of kit.toml
    Remove(library::RemoveArgs),
    /// Work on the Kconfig files of any project
    Kconfig(kconfig::KconfigArgs),
    /// Tell more about the code of a message
    Explain(explain::ExplainArgs),
    /// Show what is installed, what is missing, and what that means
    Doctor(doctor::DoctorArgs),
    /// Measure what the README reports
    Bench(doctor::BenchArgs),
    /// Print the completions of a shell
    Completions(manual::CompletionsArgs),
    /// Write the manual pages
    Man(manual::ManArgs),
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

impl Command {
    /// Whether it ends when whoever reads its output has left. A guest goes on without a reader of its console.
    pub fn ends_with_its_reader(&self) -> bool {
        !matches!(self, Self::Run(_) | Self::Trace(_))
    }

    /// Does it, and returns the exit code.
    pub fn run(self) -> Result<u8> {
        match self {
            Self::New(arguments) => scaffold::new(&arguments),
            Self::Init(arguments) => scaffold::init(&arguments),
            Self::Build(arguments) => build::command(&arguments),
            Self::Run(arguments) => run::command(&arguments),
            Self::Trace(arguments) => trace::command(&arguments),
            Self::Disk(arguments) => disk::command(&arguments),
            Self::Check(arguments) => check::command(&arguments),
            Self::Why(arguments) => why::command(&arguments),
            Self::Graph(arguments) => graph::command(&arguments),
            Self::Size(arguments) => size::command(&arguments),
            Self::Config(arguments) => config::command(&arguments),
            Self::Menuconfig(arguments) => config::menuconfig::command(&arguments),
            Self::Defconfig(arguments) => config::defconfig::defconfig(&arguments),
            Self::Savedefconfig(arguments) => config::defconfig::savedefconfig(&arguments),
            Self::Lib(arguments) => library::command(&arguments),
            Self::Add(arguments) => library::add(&arguments),
            Self::Remove(arguments) => library::remove(&arguments),
            Self::Kconfig(arguments) => kconfig::command(&arguments),
            Self::Explain(arguments) => explain::command(&arguments),
            Self::Doctor(arguments) => doctor::command(&arguments),
            Self::Bench(arguments) => doctor::bench(&arguments),
            Self::Completions(arguments) => manual::completions(&arguments),
            Self::Man(arguments) => manual::pages(&arguments),
        }
    }
}
