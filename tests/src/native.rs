//! The same app as an ordinary Linux program.

use std::collections::HashMap;
use std::io::pipe;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};
use std::{io::Read, io::Write};

use crate::process::{self, Finished};
use crate::{kit, root, scratch, turns};

/// Builds `app` with plain cargo, in the release profile as `kit` does; once for a test process.
#[track_caller]
pub fn build(app: &str) -> PathBuf {
    static DONE: Mutex<Option<HashMap<String, PathBuf>>> = Mutex::new(None);
    let mut done = DONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let done = done.get_or_insert_default();
    if let Some(program) = done.get(app) {
        return program.clone();
    }
    let _turn = turns::build();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root().join(app)).args(["build", "--quiet", "--release", "--locked", "--target-dir"]);
    cargo.arg(scratch().join("native")).arg("--message-format=json-render-diagnostics");
    let output = process::run(cargo, b"", Duration::from_secs(600)).expect_code(0);
    let program = kit::executable(&output.stdout).unwrap_or_else(|| panic!("{app} has no program"));
    done.insert(app.to_string(), program.clone());
    program
}

/// Runs a program with just these variables, and both of its streams on one pipe, as on a console.
#[track_caller]
pub fn run(
    program: &Path,
    arguments: &[String],
    variables: &[(String, String)],
    stdin: &[u8],
    limit: Duration,
) -> Finished {
    let (mut reader, writer) = pipe().expect("a pipe can be made");
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(variables.iter().cloned()).stdin(Stdio::piped());
    command.stdout(writer.try_clone().expect("a pipe can be cloned")).stderr(writer);
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    // `command` keeps the writing ends open: without this the reader never sees the end.
    drop(command);
    let (mut input, bytes) = (child.stdin.take().expect("asked for"), stdin.to_vec());
    thread::spawn(move || input.write_all(&bytes));
    let console = thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = reader.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let deadline = Instant::now() + limit;
    let status = loop {
        match child.try_wait().expect("the child is ours") {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                let _ = child.kill();
                panic!("{} has not ended after {limit:?}", program.display());
            }
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    Finished { status, stdout: console.join().expect("the reader does not panic"), stderr: String::new() }
}

/// A console's text without what may differ between two runs of the same program: thread ids in panic messages,
/// the time, and lines that the OS adds, as a shell adds `Aborted`.
pub fn comparable(console: &str) -> String {
    let without_carriage_returns = console.replace("\r\n", "\n");
    let lines = without_carriage_returns.lines().filter(|line| !line.starts_with("kit: "));
    let lines = lines.map(|line| match line {
        _ if line.starts_with("time: ") => "time: …".to_string(),
        _ if line.starts_with("thread '") => without_thread_id(line),
        _ => line.to_string(),
    });
    lines.fold(String::new(), |text, line| text + &line + "\n")
}

/// `thread 'main' (12) panicked …` without the number.
fn without_thread_id(line: &str) -> String {
    match (line.find("' ("), line.find(") ")) {
        (Some(open), Some(close)) if open < close => format!("{}{}", &line[..open + 1], &line[close + 1..]),
        _ => line.to_string(),
    }
}
