//! `kit run`: starts an image and is, for its caller, the program in it: its output, its input, its exit code.

pub mod accel;
pub mod args;
pub mod backtrace;
pub mod control;
pub mod devices;
pub mod disks;
pub mod encode;
pub mod guest;
pub mod leash;
pub mod memory;
pub mod network;
pub mod ports;
pub mod process;
pub mod qemu;
pub mod record;
pub mod shared;
pub mod stdin;
pub mod volumes;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::build::plan::Plan;
use crate::build::{self, Built};
use crate::cli::Target;
use crate::{Failure, Result, install, trace};

pub use args::{Accel, Machine, RunArgs};
use disks::Disk;
use memory::Memory;
use ports::Forward;
use volumes::{Share, Volume};

/// What is to be started, command line and `kit.toml` taken together.
pub struct Guest {
    /// The image.
    pub built: Built,
    /// Name of the image, which is the first argument.
    pub name: String,
    /// Arguments of the app.
    pub arguments: Vec<String>,
    /// Environment of the app.
    pub env: BTreeMap<String, String>,
    /// Memory, if said.
    pub memory: Option<Memory>,
    /// Processors.
    pub cpus: u32,
    /// Ports to forward.
    pub forwards: Vec<Forward>,
    /// Disks, the first one first.
    pub disks: Vec<Disk>,
    /// Folders of the host.
    pub shares: Vec<Share>,
    /// Options of the OS: names without `kit.`, and values.
    pub settings: Vec<(String, String)>,
    /// Time limit.
    pub timeout: Option<Duration>,
    /// How the machine executes.
    pub accel: Accel,
    /// The machine.
    pub machine: Machine,
    /// Whether to say more.
    pub is_verbose: bool,
    /// The address that the configuration fixes, if it does.
    pub address: Option<String>,
    /// The file that the image records.
    pub record: Option<PathBuf>,
    /// Where to write the trace that it keeps, if that is wanted.
    pub trace: Option<PathBuf>,
}

/// `kit run`.
pub fn command(arguments: &RunArgs) -> Result<u8> {
    start(arguments, None)
}

/// Starts an image. With `recording` it is one that records, whatever the configuration says, and the recording is
/// written to that file, or to one with the name of the image.
pub fn start(arguments: &RunArgs, recording: Option<Option<&Path>>) -> Result<u8> {
    // Wrong use is said before anything is built.
    let ports: Vec<Forward> = arguments.ports.iter().map(|text| text.parse()).collect::<Result<_>>()?;
    let disks: Vec<Disk> = arguments.disks.iter().map(|text| text.parse()).collect::<Result<_>>()?;
    let volumes: Vec<Volume> = arguments.volumes.iter().map(|text| text.parse()).collect::<Result<_>>()?;
    let settings = arguments.settings.iter().map(|text| setting(text)).collect::<Result<_>>()?;
    let memory = arguments.memory.as_deref().map(str::parse).transpose()?;
    let env = variables(&arguments.env)?;
    let timeout = arguments.timeout.map(time_limit).transpose()?;
    let mut plan = Plan::make(&arguments.target)?;
    if !plan.platform.is_process() && qemu::find().is_none() && !install::qemu(install::Consent::Ask)? {
        plan = without_qemu(&plan, &arguments.target)?;
    }
    if arguments.pcap.is_some() {
        record::choose(&mut plan, record::PCAP)?;
    }
    if recording.is_some() {
        trace::choose_recorder(&mut plan)?;
    }
    let run = plan.wishes.run.clone();
    let volumes = if volumes.is_empty() { volumes_in_file(&plan)? } else { volumes };
    let shares = volumes::mount(&mut plan, &volumes)?;
    let built = build::run(&plan, &arguments.target, true)?;
    let record = record::file(&plan, &built, arguments.pcap.as_deref(), arguments.dry_run)?;
    let mut all_env = run.env;
    all_env.extend(env);
    let mut all_arguments = run.args;
    if !arguments.arguments.is_empty() {
        all_arguments = arguments.arguments.clone();
    }
    let from_file = run.ports.iter().map(|text| text.parse()).collect::<Result<Vec<Forward>>>();
    let from_file = from_file.map_err(|failure| in_kit_toml(&plan, failure))?;
    let in_file = run.memory.as_deref().map(str::parse).transpose();
    let in_file = in_file.map_err(|failure| in_kit_toml(&plan, failure))?;
    let mut disks_in_file = Vec::new();
    for text in &run.disks {
        let disk: Disk = text.parse().map_err(|failure| in_kit_toml(&plan, failure))?;
        disks_in_file.push(disk.in_folder(&plan.project.folder));
    }
    let mut guest = Guest {
        name: plan.project.name.clone(),
        arguments: all_arguments,
        env: all_env,
        memory: memory.or(in_file),
        cpus: arguments.cpus,
        forwards: if ports.is_empty() { from_file } else { ports },
        disks: if disks.is_empty() { disks_in_file } else { disks },
        shares,
        settings,
        timeout,
        accel: arguments.accel,
        machine: arguments.machine,
        is_verbose: arguments.target.verbose,
        address: network::configured_address(&plan.output),
        record,
        trace: recording.map(|file| {
            let named = || PathBuf::from(format!("{}.trace.json", plan.project.name));
            file.map_or_else(named, Path::to_path_buf)
        }),
        built,
    };
    disks::check(&plan, &guest)?;
    let disks = std::mem::take(&mut guest.disks);
    guest.disks = disks.into_iter().map(|disk| disk.ready(arguments.dry_run)).collect::<Result<_>>()?;
    let record = guest.record.clone();
    let code = match plan.platform.is_process() {
        true => process::run(guest, arguments.dry_run),
        false => qemu::run(guest, arguments.dry_run),
    };
    if let Some(record) = record {
        record::trim(&record);
    }
    code
}

/// `[run] volumes`, whose folders begin where `kit.toml` is.
fn volumes_in_file(plan: &Plan) -> Result<Vec<Volume>> {
    let parse = |text: &String| text.parse::<Volume>().map_err(|failure| in_kit_toml(plan, failure));
    let volume = |text: &String| Ok(parse(text)?.in_folder(&plan.project.folder));
    plan.wishes.run.volumes.iter().map(volume).collect()
}

fn in_kit_toml(plan: &Plan, failure: Failure) -> Failure {
    Failure {
        message: format!("{}: [run] {}", plan.project.kit_toml.path().display(), failure.message),
        ..failure
    }
}

/// The plan for a platform that needs no QEMU; one line has said why.
fn without_qemu(plan: &Plan, target: &Target) -> Result<Plan> {
    let process = plan.shelf.platforms().find(|(_, platform)| platform.is_process());
    let Some((_, platform)) = process else { return Err(Failure::failed("QEMU is not installed")) };
    if target.platform.is_some() {
        return Err(Failure::failed(format!(
            "platform {} needs qemu-system-x86_64, which is not installed: `kit doctor --fix` tries to install it, \
             `--platform {}` does without",
            plan.platform.name, platform.name
        )));
    }
    eprintln!(
        "kit: QEMU is not installed and may not be; running on platform {} instead (`kit doctor` says more)",
        platform.name
    );
    Plan::make(&Target { platform: Some(platform.name.clone()), ..target.clone() })
}

fn variables(settings: &[String]) -> Result<BTreeMap<String, String>> {
    let pair = |setting: &String| match setting.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_string(), value.to_string())),
        _ => Err(Failure::usage(format!("-e {setting}: write it as NAME=VALUE"))),
    };
    settings.iter().map(pair).collect()
}

fn setting(text: &str) -> Result<(String, String)> {
    let is_plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-._".contains(letter);
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && name.chars().all(is_plain) => {
            Ok((name.to_string(), value.to_string()))
        }
        _ => Err(Failure::usage(format!("--set {text}: write it as NAME=VALUE, such as ip=10.0.0.2/24"))),
    }
}

fn time_limit(seconds: f64) -> Result<Duration> {
    let limit = Duration::try_from_secs_f64(seconds).ok().filter(|limit| !limit.is_zero());
    limit.ok_or_else(|| Failure::usage(format!("--timeout {seconds}: give a positive number of seconds")))
}

/// A word as a shell reads it back.
pub fn quote(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:,+@%^".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quote("a=b"), "a=b");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("it's"), "'it'\\''s'");
        assert_eq!(quote(""), "''");
    }

    #[test]
    fn variables_need_a_name() {
        assert_eq!(variables(&["A=b=c".into()]).unwrap()["A"], "b=c");
        assert_eq!(variables(&["=x".into()]).unwrap_err().code, 2);
        assert_eq!(variables(&["x".into()]).unwrap_err().message, "-e x: write it as NAME=VALUE");
    }

    #[test]
    fn options_of_the_os_need_a_name() {
        assert_eq!(setting("block-fault.seed=7"), Ok(("block-fault.seed".into(), "7".into())));
        for wrong in ["x", "=x", "a b=c"] {
            assert_eq!(setting(wrong).unwrap_err().code, 2, "{wrong}");
        }
    }

    #[test]
    fn a_time_limit_is_positive() {
        assert_eq!(time_limit(0.5).unwrap(), Duration::from_millis(500));
        assert_eq!(time_limit(0.0).unwrap_err().code, 2);
        assert_eq!(time_limit(-1.0).unwrap_err().code, 2);
    }
}
