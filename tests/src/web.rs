//! `kit config web`, running: its address, and asking it without a browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::http::{Answer, Connection};
use crate::process::Running;
use crate::{kit, scratch};

/// How long it may take to print its address.
const LIMIT: Duration = Duration::from_secs(60);

/// `kit config web`, running.
pub struct Web {
    /// Its process.
    pub process: Running,
    /// The address that it printed.
    pub url: String,
}

impl Web {
    /// Starts it with these arguments in a folder.
    #[track_caller]
    pub fn start(arguments: &[&str], folder: &Path) -> Self {
        let mut command = kit::command(["config", "web"]);
        command.args(arguments).current_dir(folder);
        let mut process = Running::start(command, b"");
        process.wait_for("\n", LIMIT);
        let url = process.stdout().trim_end().to_string();
        Self { process, url }
    }

    /// On this tree and `.config`, in a fresh folder.
    #[track_caller]
    pub fn on_tree(name: &str, kconfig: &str, config: &str) -> (Self, PathBuf) {
        let folder = fresh_folder(name);
        fs::write(folder.join("Kconfig"), kconfig).unwrap();
        fs::write(folder.join(".config"), config).unwrap();
        (Self::start(&["--kconfig", "Kconfig"], &folder), folder)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        let rest = self.url.strip_prefix("http://127.0.0.1:").expect("an address of this machine");
        rest.split('/').next().and_then(|port| port.parse().ok()).expect("a port")
    }

    /// What the page proves itself with.
    pub fn token(&self) -> &str {
        self.url.split_once("#token=").expect("a token").1
    }

    /// Asks without a browser. The headers come after those that the page would send, and replace them.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let host = format!("127.0.0.1:{}", self.port());
        let own =
            [("Host", host.as_str()), ("X-Kit-Token", self.token()), ("Content-Type", "application/json")];
        let own = own.iter().filter(|(name, _)| headers.iter().all(|(other, _)| other != name));
        let headers: Vec<_> = own.chain(headers).filter(|(_, value)| !value.is_empty()).copied().collect();
        let mut connection = Connection::open(([127, 0, 0, 1], self.port()).into()).unwrap();
        connection.request(method, path, &headers, body).unwrap()
    }
}

/// An empty folder below the build directory.
pub fn fresh_folder(name: &str) -> PathBuf {
    let folder = scratch().join("web").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}
