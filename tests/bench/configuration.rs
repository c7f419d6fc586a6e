//! How long Kconfig takes: the whole of Linux beside Linux's own program, a keypress in it, and kit's own menu.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use kit_cli::progress::thousands;
use kit_cli::{configuration, shelf, tree::Tree};
use kit_menu::kconfig::{
    Config, Context, DiskFiles, HostShell, RememberingShell, Role, SymbolId, Tristate, Type, file, load,
};
use kit_menu::own_tree::{self, App};
use kit_tests::{kit, process, root, scratch};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use rustix::time::{ClockId, clock_gettime};

use crate::table::{Row, print};

/// Runs of each program; the median counts. They take turns, so that a busy machine slows both.
const RUNS: usize = 7;
/// Symbols of Linux's menu that are changed, besides those that much depends on.
const KEYPRESSES: usize = 200;
const PIVOTAL: [&str; 10] =
    ["MODULES", "64BIT", "NET", "PCI", "EXPERT", "SMP", "ACPI", "OF", "INET", "COMPILE_TEST"];
const OWN_ROUNDS: usize = 41;

/// Prints the section.
pub fn report() {
    let linux = Linux::prepare();
    let modes = ["alldefconfig", "allyesconfig", "allmodconfig"];
    let rows: Vec<Row> = modes.iter().map(|mode| linux.race(mode)).collect();
    print("All of Linux 6.12 (x86), read, evaluated and written, in ms of CPU time", &rows);
    let (median, worst, what) = linux.keypresses();
    print(
        "A value of Linux's menu changed, and all 18,000 symbols asked for theirs, in microseconds of CPU time",
        &[
            Row::new("median", thousands(median), "5,000", ""),
            Row::new(format!("longest ({what})"), thousands(worst), "5,000", ""),
        ],
    );
    print(
        "Kit's own menu, in microseconds of CPU time",
        &[Row::new("read, evaluate, write `.config`", thousands(own_menu()), "10,000", "")],
    );
}

/// The kernel's tree, the program that is built from it, and the answers that both programs get to their questions
/// about the compiler.
struct Linux {
    tree: PathBuf,
    folder: PathBuf,
    cache: PathBuf,
    answers: PathBuf,
}

impl Linux {
    fn prepare() -> Self {
        let script = Command::new(root().join("tests/kconfig/reference.sh"));
        let tree = process::run(script, b"", Duration::from_secs(900)).expect_code(0).stdout;
        let folder = scratch().join("configuration");
        fs::create_dir_all(&folder).expect("the build directory can be written");
        let cache = folder.join("probe_cache.so");
        let mut compiler = Command::new("cc");
        compiler.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&cache);
        compiler.arg(root().join("tests/kconfig/probe_cache.c")).arg("-ldl");
        process::run(compiler, b"", Duration::from_secs(60)).expect_code(0);
        Self { tree: tree.trim().into(), answers: folder.join("answers"), folder, cache }
    }

    /// CPU time of both programs. The first run of each, which may ask the compiler, does not count.
    fn race(&self, mode: &str) -> Row {
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..=RUNS {
            for (is_ours, times) in [false, true].into_iter().zip(&mut times) {
                let time = self.run(is_ours, mode);
                if round > 0 {
                    times.push(time);
                }
            }
        }
        let [reference, ours] = times.map(median);
        let peer = format!("{} ms by Linux's `conf`", thousands(reference / 1_000_000));
        Row::new(mode, thousands(ours / 1_000_000), "less than `conf`", peer)
    }

    /// Nanoseconds of CPU time, user and system, of one run.
    fn run(&self, is_ours: bool, mode: &str) -> u64 {
        let folder = self.folder.join(if is_ours { "ours" } else { "reference" });
        let _ = fs::remove_dir_all(&folder);
        // With an auto.conf there is no need to write thousands of empty files, which is not Kconfig's work.
        fs::create_dir_all(folder.join("include/config")).expect("the build directory can be written");
        fs::write(folder.join("include/config/auto.conf"), "").expect("the build directory can be written");
        let mut command = Command::new(root().join("tests/kconfig/linux_env.sh"));
        command.arg(&self.tree).arg("x86");
        if is_ours {
            command.arg(kit::path()).args(["kconfig", "conf"]);
        } else {
            command.args(["env".into(), format!("LD_PRELOAD={}", self.cache.display())]);
            command.arg(self.tree.join("scripts/kconfig/conf"));
        }
        command.args(["-s", &format!("--{mode}"), "Kconfig"]);
        command.env("KIT_KCONFIG_PROBES", &self.answers).current_dir(&folder);
        cpu_time(command)
    }

    /// The median and the longest time of a change in the menu, and what was changed then.
    fn keypresses(&self) -> (u64, u64, String) {
        let mut config = self.config();
        config.prepare();
        let everything = |config: &Config| {
            let tree = config.tree();
            let letters: usize = tree.symbols().map(|(id, _)| config.value(id).len()).sum();
            let visible = tree.symbols().filter(|(id, _)| config.visibility(*id) != Tristate::No).count();
            let shown = tree.walk().filter(|&node| config.is_shown(node)).count();
            assert!(letters > 0 && visible > 0 && shown > 0, "Linux has a menu");
        };
        everything(&config);
        let mut times: Vec<(u64, String)> = Vec::new();
        for symbol in self.subjects(&config) {
            let before = config.tristate(symbol);
            // Up and down again, where nothing forbids that.
            for value in config.allowed(symbol).into_iter().filter(|value| *value != before).chain([before]) {
                let start = now();
                let is_set = config.set(symbol, value.as_str()).is_ok();
                everything(&config);
                if is_set {
                    let name = &config.tree().symbol(symbol).name;
                    times.push((now() - start, format!("{name}={}", value.as_str())));
                }
            }
        }
        times.sort();
        let (worst, what) = times.last().expect("Linux has symbols").clone();
        (times[times.len() / 2].0 / 1000, worst / 1000, what)
    }

    /// The tree with every symbol at its default.
    fn config(&self) -> Config {
        let mut variables = Command::new(root().join("tests/kconfig/linux_env.sh"));
        variables.arg(&self.tree).args(["x86", "env", "-0"]);
        let output = process::run(variables, b"", Duration::from_secs(60)).expect_code(0).stdout;
        let pairs = output.split('\0').filter_map(|pair| pair.split_once('='));
        let environment: BTreeMap<_, _> = pairs.map(|(name, value)| (name.into(), value.into())).collect();
        let mut context = Context {
            srctree: Some(self.tree.clone()),
            environment,
            files: Box::new(DiskFiles),
            shell: Box::new(RememberingShell::new(self.answers.clone(), HostShell)),
        };
        let loaded = load(Path::new("Kconfig"), &mut context);
        Config::new(Arc::new(
            loaded.unwrap_or_else(|failure| panic!("{}", configuration::errors_of(&failure))).tree,
        ))
    }

    /// Symbols that a user can change: those that much depends on, and others from all over the menu.
    fn subjects(&self, config: &Config) -> Vec<SymbolId> {
        let tree = config.tree();
        let is_switch = |id: &SymbolId| {
            let symbol = tree.symbol(*id);
            symbol.role == Role::Plain
                && matches!(symbol.kind, Type::Bool | Type::Tristate)
                && config.is_changeable(*id)
        };
        let all: Vec<_> = tree.symbols().map(|(id, _)| id).filter(is_switch).collect();
        let pivotal = PIVOTAL.iter().filter_map(|name| tree.find(name)).filter(is_switch);
        pivotal.chain(all.iter().copied().step_by((all.len() / KEYPRESSES).max(1))).collect()
    }
}

/// Microseconds from nothing to the text of a `.config`.
fn own_menu() -> u64 {
    let tree = Tree { root: root().to_path_buf() };
    let shelf = shelf::load(&tree, &Default::default(), Path::new("")).expect("the kit tree is in order");
    let run = |_| {
        let start = now();
        let loaded = own_tree::read(&tree.root, &shelf, App::Ported);
        let loaded = loaded.unwrap_or_else(|failure| panic!("{}", configuration::errors_of(&failure)));
        let mut config = Config::new(Arc::new(loaded.tree));
        configuration::choose_platform(&mut config, &shelf, "kvm");
        let text = file::dot_config(&config, &file::Header::default());
        assert!(text.contains("CONFIG_PLATFORM_KVM=y"), "the platform is chosen");
        now() - start
    };
    median((0..OWN_ROUNDS).map(run).collect()) / 1000
}

fn median(mut times: Vec<u64>) -> u64 {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Nanoseconds of CPU time of this thread.
fn now() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Nanoseconds of CPU time of a program that starts no others.
fn cpu_time(mut command: Command) -> u64 {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("what was just built can be started");
    // It has ended and is not yet gone, so that its times can be read.
    let id = Pid::from_child(&child);
    waitid(WaitId::Pid(id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).expect("it is a child");
    let times = fs::read_to_string(format!("/proc/{}/schedstat", child.id())).expect("Linux counts");
    assert!(child.wait().expect("it has ended").success(), "{command:?} failed");
    times.split(' ').next().and_then(|time| time.parse().ok()).expect("schedstat begins with a number")
}
