//! Installing QEMU the way the system does it, when that may be done.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Result;
use crate::run::qemu;

/// Whether a person must agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// On a terminal, ask first.
    Ask,
    /// The caller has been told to install.
    Given,
}

/// Package managers, and how each installs QEMU for x86-64.
const MANAGERS: [(&str, &[&str]); 5] = [
    ("apt-get", &["install", "--yes", "--no-install-recommends", "qemu-system-x86"]),
    ("dnf", &["install", "-y", "qemu-system-x86-core"]),
    ("pacman", &["-S", "--noconfirm", "qemu-system-x86"]),
    ("zypper", &["--non-interactive", "install", "qemu-x86"]),
    ("apk", &["add", "qemu-system-x86_64"]),
];

/// Installs QEMU if the system's package manager is there and this user may use it. Returns whether it is there
/// afterwards.
pub fn qemu(consent: Consent) -> Result<bool> {
    // For machines, and tests, where kit must not change the system.
    if std::env::var_os("KIT_NO_INSTALL").is_some() {
        return Ok(false);
    }
    let Some((manager, arguments)) = MANAGERS.iter().find(|(manager, _)| is_on_path(manager)) else {
        return Ok(false);
    };
    let Some(prefix) = privilege() else { return Ok(false) };
    let shown = [prefix, &[*manager], arguments].concat().join(" ");
    if consent == Consent::Ask && std::io::stdin().is_terminal() && !agrees(&shown) {
        return Ok(false);
    }
    eprintln!("kit: installing QEMU: {shown}");
    let start = |arguments: &[&str]| {
        let words = [prefix, &[*manager], arguments].concat();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .env("DEBIAN_FRONTEND", "noninteractive");
        command.status().is_ok_and(|status| status.success())
    };
    // A fresh Debian has no package lists at all.
    let is_done = start(arguments) || (*manager == "apt-get" && start(&["update"]) && start(arguments));
    Ok(is_done && qemu::find().is_some())
}

/// What goes before a command so that it runs as root; `None` if this user cannot.
fn privilege() -> Option<&'static [&'static str]> {
    if rustix::process::geteuid().is_root() {
        return Some(&[]);
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    sudo.status().is_ok_and(|status| status.success()).then_some(&["sudo", "-n"])
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
}

fn agrees(command: &str) -> bool {
    eprint!("kit: QEMU is not installed. Install it by `{command}`? [Y/n] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok_and(|count| count > 0) && !answer.trim().to_lowercase().starts_with('n')
}
