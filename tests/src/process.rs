//! Children that end: each has a time limit, and its output is kept for the message when it does not.

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What a child wrote and how it ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error; empty if that went to the same place as its output.
    pub stderr: String,
}

impl Finished {
    /// The exit code; a signal counts as 128 + its number, as in a shell.
    pub fn code(&self) -> i32 {
        use std::os::unix::process::ExitStatusExt;
        self.status.code().unwrap_or_else(|| 128 + self.status.signal().unwrap_or(0))
    }

    /// Demands an exit code, and shows everything otherwise.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "wrong exit code\n{}", self.transcript());
        self
    }

    /// Both streams, labelled, for a message.
    pub fn transcript(&self) -> String {
        format!("--- stdout\n{}--- stderr\n{}---", self.stdout, self.stderr)
    }
}

/// A child whose output is collected while it runs.
pub struct Running {
    child: Child,
    stdout: Stream,
    stderr: Stream,
    what: String,
}

impl Running {
    /// Starts `command` and feeds it `stdin`.
    #[track_caller]
    pub fn start(mut command: Command, stdin: &[u8]) -> Self {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let what = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let mut pipe = child.stdin.take().expect("asked for");
        let bytes = stdin.to_vec();
        // A child may end without reading: a broken pipe is no failure of the test.
        thread::spawn(move || pipe.write_all(&bytes));
        let stdout = Stream::collect(child.stdout.take().expect("asked for"));
        let stderr = Stream::collect(child.stderr.take().expect("asked for"));
        Self { child, stdout, stderr, what }
    }

    /// Waits for the end; kills the child and fails after `limit`.
    #[track_caller]
    pub fn finish(mut self, limit: Duration) -> Finished {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("the child is ours") {
                let (stdout, stderr) = (self.stdout.all(), self.stderr.all());
                return Finished { status, stdout, stderr };
            }
            thread::sleep(Duration::from_millis(2));
        }
        panic!("{} has not ended after {limit:?}\n{}", self.what, self.transcript());
    }

    /// Waits until standard output contains `text`; fails after `limit` or when the child ends before.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str, limit: Duration) {
        if !self.stdout.wait_for(text, limit) {
            panic!("{} has not said {text:?} after {limit:?}\n{}", self.what, self.transcript());
        }
    }

    /// What it has written so far, for a message.
    pub fn transcript(&self) -> String {
        format!("--- stdout\n{}--- stderr\n{}---", self.stdout.text(), self.stderr.text())
    }

    /// Standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends SIGINT, as Ctrl-C does.
    pub fn interrupt(&self) {
        signal(self.child.id(), "INT");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            // SIGTERM first: `kit run` stops its guest, which SIGKILL would leave behind.
            signal(self.child.id(), "TERM");
            let deadline = Instant::now() + Duration::from_secs(5);
            while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
                thread::sleep(Duration::from_millis(5));
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Runs `command` to its end; see [`Running`].
#[track_caller]
pub fn run(command: Command, stdin: &[u8], limit: Duration) -> Finished {
    Running::start(command, stdin).finish(limit)
}

fn signal(process: u32, name: &str) {
    let _ = Command::new("kill").args([format!("-{name}"), process.to_string()]).status();
}

/// A pipe that is drained by a thread of its own.
struct Stream(Arc<(Mutex<Collected>, Condvar)>);

#[derive(Default)]
struct Collected {
    bytes: Vec<u8>,
    ended: bool,
}

impl Stream {
    fn collect(mut pipe: impl Read + Send + 'static) -> Self {
        let shared = Arc::new((Mutex::new(Collected::default()), Condvar::new()));
        let collector = shared.clone();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let count = match pipe.read(&mut buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    result => result.unwrap_or(0),
                };
                let mut collected = collector.0.lock().unwrap();
                collected.bytes.extend_from_slice(&buffer[..count]);
                collected.ended = count == 0;
                collector.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        Self(shared)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.0.lock().unwrap().bytes).into_owned()
    }

    /// The text at the end of the stream. A grandchild may hold the pipe open: two seconds bound the wait.
    fn all(&self) -> String {
        let lock = self.0.0.lock().unwrap();
        let _ = self.0.1.wait_timeout_while(lock, Duration::from_secs(2), |collected| !collected.ended);
        self.text()
    }

    fn wait_for(&self, text: &str, limit: Duration) -> bool {
        let contains = |collected: &Collected| String::from_utf8_lossy(&collected.bytes).contains(text);
        let lock = self.0.0.lock().unwrap();
        let more = |collected: &mut Collected| !collected.ended && !contains(collected);
        contains(&self.0.1.wait_timeout_while(lock, limit, more).unwrap().0)
    }
}
