//! What a tree should be: paths, and the files behind them.

use kit_iface_fs::{FileSystem, NodeKind};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a path means: what two trees are compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    Directory,
    /// Contents, and how many names the file has.
    File(Rc<Vec<u8>>, u32),
    Symlink(Vec<u8>),
}

/// A tree in memory. Cloning one is cheap: contents are shared.
#[derive(Clone, Default)]
pub struct Model {
    /// Full paths, without a leading `/`.
    pub names: BTreeMap<String, Meaning>,
    pub files: BTreeMap<u64, Rc<Vec<u8>>>,
    pub next_file: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    Directory,
    File(u64),
    Symlink(Vec<u8>),
}

impl Model {
    /// The tree, to compare.
    pub fn tree(&self) -> BTreeMap<String, Thing> {
        let thing = |meaning: &Meaning| match meaning {
            Meaning::Directory => Thing::Directory,
            Meaning::Symlink(target) => Thing::Symlink(target.clone()),
            Meaning::File(file) => {
                let names = self.names.values().filter(|other| *other == meaning).count() as u32;
                Thing::File(Rc::clone(&self.files[file]), names)
            }
        };
        self.names.iter().map(|(path, meaning)| (path.clone(), thing(meaning))).collect()
    }

    /// Whether anything is below a path.
    pub fn is_empty(&self, path: &str) -> bool {
        let prefix = format!("{path}/");
        !self.names.keys().any(|name| name.starts_with(&prefix))
    }

    /// Changes the contents of a file.
    pub fn edit(&mut self, file: u64, change: impl FnOnce(&mut Vec<u8>)) {
        change(Rc::make_mut(self.files.get_mut(&file).expect("a file of the model")));
    }

    /// Moves a path and all that is below it.
    pub fn rename(&mut self, from: &str, to: &str) {
        let prefix = format!("{from}/");
        let moved: Vec<String> =
            self.names.keys().filter(|name| *name == from || name.starts_with(&prefix)).cloned().collect();
        self.names.remove(to);
        for name in moved {
            let meaning = self.names.remove(&name).expect("just listed");
            self.names.insert(format!("{to}{}", &name[from.len()..]), meaning);
        }
    }
}

/// The tree that a filesystem has.
pub fn tree_of<F: FileSystem>(fs: &F) -> BTreeMap<String, Thing> {
    let mut tree = BTreeMap::new();
    walk(fs, &fs.root().expect("a mounted filesystem"), "", &mut tree);
    tree
}

fn walk<F: FileSystem>(fs: &F, directory: &F::Node, path: &str, tree: &mut BTreeMap<String, Thing>) {
    let mut entries = Vec::new();
    fs.read_directory(directory, 0, &mut |_, name, _, kind| {
        entries.push((String::from_utf8(name.to_vec()).expect("ASCII names"), kind));
        true
    })
    .expect("a directory can be read");
    for (name, kind) in entries {
        let node = fs.lookup(directory, name.as_bytes()).expect("what is listed is there");
        let path = if path.is_empty() { name } else { format!("{path}/{name}") };
        let metadata = fs.metadata(&node);
        assert_eq!(metadata.kind, kind);
        let thing = match kind {
            NodeKind::Directory => {
                walk(fs, &node, &path, tree);
                Thing::Directory
            }
            NodeKind::File => {
                let mut bytes = vec![0; metadata.size as usize];
                assert_eq!(fs.read(&node, 0, &mut bytes), Ok(bytes.len()), "{path}");
                Thing::File(Rc::new(bytes), metadata.links)
            }
            NodeKind::Device(_) => unreachable!("the workload makes none"),
            NodeKind::Symlink => {
                let mut target = vec![0; metadata.size as usize];
                assert_eq!(fs.read_link(&node, &mut target), Ok(target.len()));
                Thing::Symlink(target)
            }
        };
        tree.insert(path, thing);
    }
}
