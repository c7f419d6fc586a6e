//! Random work on a filesystem and on the fake at once: both must answer the same, and have the same tree in the end.
//!
//! Handles are kept when names go, so files that are unlinked but open, directories that were removed and nodes that
//! moved are part of it.

extern crate alloc;

use crate::fake::Lists;
use crate::{Change, FileSystem, FsError, NodeKind};
use alloc::vec::Vec;

/// How many handles are kept.
const HANDLES: usize = 24;
/// Longest file, in bytes.
const LENGTH_MAX: usize = 20_000;
const NAMES: [&[u8]; 7] = [b"a", b"b", b"c", b"d", b"e.txt", b"f.txt", b"long-name"];

/// A generator that gives the same numbers for the same seed (Marsaglia's xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % bound as u64) as usize
    }

    fn name(&mut self) -> &'static [u8] {
        NAMES[self.below(NAMES.len())]
    }
}

/// The same node in both.
struct Handle<F: FileSystem> {
    real: F::Node,
    model: usize,
}

impl<F: FileSystem> Clone for Handle<F> {
    fn clone(&self) -> Self {
        Self { real: self.real.clone(), model: self.model }
    }
}

struct Work<'a, F: FileSystem> {
    fs: &'a F,
    model: Lists,
    handles: Vec<Handle<F>>,
    random: Random,
}

/// Does `steps` random operations in a fresh directory of `directory`, compares, and removes everything. `seed` is not 0;
/// a failure is told with it by whoever calls.
pub fn random_work<F: FileSystem>(fs: &F, directory: &F::Node, seed: u64, steps: usize) {
    let top = fs.create(directory, b"t-work", NodeKind::Directory, 0o755).expect("a fresh directory");
    let handles = alloc::vec![Handle { real: top.clone(), model: 0 }];
    let mut work = Work { fs, model: Lists::new(), handles, random: Random(seed) };
    for step in 0..steps {
        work.step(step);
        if step % 64 == 0 {
            work.compare(&top, 0);
        }
    }
    work.compare(&top, 0);
    drop(work);
    super::clear(fs, &top);
    fs.unlink(directory, b"t-work", true).expect("an emptied directory goes");
}

impl<F: FileSystem> Work<'_, F> {
    fn any(&mut self) -> Handle<F> {
        let index = self.random.below(self.handles.len());
        self.handles[index].clone()
    }

    fn keep(&mut self, real: F::Node, model: usize) {
        let handle = Handle { real, model };
        if self.handles.len() < HANDLES {
            self.handles.push(handle);
        } else {
            // The first is the top, from which everything can be reached again.
            let index = 1 + self.random.below(HANDLES - 1);
            self.handles[index] = handle;
        }
    }

    /// Both made, or found, a node, or both did not, for the same reason.
    fn both(&mut self, step: usize, real: Result<F::Node, FsError>, model: Result<usize, FsError>) {
        match (real, model) {
            (Ok(real), Ok(model)) => self.keep(real, model),
            (real, model) => assert_eq!(real.err(), model.err(), "step {step}"),
        }
    }

    fn step(&mut self, step: usize) {
        let features = F::FEATURES;
        let (one, other) = (self.any(), self.any());
        let (name, new_name) = (self.random.name(), self.random.name());
        let offset = self.random.below(LENGTH_MAX / 2) as u64;
        let length = self.random.below(600);
        let bytes: Vec<u8> = (0..length).map(|at| (at * 7 + step) as u8).collect();
        let (fs, model) = (self.fs, &self.model);
        match self.random.below(14) {
            operation @ (0..=2) => {
                let kind = if operation == 0 { NodeKind::Directory } else { NodeKind::File };
                let real = fs.create(&one.real, name, kind, 0o755);
                let model = model.create(&one.model, name, kind, 0o755);
                self.both(step, real, model);
            }
            3 if features.symlinks => {
                let real = fs.symlink(&one.real, name, new_name);
                let model = model.symlink(&one.model, name, new_name);
                self.both(step, real, model);
            }
            4 if features.hard_links => {
                let real = fs.link(&one.real, &other.real, name);
                assert_eq!(real, model.link(&one.model, &other.model, name), "step {step}: link");
            }
            5 | 6 => {
                let is_directory = self.random.below(3) == 0;
                let real = fs.unlink(&one.real, name, is_directory);
                let expected = self.model.unlink(&one.model, name, is_directory);
                assert_eq!(real, expected, "step {step}: unlink");
            }
            7 | 8 => {
                let real = fs.rename(&one.real, name, &other.real, new_name);
                let expected = model.rename(&one.model, name, &other.model, new_name);
                // Of several things that are wrong with two names, any may be told.
                assert_eq!(real.is_ok(), expected.is_ok(), "step {step}: rename: {real:?}, not {expected:?}");
            }
            9 => {
                let real = fs.write(&one.real, offset, &bytes);
                assert_eq!(real, model.write(&one.model, offset, &bytes), "step {step}: write");
            }
            10 if model.metadata(&one.model).size < LENGTH_MAX as u64 => {
                let real = fs.append(&one.real, &bytes);
                assert_eq!(real, model.append(&one.model, &bytes), "step {step}: append");
            }
            11 => {
                let real = fs.truncate(&one.real, offset);
                assert_eq!(real, model.truncate(&one.model, offset), "step {step}: truncate");
            }
            12 => {
                let change = Change { mode: Some(0o600 | length as u16 & 0o177), ..Change::default() };
                assert_eq!(fs.change(&one.real, change), model.change(&one.model, change));
                self.same_node(&one.real, one.model);
            }
            _ => {
                let real = fs.lookup(&one.real, name);
                let model = model.lookup(&one.model, name);
                self.both(step, real, model);
                self.same_node(&one.real, one.model);
            }
        }
    }

    /// One node is in both what it is in the other.
    fn same_node(&self, real: &F::Node, model: usize) {
        let (is, must_be) = (self.fs.metadata(real), self.model.metadata(&model));
        assert_eq!(is.kind, must_be.kind);
        if is.kind != NodeKind::Directory {
            assert_eq!((is.links, is.size), (must_be.links, must_be.size));
        }
        if F::FEATURES.modes && is.kind != NodeKind::Symlink {
            assert_eq!(is.mode, must_be.mode);
        }
        let (mut one, mut other) = (alloc::vec![0; 2 * LENGTH_MAX], alloc::vec![0; 2 * LENGTH_MAX]);
        let lengths = match is.kind {
            NodeKind::File => (self.fs.read(real, 0, &mut one), self.model.read(&model, 0, &mut other)),
            NodeKind::Symlink => {
                (self.fs.read_link(real, &mut one), self.model.read_link(&model, &mut other))
            }
            _ => return,
        };
        assert_eq!(lengths.0, lengths.1);
        assert!(one == other, "the same contents");
    }

    /// The trees below a directory are the same.
    fn compare(&self, real: &F::Node, model: usize) {
        let names = names_in(self.fs, real);
        assert_eq!(names, names_in(&self.model, &model));
        for name in names {
            let real = self.fs.lookup(real, &name).expect("what is listed is found");
            let model = self.model.lookup(&model, &name).expect("what is listed is found");
            self.same_node(&real, model);
            if self.fs.metadata(&real).kind == NodeKind::Directory {
                self.compare(&real, model);
            }
        }
    }
}

fn names_in<F: FileSystem>(fs: &F, directory: &F::Node) -> Vec<Vec<u8>> {
    let mut names = Vec::new();
    fs.read_directory(directory, 0, &mut |_, name, _, _| {
        names.push(name.to_vec());
        true
    })
    .expect("a directory can be read");
    names.sort();
    names
}
