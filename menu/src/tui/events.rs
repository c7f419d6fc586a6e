//! What happens to the program, in one queue: keys, mouse and size from the terminal, signals from the world.

use std::io;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use ratatui::crossterm::event::{self, KeyEvent, KeyEventKind, MouseEvent};
use ratatui::layout::Size;
use rustix::process::{Pid, Signal, getpgrp, getppid, getsid, kill_current_process_group};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::{Handle, Signals};

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// A key was pressed, or repeats.
    Key(KeyEvent),
    /// The mouse.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size.
    Resize(Size),
    /// The process is asked to stop (SIGTSTP).
    Suspend,
    /// The process goes on after a stop (SIGCONT).
    Continue,
    /// The process is asked to end.
    End(i32),
    /// The terminal is gone.
    Lost(io::Error),
}

/// The queue.
pub struct Events {
    queue: Receiver<Event>,
    signals: Handle,
}

impl Events {
    /// Begins to listen. Signals that would end or stop the process arrive here instead.
    pub fn listen() -> io::Result<Self> {
        let (sender, queue) = mpsc::channel();
        let signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT])?;
        let handle = signals.handle();
        let of_signals = sender.clone();
        thread::spawn(move || forward_signals(signals, &of_signals));
        thread::spawn(move || forward_input(&sender));
        Ok(Self { queue, signals: handle })
    }

    /// The next event, when there is one.
    pub fn wait(&self) -> Event {
        // The thread of the input ends only after `Lost`, so the queue has a sender until then.
        self.queue.recv().unwrap_or_else(|error| Event::Lost(io::Error::other(error)))
    }

    /// The next event if there is one already.
    pub fn next(&self) -> Option<Event> {
        self.queue.try_recv().ok()
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.signals.close();
    }
}

/// Stops the processes of this job, as Ctrl-Z does outside the menu: a `cargo` above this process too. Returns
/// false, and does nothing, where nobody could continue them.
pub fn stop_job() -> bool {
    has_shell() && kill_current_process_group(Signal::TSTP).is_ok()
}

/// Whether a shell waits for this job: the nearest ancestor outside the process group is in the same session.
/// Elsewhere (a terminal that runs nothing but this) the kernel would not stop it either.
fn has_shell() -> bool {
    let (group, session) = (getpgrp(), getsid(None).ok());
    let mut ancestor = getppid();
    while let Some(process) = ancestor {
        let Some((parent, its_group)) = parent_and_group(process) else { return false };
        if its_group != group.as_raw_nonzero().get() {
            return getsid(Some(process)).ok() == session;
        }
        ancestor = Pid::from_raw(parent);
    }
    false
}

/// Fields 4 and 5 of `/proc/PID/stat` (proc(5)); the second field is a name in parentheses.
fn parent_and_group(process: Pid) -> Option<(i32, i32)> {
    let path = Path::new("/proc").join(process.as_raw_nonzero().to_string()).join("stat");
    let text = std::fs::read_to_string(path).ok()?;
    let mut fields = text[text.rfind(')')? + 1..].split_whitespace().skip(1);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn forward_signals(mut signals: Signals, queue: &Sender<Event>) {
    for signal in signals.forever() {
        let event = match signal {
            SIGTSTP => Event::Suspend,
            SIGCONT => Event::Continue,
            other => Event::End(other),
        };
        if queue.send(event).is_err() {
            return;
        }
    }
}

fn forward_input(queue: &Sender<Event>) {
    loop {
        let event = match event::read() {
            Ok(event::Event::Key(key)) if key.kind != KeyEventKind::Release => Event::Key(key),
            Ok(event::Event::Mouse(mouse)) => Event::Mouse(mouse),
            Ok(event::Event::Paste(text)) => Event::Paste(text),
            Ok(event::Event::Resize(width, height)) => Event::Resize(Size::new(width, height)),
            Ok(_) => continue,
            Err(error) => Event::Lost(error),
        };
        let is_last = matches!(event, Event::Lost(_));
        if queue.send(event).is_err() || is_last {
            return;
        }
    }
}
