//! What a Kconfig file can see of the world: files, environment variables, and a shell.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::glob;

/// Where files come from.
pub trait Files {
    /// The bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// The files that match a pattern of `*`, `?` and `[…]`, sorted by their bytes.
    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>>;
}

/// What a command of `$(shell,…)` did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Its standard output, unchanged, of which the first 4,096 bytes count.
    pub stdout: Vec<u8>,
    /// Its exit code; -1 if a signal ended it.
    pub code: i32,
}

/// What runs the commands of `$(shell,…)`.
pub trait Shell {
    /// Runs `command` as `sh -c` does and waits for it.
    fn run(&mut self, command: &str) -> io::Result<Output>;
}

/// The files of the disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskFiles;

/// Files that exist in memory only: for tests and fuzzing.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(pub BTreeMap<PathBuf, Vec<u8>>);

/// `/bin/sh`.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostShell;

/// A shell that remembers its answers in a file, so that a tree that asks a compiler a hundred questions loads
/// again without starting one.
///
/// One answer a line: `HEX(command) HEX(output)`, in lower case, the output as the command wrote it and no more
/// than 4,096 bytes of it. The first answer to a command counts; new ones are appended.
#[derive(Debug)]
pub struct RememberingShell<S> {
    path: PathBuf,
    answers: HashMap<Vec<u8>, Vec<u8>>,
    shell: S,
}

/// A shell that runs nothing: for files that nobody vouches for.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoShell;

/// Everything that the files can see.
pub struct Context {
    /// `source` looks here for a relative path that is not found from the working folder (`$srctree`).
    pub srctree: Option<PathBuf>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// Files.
    pub files: Box<dyn Files>,
    /// Runs `$(shell,…)`.
    pub shell: Box<dyn Shell>,
}

/// Linux reads so much of what a command prints.
const MOST_OUTPUT: u64 = 4096;

impl Context {
    /// The world as the process sees it. `KIT_KCONFIG_PROBES=FILE` makes the shell remember its answers there.
    pub fn of_process() -> Self {
        let text = |value: &OsStr| value.to_string_lossy().into_owned();
        let shell: Box<dyn Shell> = match std::env::var_os("KIT_KCONFIG_PROBES") {
            Some(path) => Box::new(RememberingShell::new(path.into(), HostShell)),
            None => Box::new(HostShell),
        };
        Self {
            srctree: std::env::var_os("srctree").map(PathBuf::from),
            environment: std::env::vars_os().map(|(name, value)| (text(&name), text(&value))).collect(),
            files: Box::new(DiskFiles),
            shell,
        }
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(glob::expand(self, pattern))
    }
}

impl glob::Folder for DiskFiles {
    fn names(&self, folder: &Path) -> Vec<String> {
        let folder = if folder == Path::new("") { Path::new(".") } else { folder };
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(glob::expand(self, pattern))
    }
}

impl glob::Folder for MemoryFiles {
    fn names(&self, folder: &Path) -> Vec<String> {
        let below = self.0.keys().filter_map(|path| path.strip_prefix(folder).ok());
        let first = below.filter_map(|path| path.components().next());
        let mut names: Vec<_> = first.map(|name| name.as_os_str().to_string_lossy().into_owned()).collect();
        names.dedup();
        names
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }
}

impl Shell for HostShell {
    fn run(&mut self, command: &str) -> io::Result<Output> {
        let mut child = Command::new("/bin/sh").arg("-c").arg(command).stdout(Stdio::piped()).spawn()?;
        let mut stdout = Vec::new();
        // Closing the pipe after so much ends a command that would print for ever.
        child.stdout.take().expect("it was piped").take(MOST_OUTPUT).read_to_end(&mut stdout)?;
        Ok(Output { stdout, code: child.wait()?.code().unwrap_or(-1) })
    }
}

impl Shell for NoShell {
    fn run(&mut self, _: &str) -> io::Result<Output> {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "no commands are run here"))
    }
}

impl<S: Shell> RememberingShell<S> {
    /// Reads the answers in the file at `path`, which need not exist; `shell` answers the rest.
    pub fn new(path: PathBuf, shell: S) -> Self {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let mut answers = HashMap::new();
        for line in text.lines() {
            let (command, output) = line.split_once(' ').unwrap_or((line, ""));
            if let (Some(command), Some(output)) = (from_hex(command), from_hex(output)) {
                answers.entry(command).or_insert(output);
            }
        }
        Self { path, answers, shell }
    }
}

impl<S: Shell> Shell for RememberingShell<S> {
    fn run(&mut self, command: &str) -> io::Result<Output> {
        if let Some(stdout) = self.answers.get(command.as_bytes()) {
            return Ok(Output { stdout: stdout.clone(), code: 0 });
        }
        let mut output = self.shell.run(command)?;
        output.stdout.truncate(MOST_OUTPUT as usize);
        let line = format!("{} {}\n", to_hex(command.as_bytes()), to_hex(&output.stdout));
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&self.path)?;
        file.write_all(line.as_bytes())?;
        self.answers.insert(command.into(), output.stdout.clone());
        Ok(output)
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| (byte as char).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks_exact(2);
    pairs
        .remainder()
        .is_empty()
        .then(|| pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_in_memory_are_sorted_and_stay_in_a_folder() {
        let names = ["libs/b/Kconfig", "libs/a/Kconfig", "libs/a/x/Kconfig", "libs/c/README", "Kconfig"];
        let files = MemoryFiles(names.iter().map(|name| (name.into(), Vec::new())).collect());
        let found = files.glob(Path::new("libs/*/Kconfig")).unwrap();
        assert_eq!(found, [PathBuf::from("libs/a/Kconfig"), PathBuf::from("libs/b/Kconfig")]);
        assert_eq!(files.glob(Path::new("K*")).unwrap(), [PathBuf::from("Kconfig")]);
    }

    #[test]
    fn a_shell_reads_no_more_than_linux_does() {
        let output = HostShell.run("yes; exit 3").unwrap();
        assert_eq!(output.stdout.len(), 4096);
        let output = HostShell.run("printf 'a\\nb\\n'; exit 3").unwrap();
        assert_eq!((output.stdout, output.code), (b"a\nb\n".to_vec(), 3));
    }

    #[test]
    fn answers_are_remembered() {
        struct Counting(i32);
        impl Shell for Counting {
            fn run(&mut self, _: &str) -> io::Result<Output> {
                self.0 += 1;
                Ok(Output { stdout: self.0.to_string().into_bytes(), code: 0 })
            }
        }
        let folder = std::env::temp_dir().join(format!("kit-probes-{}", std::process::id()));
        let _ = std::fs::remove_file(&folder);
        let mut shell = RememberingShell::new(folder.clone(), Counting(0));
        assert_eq!(shell.run("a").unwrap().stdout, b"1");
        assert_eq!(shell.run("a").unwrap().stdout, b"1");
        let mut later = RememberingShell::new(folder.clone(), Counting(5));
        assert_eq!(later.run("a").unwrap().stdout, b"1");
        assert_eq!(later.run("b").unwrap().stdout, b"6");
        std::fs::remove_file(folder).unwrap();
    }
}
