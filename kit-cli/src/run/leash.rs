//! The leash: what kit starts ends when kit ends, even if nobody had time to say so.

use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{Signal, set_parent_process_death_signal};

/// Has the kernel end the command's process when kit is gone. Kit must start it from its main thread, because the
/// kernel watches the thread.
pub fn tied(command: &mut Command) -> &mut Command {
    let tie = || Ok(set_parent_process_death_signal(Some(Signal::TERM))?);
    // SAFETY: between fork and exec the closure makes one system call; it allocates nothing and takes no lock.
    unsafe { command.pre_exec(tie) }
}
