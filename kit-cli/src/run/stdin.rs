//! Standard input on its way to the guest: a thread reads ours, which stays as it is, and feeds the console.

use std::io::{Read, Write};
use std::process::ChildStdin;
use std::sync::{Arc, Mutex};
use std::thread;

use super::encode::{END_OF_INPUT, input};

/// The pump. It is started once; a guest that is started anew gets everything from the beginning.
#[derive(Clone, Default)]
pub struct Pump(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    sink: Option<ChildStdin>,
    history: Vec<u8>,
    keeps_history: bool,
    is_running: bool,
}

impl Pump {
    /// Feeds `sink` from now on. With `may_restart`, what goes there is kept for the next one.
    pub fn feed(&self, mut sink: ChildStdin, may_restart: bool) {
        let mut state = self.lock();
        // A guest that has gone away does not read, and its end is noticed elsewhere.
        let _ = sink.write_all(&state.history);
        state.keeps_history = may_restart;
        state.history.clear();
        state.sink = Some(sink);
        if !std::mem::replace(&mut state.is_running, true) {
            let pump = self.clone();
            thread::spawn(move || pump.run());
        }
    }

    fn run(&self) {
        let mut buffer = [0; 4096];
        let mut stdin = std::io::stdin().lock();
        loop {
            match stdin.read(&mut buffer) {
                Ok(0) => return self.send(&[END_OF_INPUT]),
                Ok(count) => self.send(&input(&buffer[..count])),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return self.send(&[END_OF_INPUT]),
            }
        }
    }

    fn send(&self, bytes: &[u8]) {
        let mut state = self.lock();
        if state.keeps_history {
            state.history.extend_from_slice(bytes);
        }
        if let Some(sink) = &mut state.sink {
            let _ = sink.write_all(bytes);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
