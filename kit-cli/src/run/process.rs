//! Images that are programs of the host: started directly, with nothing of our environment but what is given.

use std::os::unix::process::CommandExt;
use std::process::Command;

use super::control::Channel;
use super::disks::Disk;
use super::guest::{Ending, TIMED_OUT, Watch, code_of, code_of_signal};
use super::ports::Forward;
use super::shared::Shared;
use super::volumes::Share;
use super::{Guest, backtrace, encode, ports, quote};
use crate::{Result, trace};

/// The variables by which the platform is configured.
const CONTROL: &str = "KIT_CONTROL_FD";
const MEMORY: &str = "KIT_MEMORY";
const OPTIONS: &str = "KIT_OPTIONS";
const RECORD: &str = "KIT_RECORD";
const SHARED: &str = "KIT_SHARED_FD";

/// Starts the image and returns its exit code.
pub fn run(guest: Guest, is_dry: bool) -> Result<u8> {
    let mut channel = Channel::new()?;
    let mut env = guest.env.clone();
    if let Some(memory) = guest.memory {
        env.insert(MEMORY.into(), memory.0.to_string());
    }
    let mut settings: Vec<(String, String)> = guest.disks.iter().map(disk).collect();
    settings.extend(guest.shares.iter().map(share));
    settings.extend(guest.settings.iter().cloned());
    if !settings.is_empty() {
        // What the user says in the variable itself comes last, and wins.
        let options = encode::options(&settings).chain(env.get(OPTIONS).cloned());
        env.insert(OPTIONS.into(), options.collect::<Vec<_>>().join(" "));
    }
    if let Some(record) = &guest.record {
        env.insert(RECORD.into(), record.display().to_string());
    }
    if is_dry {
        println!("{}", shown(&guest, &env));
        return Ok(0);
    }
    env.insert(CONTROL.into(), channel.descriptor().to_string());
    let shared = guest.trace.as_ref().map(|_| Shared::with_process()).transpose()?;
    if let Some(shared) = &shared {
        env.insert(SHARED.into(), shared.descriptor().to_string());
    }
    for forward in &guest.forwards {
        if forward.host != forward.guest {
            eprintln!(
                "kit: this platform forwards nothing: the app's port {} is the host's port {0}, not {}",
                forward.guest, forward.host
            );
        }
    }
    if guest.built.facts.listens {
        let port = guest.forwards.first().map_or(ports::wanted(env.get("PORT")), |forward| forward.guest);
        match (Forward { host: port, guest: port, is_udp: false }).claimed() {
            Ok(_) => eprintln!("kit: http://127.0.0.1:{port}"),
            Err(_) => eprintln!(
                "kit: port {port} of this host is taken; an app that reads PORT takes another by -e PORT={}",
                port.checked_add(1).unwrap_or(ports::USUAL)
            ),
        }
    }
    let mut command = Command::new(&guest.built.image);
    command.arg0(&guest.name).args(&guest.arguments).env_clear().envs(&env);
    let watch = Watch::new(guest.timeout)?;
    let (ending, _) = watch.run(&mut command, &guest.name, |_| ())?;
    let said = channel.read();
    for fault in &said.faults {
        eprintln!("kit: {}", backtrace::report(fault, &guest.built.symbols));
    }
    if let (Some(file), Some(shared)) = (&guest.trace, &shared) {
        trace::write(&guest, &said, shared, file)?;
    }
    Ok(match ending {
        Ending::Exited(status) => code_of(status),
        Ending::TimedOut | Ending::Complained(_) => TIMED_OUT,
        Ending::Interrupted(signal) => code_of_signal(signal),
    })
}

/// The option that gives a process a disk; one for each, in their order.
fn disk(disk: &Disk) -> (String, String) {
    let access = if disk.is_read_only { "ro" } else { "rw" };
    ("disk".into(), format!("{}:{access}", disk.file.display()))
}

/// The option that shows a process a folder.
fn share(share: &Share) -> (String, String) {
    let access = if share.is_read_only { "ro" } else { "rw" };
    ("share".into(), format!("{}={}:{access}", share.tag, share.folder.display()))
}

fn shown(guest: &Guest, env: &std::collections::BTreeMap<String, String>) -> String {
    let mut words = vec!["env".to_string(), "-i".to_string()];
    words.extend(env.iter().map(|(name, value)| format!("{name}={value}")));
    words.push(guest.built.image.display().to_string());
    words.extend(guest.arguments.iter().cloned());
    words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}
