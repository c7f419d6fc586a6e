//! Counts guest instructions: starts a machine with the plugin `count.c` and reads the counters while it runs.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use super::symbols::Symbols;
use crate::{process, scratch, turns};

/// Where the per-address counters begin, in `u64`s; `HEADER` of `count.c`.
const HEADER: u64 = 16;

/// The counters of one machine.
pub struct Counter {
    path: PathBuf,
    text: std::ops::Range<u64>,
}

impl Counter {
    /// Makes the machine that `command` starts count its instructions, and note when it first reaches `marks`.
    #[track_caller]
    pub fn attach(command: &mut Command, symbols: &Symbols, marks: &[u64]) -> Self {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = scratch().join(format!("count-{}-{number}", std::process::id()));
        let text = symbols.text.clone();
        let mut option =
            format!("{},out={},low={:x},high={:x}", plugin().display(), path.display(), text.start, text.end);
        for mark in marks {
            option += &format!(",mark={mark:x}");
        }
        command.arg("-plugin").arg(option);
        Self { path, text }
    }

    /// Makes guest time a function of the instructions executed, so that every run is the same.
    pub fn make_deterministic(command: &mut Command) {
        command.args(["-icount", "shift=0,sleep=off", "-rtc", "base=2024-01-01T00:00:00,clock=vm"]);
    }

    /// Instructions so far.
    pub fn total(&self) -> u64 {
        self.read(0, 1)[0]
    }

    /// Instructions when the mark with this index was first reached, if it was.
    pub fn at_mark(&self, mark: usize) -> Option<u64> {
        Some(self.read(1 + mark as u64, 1)[0]).filter(|count| *count > 0)
    }

    /// Instructions so far for each function.
    pub fn by_function(&self, symbols: &Symbols) -> HashMap<String, u64> {
        let counts = self.read(HEADER, (self.text.end - self.text.start) as usize);
        let mut functions = HashMap::new();
        for (address, count) in self.text.clone().zip(counts).filter(|(_, count)| *count > 0) {
            *functions.entry(symbols.function(address).to_string()).or_default() += count;
        }
        functions
    }

    fn read(&self, index: u64, count: usize) -> Vec<u64> {
        let mut bytes = vec![0; count * 8];
        // Before the machine has started there is no file, and nothing has been executed.
        if let Ok(file) = File::open(&self.path) {
            let _ = file.read_exact_at(&mut bytes, index * 8);
        }
        bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes"))).collect()
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The plugin, compiled once. A machine with Rust has `cc`: rustc links with it.
fn plugin() -> &'static Path {
    static PLUGIN: OnceLock<PathBuf> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        let _turn = turns::build();
        let plugin = scratch().join("count.so");
        let mut compiler = Command::new("cc");
        compiler.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&plugin);
        compiler.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/measure/count.c"));
        process::run(compiler, b"", Duration::from_secs(60)).expect_code(0);
        plugin
    })
}
