//! Booting an app: [`Boot`] says what and where, [`Boot::run`] waits for its end, [`Boot::serve`] talks to it.

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::Once;
use std::time::Duration;

use crate::process::{self, Finished, Running};
use crate::turns::{self, Turn};
use crate::{kit, native};

/// Where an image runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Machine {
    /// A static Linux process.
    Linux,
    /// QEMU's `microvm`: virtio over MMIO, no PCI.
    Microvm,
    /// QEMU's `q35`: a PC with PCI Express.
    Q35,
}

impl Machine {
    /// The platform that `kit` builds for this machine.
    pub fn platform(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Microvm | Self::Q35 => "kvm",
        }
    }

    /// What `--machine` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Microvm => "microvm",
            Self::Q35 => "q35",
        }
    }
}

/// A boot to be: an app, a machine, and what the app is given.
#[derive(Clone)]
pub struct Boot {
    app: String,
    machine: Machine,
    options: Vec<String>,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    stdin: Vec<u8>,
    limit: Duration,
}

/// A boot of `app`, a path from the tree's root.
pub fn boot(app: &str, machine: Machine) -> Boot {
    Boot {
        app: app.to_string(),
        machine,
        options: Vec::new(),
        arguments: Vec::new(),
        variables: Vec::new(),
        stdin: Vec::new(),
        limit: Duration::from_secs(60),
    }
}

impl Boot {
    /// Adds arguments of the app.
    pub fn arguments<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.arguments.extend(arguments.into_iter().map(str::to_string));
        self
    }

    /// Sets a variable of the app's environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_string(), value.to_string()));
        self
    }

    /// Gives the app these bytes as standard input, and its end.
    pub fn stdin(mut self, bytes: &[u8]) -> Self {
        self.stdin = bytes.to_vec();
        self
    }

    /// Adds options of `kit run`, such as `["-m", "8M"]`.
    pub fn options<'a>(mut self, options: impl IntoIterator<Item = &'a str>) -> Self {
        self.options.extend(options.into_iter().map(str::to_string));
        self
    }

    /// Sets the time limit; a minute unless set.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The command line of `kit run` for this boot.
    fn command_line(&self, more: &[String]) -> Vec<String> {
        let mut line = vec!["run".to_string(), self.app.clone()];
        line.extend(["--platform".to_string(), self.machine.platform().to_string()]);
        if self.machine == Machine::Q35 {
            line.extend(["--machine".to_string(), "q35".to_string()]);
        }
        if self.machine != Machine::Linux {
            line.extend(["--accel".to_string(), "tcg".to_string()]);
        }
        for (name, value) in &self.variables {
            line.extend(["-e".to_string(), format!("{name}={value}")]);
        }
        line.extend(self.options.iter().cloned());
        line.extend(more.iter().cloned());
        line.push("--".to_string());
        line.extend(self.arguments.iter().cloned());
        line
    }

    /// Builds the app.
    #[track_caller]
    pub fn build(&self) -> kit::Built {
        kit::build(&self.app, self.machine.platform())
    }

    /// Builds the app, boots it and waits for its end. `stdout` of the result is the image's console.
    #[track_caller]
    pub fn run(&self) -> Finished {
        self.prepare();
        let _turn = self.turn();
        process::run(kit::command(self.command_line(&[])), &self.stdin, self.limit)
    }

    /// Runs the same program as an ordinary Linux process, which is what the image is compared with.
    #[track_caller]
    pub fn run_natively(&self) -> Finished {
        let program = native::build(&self.app);
        native::run(&program, &self.arguments, &self.variables, &self.stdin, self.limit)
    }

    /// Boots a server that reads `PORT` and says `listening`, with that port forwarded.
    #[track_caller]
    pub fn serve(&self) -> Server {
        self.prepare();
        let turn = self.turn();
        let port = free_port();
        // On Linux the image binds the host's port itself; in a machine it has all ports to itself.
        let guest_port = if self.machine == Machine::Linux { port } else { 8080 };
        let more =
            ["-p".to_string(), format!("{port}:{guest_port}"), "-e".into(), format!("PORT={guest_port}")];
        let mut process = Running::start(kit::command(self.command_line(&more)), &self.stdin);
        process.wait_for("listening", self.limit);
        Server { process, address: SocketAddr::from(([127, 0, 0, 1], port)), _turn: turn }
    }

    /// The program and arguments that `kit run` would start: `--dry-run`, split as a shell does.
    #[track_caller]
    pub fn machine_command(&self, options: &[&str]) -> Command {
        self.dry_run(options).unwrap_or_else(|refusal| panic!("kit run --dry-run\n{}", refusal.transcript()))
    }

    /// As [`Boot::machine_command`], or what kit said when it refused: there may be too little memory.
    #[track_caller]
    pub fn dry_run(&self, options: &[&str]) -> Result<Command, Finished> {
        self.prepare();
        let more: Vec<String> =
            ["--dry-run"].iter().chain(options).map(|option| option.to_string()).collect();
        let shown = process::run(kit::command(self.command_line(&more)), b"", self.limit);
        let line = shown.stdout.lines().last().unwrap_or_default();
        match shlex::split(line).as_deref() {
            Some([program, words @ ..]) if shown.status.success() => {
                let mut command = Command::new(program);
                command.args(words);
                Ok(command)
            }
            _ => Err(shown),
        }
    }

    fn prepare(&self) {
        if self.machine != Machine::Linux {
            need_qemu();
        }
        kit::build(&self.app, self.machine.platform());
    }

    fn turn(&self) -> Option<Turn> {
        (self.machine != Machine::Linux).then(turns::machine)
    }
}

/// A booted server. It is stopped when this is dropped.
pub struct Server {
    /// The process of `kit run`.
    pub process: Running,
    /// Where the forwarded port is.
    pub address: SocketAddr,
    _turn: Option<Turn>,
}

/// A TCP port of 127.0.0.1 that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
    listener.local_addr().expect("it is bound").port()
}

/// Installs QEMU the way a user would if it is missing. A test that cannot run fails; none is skipped.
pub(crate) fn need_qemu() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let found = || Command::new("qemu-system-x86_64").arg("--version").output().is_ok();
        if !found() {
            let _turn = turns::build();
            if !found() {
                let output = kit::run(["doctor", "--fix"]);
                assert!(found(), "`kit doctor --fix` has not installed QEMU\n{}", output.transcript());
            }
        }
    });
}
