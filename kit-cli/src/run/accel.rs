//! How a machine executes: by KVM where that works, else by emulation.
//!
//! That `/dev/kvm` opens proves nothing: some hosts emulate the guest's kernel code and fail at its first SSE
//! instruction. So the image itself is the trial, and a failure is remembered for this host.

use std::fs::{self, File};
use std::path::PathBuf;

use super::Accel;
use super::qemu::PROGRAM;
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

/// Chooses. Why an automatic choice is emulation is said once on each host; with `is_verbose`, always.
pub fn choose(wished: Accel, is_verbose: bool) -> Result<Choice> {
    let open = || File::options().read(true).write(true).open("/dev/kvm");
    match wished {
        Accel::Tcg => Ok(Choice::Tcg),
        Accel::Kvm => match open() {
            Ok(_) => Ok(Choice::Kvm { may_fall_back: false }),
            Err(error) => Err(Failure::failed(format!("cannot open /dev/kvm: {error}; use --accel tcg"))),
        },
        Accel::Auto => {
            if let Err(error) = open() {
                let why = format!("cannot open /dev/kvm: {error}");
                if remember("closed", &why) || is_verbose {
                    say(&why);
                }
                return Ok(Choice::Tcg);
            }
            if let Some(why) = verdict() {
                if is_verbose {
                    say(&why);
                }
                return Ok(Choice::Tcg);
            }
            Ok(Choice::Kvm { may_fall_back: true })
        }
    }
}

/// Remembers that this host's KVM cannot run images, and says so. `complaint` is QEMU's.
pub fn condemn(complaint: &str) {
    let why = format!("this host's KVM cannot run images ({})", in_short(complaint));
    remember("unfit", &why);
    say(&why);
}

/// Why this host's KVM cannot run images, if a trial has shown that.
pub fn verdict() -> Option<String> {
    fs::read_to_string(file("unfit")?).ok()
}

fn say(why: &str) {
    eprintln!("kit: emulating by TCG: {why}");
}

/// Keeps what was found out about this host; returns whether it is new.
fn remember(what: &str, why: &str) -> bool {
    let Some(file) = file(what) else { return true };
    let is_new = fs::read_to_string(&file).ok().as_deref() != Some(why);
    // Without it, the next run tries again.
    let _ = stamp::write_if_changed(&file, why.as_bytes());
    is_new
}

/// What QEMU complained of, in a few words.
fn in_short(complaint: &str) -> String {
    let complaint = complaint.trim();
    if complaint.contains("kvm_buf_set_msrs") {
        return "it refuses to set a register of the processor".to_string();
    }
    if complaint.contains("KVM internal error") {
        return "it gave up on an instruction".to_string();
    }
    let words = complaint.trim_start_matches(&format!("{PROGRAM}: "));
    let words = words.split(": Assertion").next().unwrap_or(words);
    words.chars().take(80).collect()
}

/// The file of a finding about this host: another kernel, processor or QEMU deserves another trial.
fn file(what: &str) -> Option<PathBuf> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find(|line| line.starts_with("model name")).unwrap_or_default();
    let program =
        super::qemu::find().and_then(|path| fs::metadata(path).ok()).and_then(|found| found.modified().ok());
    let host = format!("{kernel}{model}{program:?}");
    let name = format!("kvm-{what}-{:016x}", stamp::hash(host.as_bytes()));
    Some(stamp::cache_folder()?.join(name))
}

#[cfg(test)]
mod tests {
    use super::in_short;

    #[test]
    fn complaints_are_shortened() {
        let assertion =
            "qemu-system-x86_64: ../../target/i386/kvm/kvm.c:3183: kvm_buf_set_msrs: Assertion `x' failed.";
        assert_eq!(in_short(assertion), "it refuses to set a register of the processor");
        assert_eq!(in_short("KVM internal error. Suberror: 1"), "it gave up on an instruction");
        let other = "qemu-system-x86_64: failed to initialize kvm: Permission denied";
        assert_eq!(in_short(other), "failed to initialize kvm: Permission denied");
    }
}
