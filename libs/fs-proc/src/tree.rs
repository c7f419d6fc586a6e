//! The names, and the filesystem over them.

use crate::files::{self, Facts};
use crate::window::Window;
use kit_iface_frames::Frames;
use kit_iface_fs::{Features, FileSystem, FsError, Metadata, NAME_MAX, NodeKind, Visit};
use kit_iface_platform::Platform;

/// What the image tells about itself.
pub struct ProcFs<P: Platform, F: Frames> {
    facts: Facts<P, F>,
}

/// A node of a [`ProcFs`]: its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node(u8);

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Directory,
    /// A symbolic link whose target is known.
    Link(&'static str),
    /// A symbolic link to the program.
    Program,
    File(files::File),
}

struct Entry {
    parent: u8,
    name: &'static str,
    what: What,
}

const fn entry(parent: u8, name: &'static str, what: What) -> Entry {
    Entry { parent, name, what }
}

const ROOT: Node = Node(0);
/// The place of the directory of the process.
const PROCESS: u8 = 1;

const TABLE: &[Entry] = &[
    entry(0, "", What::Directory),
    entry(0, "1", What::Directory),
    entry(0, "cpuinfo", What::File(files::File::Cpuinfo)),
    entry(0, "loadavg", What::File(files::File::Loadavg)),
    entry(0, "meminfo", What::File(files::File::Meminfo)),
    entry(0, "mounts", What::Link("self/mounts")),
    entry(0, "self", What::Link("1")),
    entry(0, "uptime", What::File(files::File::Uptime)),
    entry(PROCESS, "cgroup", What::File(files::File::Cgroup)),
    entry(PROCESS, "cmdline", What::File(files::File::Cmdline)),
    entry(PROCESS, "exe", What::Program),
    entry(PROCESS, "maps", What::File(files::File::Maps)),
    entry(PROCESS, "mountinfo", What::File(files::File::Mountinfo)),
    entry(PROCESS, "mounts", What::File(files::File::Mounts)),
    entry(PROCESS, "status", What::File(files::File::Status)),
];

impl<P: Platform, F: Frames> ProcFs<P, F> {
    /// Tells of this machine; `mounts` are what is mounted: place, type, and whether it is only read.
    pub const fn new(
        platform: &'static P,
        frames: &'static F,
        mounts: &'static [(&'static str, &'static str, bool)],
    ) -> Self {
        Self { facts: Facts { platform, frames, mounts } }
    }
}

impl Node {
    fn entry(self) -> &'static Entry {
        &TABLE[usize::from(self.0)]
    }

    fn kind(self) -> NodeKind {
        match self.entry().what {
            What::Directory => NodeKind::Directory,
            What::Link(_) | What::Program => NodeKind::Symlink,
            What::File(_) => NodeKind::File,
        }
    }

    fn inode(self) -> u64 {
        u64::from(self.0) + 1
    }

    fn in_directory(self) -> Result<(), FsError> {
        if self.entry().what == What::Directory { Ok(()) } else { Err(FsError::NotADirectory) }
    }

    /// What is in it.
    fn children(self) -> impl Iterator<Item = Node> {
        let all = (1..TABLE.len()).map(|place| Node(place as u8));
        all.filter(move |child| child.entry().parent == self.0)
    }
}

impl<P: Platform, F: Frames> FileSystem for ProcFs<P, F> {
    type Node = Node;

    const FEATURES: Features = Features { is_generated: true, ..Features::READ_ONLY };

    fn root(&self) -> Result<Node, FsError> {
        Ok(ROOT)
    }

    fn is_same(&self, one: &Node, other: &Node) -> bool {
        one == other
    }

    fn metadata(&self, node: &Node) -> Metadata {
        let kind = node.kind();
        let of_kind = |wanted| node.children().filter(move |child| child.kind() == wanted).count() as u32;
        let (mode, links) = match kind {
            NodeKind::Directory => (0o555, 2 + of_kind(NodeKind::Directory)),
            NodeKind::Symlink => (0o777, 1),
            _ => (0o444, 1),
        };
        let size = match node.entry().what {
            What::Link(target) => target.len() as u64,
            What::Program => self.facts.program(u64::MAX, &mut []).1,
            _ => 0,
        };
        let now = kit_iface_clock::wall_ns();
        Metadata {
            inode: node.inode(),
            kind,
            mode,
            links,
            size,
            stored_bytes: 0,
            accessed_ns: now,
            modified_ns: now,
            changed_ns: now,
        }
    }

    fn lookup(&self, directory: &Node, name: &[u8]) -> Result<Node, FsError> {
        directory.in_directory()?;
        if name.len() > NAME_MAX {
            return Err(FsError::NameTooLong);
        }
        directory.children().find(|child| child.entry().name.as_bytes() == name).ok_or(FsError::NotFound)
    }

    fn parent(&self, directory: &Node) -> Result<Node, FsError> {
        directory.in_directory().map(|()| Node(directory.entry().parent))
    }

    fn read_link(&self, node: &Node, buffer: &mut [u8]) -> Result<usize, FsError> {
        match node.entry().what {
            What::Link(target) => {
                let mut window = Window::at(0, buffer);
                window.write(target.as_bytes());
                Ok(window.filled())
            }
            What::Program => Ok(self.facts.program(0, buffer).0),
            _ => Err(FsError::Invalid),
        }
    }

    fn read(&self, node: &Node, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        let file = match node.entry().what {
            What::File(file) => file,
            What::Directory => return Err(FsError::IsADirectory),
            What::Link(_) | What::Program => return Err(FsError::Invalid),
        };
        let mut window = Window::at(offset, buffer);
        // The window takes everything.
        let _ = self.facts.write(file, &mut window);
        Ok(window.filled())
    }

    fn read_directory(&self, directory: &Node, cursor: u64, visit: &mut Visit<'_>) -> Result<(), FsError> {
        directory.in_directory()?;
        for child in directory.children().filter(|child| u64::from(child.0) > cursor) {
            if !visit(child.0.into(), child.entry().name.as_bytes(), child.inode(), child.kind()) {
                break;
            }
        }
        Ok(())
    }
}
