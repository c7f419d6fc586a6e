//! A folder of its own for each test, and runs of `conf` in it.
#![allow(dead_code)] // each test file uses a part

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use kit_menu::kconfig::conf::{self, Invocation, Mode, Terminal};
use kit_menu::kconfig::{Context, DiskFiles, Files, HostShell};

/// A folder that goes away with its test.
pub struct Folder(PathBuf);

/// What a run did.
#[derive(Debug)]
pub struct Ran {
    pub code: u8,
    pub output: String,
    pub errors: String,
}

/// The files below a folder: the process has one working folder, and tests run side by side.
struct Below(PathBuf);

impl Files for Below {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        DiskFiles.read(&self.0.join(path))
    }

    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>> {
        let found = DiskFiles.glob(&self.0.join(pattern))?;
        let relative = |path: PathBuf| path.strip_prefix(&self.0).map(Path::to_path_buf).unwrap_or(path);
        Ok(found.into_iter().map(relative).collect())
    }
}

impl Folder {
    /// An empty folder.
    pub fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("kit-conf-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder in the temporary one");
        Self(folder)
    }

    /// A folder with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self::new();
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    /// A folder with a copy of another.
    pub fn copy_of(other: &Path) -> Self {
        let folder = Self::new();
        copy(other, &folder.0);
        folder
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a name in the folder")).expect("a folder");
        fs::write(path, text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }

    /// Runs a mode on `Kconfig` without `-s`, with `input` as the answers.
    pub fn run<'a>(
        &self,
        mode: Mode,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
        input: &str,
    ) -> Ran {
        let mut context = Context::of_process();
        context.environment = [("srctree".to_string(), self.0.display().to_string())].into();
        context.environment.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        context.srctree = context.environment.get("srctree").map(PathBuf::from);
        context.files = Box::new(Below(self.0.clone()));
        context.shell = Box::new(HostShell);
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let mut input = input.as_bytes();
        let mut terminal =
            Terminal { input: &mut input, output: &mut output, errors: &mut errors, echoes: true };
        let invocation = Invocation { mode, top: "Kconfig".into(), is_silent: false, folder: self.0.clone() };
        let code = conf::run(&invocation, &mut context, &mut terminal).expect("memory takes everything");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Ran { code, output: text(output), errors: text(errors) }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a readable folder").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
