//! The command `kit`, built once for a test process and run as a user runs it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;
use std::{collections::HashMap, env};

use crate::process::{self, Finished};
use crate::{root, turns};

/// Time for a build from nothing, on a busy machine.
const BUILD_LIMIT: Duration = Duration::from_secs(600);

/// What `kit build --json` prints.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Built {
    /// The image.
    pub image: PathBuf,
    /// The platform it is for.
    pub platform: String,
    /// The architecture it is for.
    pub arch: String,
    /// Bytes of the image file.
    pub size: u64,
    /// The image with its symbols, where that is another file.
    #[serde(default)]
    pub symbols: Option<PathBuf>,
}

impl Built {
    /// The file that has the image's symbols.
    pub fn with_symbols(&self) -> &Path {
        self.symbols.as_deref().unwrap_or(&self.image)
    }
}

/// The path of the command, building it first.
pub fn path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let _turn = turns::build();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(root()).args(["build", "--quiet", "--package", "kit-cli", "--bin", "kit"]);
        cargo.arg("--message-format=json-render-diagnostics");
        // The benchmark times kit, so it is built as the benchmark is.
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let built = process::run(cargo, b"", BUILD_LIMIT).expect_code(0);
        executable(&built.stdout).expect("cargo names the program it built")
    })
}

/// The last executable among cargo's JSON messages.
pub fn executable(messages: &str) -> Option<PathBuf> {
    let message = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok();
    messages.lines().rev().find_map(|line| Some(message(line)?["executable"].as_str()?.into()))
}

/// The command `kit` with these arguments, in the tree's root, with a plain environment.
pub fn command<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(path());
    command.current_dir(root()).args(arguments);
    for (name, _) in env::vars_os() {
        // What cargo tells a test about its own package is not for the cargo below kit.
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs `kit` with these arguments to its end.
#[track_caller]
pub fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Finished {
    process::run(command(arguments), b"", BUILD_LIMIT)
}

/// Builds `app` (a path from the tree's root) for `platform`; once for a test process.
#[track_caller]
pub fn build(app: &str, platform: &str) -> Built {
    static DONE: Mutex<Option<HashMap<(String, String), Built>>> = Mutex::new(None);
    let key = (app.to_string(), platform.to_string());
    let mut done = DONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let done = done.get_or_insert_default();
    if let Some(built) = done.get(&key) {
        return built.clone();
    }
    path();
    let _turn = turns::build();
    let command = command(["build", app, "--platform", platform, "--json"]);
    let output = process::run(command, b"", BUILD_LIMIT).expect_code(0);
    let built: Built = serde_json::from_str(output.stdout.trim())
        .unwrap_or_else(|error| panic!("kit build --json: {error}\n{}", output.transcript()));
    done.insert(key, built.clone());
    built
}
