//! Watching over a running image: its end, the time limit, and signals to kit, whichever comes first.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::leash;
use crate::{Failure, Result};

/// Exit code for a time-out, as `timeout(1)` has it.
pub const TIMED_OUT: u8 = 124;

/// How a run ended.
#[derive(Debug)]
pub enum Ending {
    /// The process ended by itself.
    Exited(ExitStatus),
    /// The time was up; it has been stopped.
    TimedOut,
    /// Kit was told to stop by this signal, and has stopped it.
    Interrupted(i32),
    /// A line that was watched for came on standard error; it has been stopped.
    Complained(String),
}

/// What happens while an image runs.
enum Event {
    Exited(std::io::Result<ExitStatus>),
    Signal(i32),
    Complaint(String),
}

/// A watch over one image after another, with one time limit for all.
pub struct Watch {
    sender: Sender<Event>,
    receiver: Receiver<Event>,
    deadline: Option<Instant>,
}

impl Watch {
    /// Takes over signals to kit; the time limit begins.
    pub fn new(limit: Option<Duration>) -> Result<Self> {
        let (sender, receiver) = channel();
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
            .map_err(|error| Failure::failed(format!("cannot take over signals: {error}")))?;
        let events = sender.clone();
        thread::spawn(move || signals.forever().try_for_each(|signal| events.send(Event::Signal(signal))));
        Ok(Self { sender, receiver, deadline: limit.map(|limit| Instant::now() + limit) })
    }

    /// Starts `command`; `begun` gets the process for its input.
    pub fn run(
        &self,
        command: &mut Command,
        name: &str,
        begun: impl FnOnce(&mut Child),
    ) -> Result<(Ending, String)> {
        let mut child = leash::tied(command).spawn().map_err(|error| Failure::program(name, &error))?;
        let pid = Pid::from_child(&child);
        let output = child.stdout.take().map(copy_output);
        let complaints = child.stderr.take().map(|stderr| listen(stderr, self.sender.clone()));
        begun(&mut child);
        let events = self.sender.clone();
        thread::spawn(move || events.send(Event::Exited(child.wait())));
        let ending = self.wait(pid)?;
        // What it wrote before its end is in the pipes still.
        if let Some(output) = output {
            let _ = output.join();
        }
        let said = complaints.and_then(|complaints| complaints.join().ok()).unwrap_or_default();
        Ok((ending, said))
    }

    fn wait(&self, pid: Pid) -> Result<Ending> {
        let mut ending = None;
        loop {
            let event = match (self.deadline, &ending) {
                (Some(deadline), None) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    self.receiver.recv_timeout(left)
                }
                _ => self.receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match event {
                Ok(Event::Exited(status)) => {
                    let status = status.map_err(|error| Failure::failed(format!("cannot wait: {error}")))?;
                    return Ok(ending.unwrap_or(Ending::Exited(status)));
                }
                Ok(Event::Signal(signal)) => ending = ending.or(Some(Ending::Interrupted(signal))),
                Ok(Event::Complaint(line)) => ending = ending.or(Some(Ending::Complained(line))),
                Err(_) => ending = ending.or(Some(Ending::TimedOut)),
            }
            // It may have ended just now, and then nothing is left to stop.
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Copies the console to our standard output as it comes.
fn copy_output(mut stdout: ChildStdout) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        let mut ours = std::io::stdout().lock();
        while let Ok(count) = stdout.read(&mut buffer)
            && count > 0
        {
            // With nobody to read us the guest goes on; its exit code may still matter.
            let _ = ours.write_all(&buffer[..count]).and_then(|()| ours.flush());
        }
    })
}

/// What QEMU says when the host's KVM cannot go on; the machine then stands still for ever.
const KVM_GAVE_UP: [&str; 2] = ["KVM internal error", "KVM: entry failed"];

/// Collects standard error, and tells the watch about a line that means the machine stands still.
fn listen(stderr: ChildStderr, events: Sender<Event>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut all = String::new();
        for line in BufReader::new(stderr).lines().map_while(|line| line.ok()) {
            if KVM_GAVE_UP.iter().any(|words| line.contains(words)) {
                let _ = events.send(Event::Complaint(line.clone()));
            }
            all.push_str(&line);
            all.push('\n');
        }
        all
    })
}

/// The exit code of a process of the host, signals as a shell shows them.
pub fn code_of(status: ExitStatus) -> u8 {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    u8::try_from(code & 0xff).unwrap_or(1)
}

/// The exit code after a signal to kit, as a shell shows it.
pub fn code_of_signal(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(130)
}
