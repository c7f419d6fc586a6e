//! What an image finds in a fresh tree: the least that Linux programs take for granted.

use crate::tree::{Node, RamFs};
use kit_iface_fs::{FileSystem, FsError, NodeKind, devices};

/// Directories, and files with their contents.
const TREE: &[(&str, &str, Option<&str>)] = &[
    ("", "tmp", None),
    ("", "dev", None),
    ("", "etc", None),
    ("etc", "hosts", Some("127.0.0.1\tlocalhost\n::1\tlocalhost\n")),
    ("etc", "hostname", Some("kit\n")),
];

/// Fills an empty `root`.
pub fn populate(fs: &RamFs, root: &Node) -> Result<(), FsError> {
    for (parent, name, contents) in TREE {
        let parent = if parent.is_empty() { root.clone() } else { fs.lookup(root, parent.as_bytes())? };
        match contents {
            Some(contents) => {
                let file = fs.create(&parent, name.as_bytes(), NodeKind::File, 0o644)?;
                fs.write(&file, 0, contents.as_bytes())?;
            }
            None => {
                let mode = if *name == "tmp" { 0o1777 } else { 0o755 };
                fs.create(&parent, name.as_bytes(), NodeKind::Directory, mode)?;
            }
        }
    }
    let directory = fs.lookup(root, b"dev")?;
    for (name, number) in devices::ALL {
        fs.create(&directory, name.as_bytes(), NodeKind::Device(*number), 0o666)?;
    }
    Ok(())
}
