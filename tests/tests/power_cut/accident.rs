//! A boot that ends by an accident: killed at some moment, or without power from some write on.

use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use kit_tests::image::{Machine, boot};

/// Placeholders in the command line of `kit run --dry-run`, which is asked once for all boots.
const CUT: &str = "111111111";
const SEED: &str = "222222222";
const WORK: &str = "333333333";

/// Xorshift64* (Vigna 2016).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) % limit
    }
}

/// How a boot went.
pub struct End {
    /// The whole lines of standard output.
    pub lines: Vec<String>,
    /// The lines again, and standard error.
    pub others: String,
}

impl fmt::Display for End {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "\n{}\n{}", self.lines.join("\n"), self.others)
    }
}

/// The command that boots an app with a disk whose power can be cut.
pub struct Template(Command);

impl Template {
    pub fn new(app: &str, machine: Machine, disk: &Path) -> Self {
        let disk = disk.to_str().expect("a path in UTF-8");
        let (cut, seed) = (format!("block-fault.cut-after={CUT}"), format!("block-fault.seed={SEED}"));
        let options = ["--disk", disk, "--set", &cut, "--set", &seed, "--set", "block-fault.tears=1"];
        Self(boot(app, machine).options(options).arguments(["/data", WORK]).machine_command(&[]))
    }

    fn start(
        &self,
        random: &mut Random,
        cut_after: u64,
    ) -> (Child, Receiver<String>, thread::JoinHandle<String>) {
        let (seed, work) = (random.below(1 << 31).to_string(), random.below(1 << 31).to_string());
        let substitute = |word: &OsStr| {
            let word = word.to_str().expect("options in UTF-8");
            word.replace(CUT, &cut_after.to_string()).replace(SEED, &seed).replace(WORK, &work)
        };
        let mut command = Command::new(self.0.get_program());
        command.args(self.0.get_args().map(substitute));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let (stdout, mut stderr) =
            (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let (mut reader, mut line) = (BufReader::new(stdout), Vec::new());
            // A line that the end cut off is none.
            while reader.read_until(b'\n', &mut line).is_ok() && line.ends_with(b"\n") {
                let _ = sender.send(String::from_utf8_lossy(&line).trim_end().to_string());
                line.clear();
            }
        });
        let others = thread::spawn(move || {
            let mut others = Vec::new();
            let _ = stderr.read_to_end(&mut others);
            String::from_utf8_lossy(&others).into_owned()
        });
        (child, lines, others)
    }

    /// Boots, waits until the app is ready and up to `longest` more, and kills.
    pub fn run_and_kill(&self, random: &mut Random, longest: Duration) -> End {
        let (mut child, receiver, others) = self.start(random, 0);
        let mut lines = Vec::new();
        while let Ok(line) = receiver.recv_timeout(Duration::from_secs(60)) {
            let is_ready = line == "ready";
            lines.push(line);
            if is_ready {
                thread::sleep(longest.mul_f64(random.below(1000) as f64 / 1000.0));
                break;
            }
        }
        end(&mut child, receiver, others, lines)
    }

    /// Boots with a disk that loses power at some write or flush, and waits until the app has noticed.
    pub fn run_until_cut(&self, random: &mut Random) -> End {
        let cut_after = random.below(150) + 1;
        let (mut child, receiver, others) = self.start(random, cut_after);
        let mut lines = Vec::new();
        while let Ok(line) = receiver.recv_timeout(Duration::from_secs(60)) {
            lines.push(line);
        }
        end(&mut child, receiver, others, lines)
    }
}

fn end(
    child: &mut Child,
    receiver: Receiver<String>,
    others: thread::JoinHandle<String>,
    mut lines: Vec<String>,
) -> End {
    child.kill().expect("it can be killed, or has ended");
    child.wait().expect("it has ended");
    lines.extend(receiver);
    // A machine has one console: there the errors are among the lines.
    let others = format!("{}\n{}", lines.join("\n"), others.join().expect("it only reads"));
    End { lines, others }
}
