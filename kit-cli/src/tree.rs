//! The kit tree: where the micro-libraries, platforms and templates are.

use std::path::{Path, PathBuf};

use crate::{Failure, Result};

/// The tree.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Its root folder.
    pub root: PathBuf,
}

impl Tree {
    /// The tree that `KIT_ROOT` names, else the one that this `kit` was built from.
    pub fn find() -> Result<Self> {
        let (root, whence) = match std::env::var_os("KIT_ROOT") {
            Some(root) => (PathBuf::from(root), "KIT_ROOT names"),
            None => {
                let built = Path::new(env!("CARGO_MANIFEST_DIR"));
                (built.parent().unwrap_or(built).to_path_buf(), "this kit was built from")
            }
        };
        let root = root.canonicalize().unwrap_or(root);
        if root.join("templates").is_dir() && root.join("libs").is_dir() {
            return Ok(Self { root });
        }
        Err(Failure::failed(format!(
            "no kit tree at {}, which {whence}: set KIT_ROOT to a clone of kit",
            root.display()
        )))
    }

    /// The text of a template.
    pub fn template(&self, name: &str) -> Result<String> {
        let path = self.root.join("templates").join(name);
        std::fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, error))
    }

    /// `path` as a person would write it from the tree's root.
    pub fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}
