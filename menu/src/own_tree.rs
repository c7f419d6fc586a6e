//! Kit's own tree: `menu/Kconfig`, and the leaves of micro-libraries that are not in the kit tree.
//!
//! `menu/Kconfig` finds the leaves by patterns such as `libs/alloc-*/Kconfig`. A micro-library from an
//! application's `[libs]` is in no such folder; [`OwnFiles`] answers the pattern of its slot with its Kconfig as
//! well, so it stands in the choice of its slot as if it had always been there.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::kconfig::{Context, DiskFiles, Failure, Files, Loaded, Output, Shell, load};
use crate::{Shelf, composition};

/// The top file, from the root of the kit tree.
pub const TOP: &str = "menu/Kconfig";

/// What kind of application the image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// An ordinary program over the C names.
    Ported,
    /// A `no_std` library, compiled as one with the OS.
    Native,
}

/// Reads the tree of the kit at `root`, with the leaves of those of `shelf` that are elsewhere.
pub fn read(root: &Path, shelf: &Shelf, app: App) -> Result<Loaded, Failure> {
    read_from(DiskFiles, root, shelf, app)
}

/// As [`read`], from other files than those of the disk.
pub fn read_from(
    files: impl Files + 'static,
    root: &Path,
    shelf: &Shelf,
    app: App,
) -> Result<Loaded, Failure> {
    let kind = match app {
        App::Ported => "ported",
        App::Native => "native",
    };
    let mut context = Context {
        // `OwnFiles` knows where relative paths begin; the user's present folder has no say.
        srctree: None,
        environment: BTreeMap::from([("KIT_APP".to_string(), kind.to_string())]),
        files: Box::new(OwnFiles::new(files, root, shelf)),
        shell: Box::new(NoShell),
    };
    load(Path::new(TOP), &mut context)
}

/// Files of a kit tree, and of the micro-libraries outside of it.
struct OwnFiles<F> {
    files: F,
    root: PathBuf,
    /// Pattern of a slot, and a leaf that answers to it, wherever it is.
    leaves: Vec<(PathBuf, PathBuf)>,
}

impl<F: Files> OwnFiles<F> {
    fn new(files: F, root: &Path, shelf: &Shelf) -> Self {
        let leaf = |package: &crate::Package| {
            let slot = package.metadata.provides.first()?.slot.as_str();
            let pattern = PathBuf::from(format!("libs/{slot}-*/{}", package.leaf()));
            Some((pattern, composition::leaf_of(package, root)))
        };
        Self { files, root: root.to_path_buf(), leaves: shelf.packages.iter().filter_map(leaf).collect() }
    }
}

impl<F: Files> Files for OwnFiles<F> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.read(&self.root.join(path))
    }

    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>> {
        let found = self.files.glob(&self.root.join(pattern))?;
        let relative = |path: PathBuf| path.strip_prefix(&self.root).map(Path::to_path_buf).unwrap_or(path);
        let mut found: Vec<PathBuf> = found.into_iter().map(relative).collect();
        let of_pattern = self.leaves.iter().filter(|(slot, _)| slot == pattern);
        let elsewhere: Vec<_> =
            of_pattern.map(|(_, leaf)| leaf.clone()).filter(|leaf| !found.contains(leaf)).collect();
        found.extend(elsewhere);
        Ok(found)
    }
}

/// A shell that runs nothing: to read a menu is safe, whoever wrote the micro-library.
pub struct NoShell;

impl Shell for NoShell {
    fn run(&mut self, _command: &str) -> io::Result<Output> {
        Err(io::Error::other("the Kconfig of a micro-library cannot run commands"))
    }
}
