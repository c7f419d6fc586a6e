//! How a machine executes: by KVM where that works, else by emulation.
//!
//! That `/dev/kvm` opens proves nothing: some hosts emulate the guest's kernel code and fail at its first SSE
//! instruction. So the image itself is the trial, and a failure is remembered for this host.

use std::fs::{self, File};
use std::path::PathBuf;

use crate::cli::Accel;
use crate::stamp;
use crate::{Failure, Result};

/// What to start with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Emulation.
    Tcg,
    /// KVM, and what follows if it gives up.
    Kvm {
        /// Start again by emulation.
        may_fall_back: bool,
    },
}

/// Chooses; says in one line why an automatic choice is emulation.
pub fn choose(wished: Accel) -> Result<Choice> {
    let open = || File::options().read(true).write(true).open("/dev/kvm");
    match wished {
        Accel::Tcg => Ok(Choice::Tcg),
        Accel::Kvm => match open() {
            Ok(_) => Ok(Choice::Kvm { may_fall_back: false }),
            Err(error) => Err(Failure::failed(format!("cannot open /dev/kvm: {error}; use --accel tcg"))),
        },
        Accel::Auto => {
            if let Err(error) = open() {
                eprintln!("kit: emulating (TCG): cannot open /dev/kvm: {error}");
                return Ok(Choice::Tcg);
            }
            if let Some(why) = verdict().and_then(|file| fs::read_to_string(file).ok()) {
                eprintln!("kit: emulating (TCG): this host's KVM cannot run images: {}", why.trim());
                return Ok(Choice::Tcg);
            }
            Ok(Choice::Kvm { may_fall_back: true })
        }
    }
}

/// Remembers that this host's KVM cannot run images, and says so.
pub fn condemn(why: &str) {
    eprintln!("kit: emulating (TCG): this host's KVM cannot run the image: {}", why.trim());
    if let Some(file) = verdict() {
        let _ = stamp::write_if_changed(&file, why.as_bytes());
    }
}

/// The file of the verdict on this host: another kernel or processor deserves another trial.
fn verdict() -> Option<PathBuf> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find(|line| line.starts_with("model name")).unwrap_or_default();
    let name = format!("no-kvm-{:016x}", stamp::hash(format!("{kernel}{model}").as_bytes()));
    Some(stamp::cache_folder()?.join(name))
}
