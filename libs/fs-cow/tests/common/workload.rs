//! Random operations on a filesystem and on a model of it.

use super::model::{Meaning, Thing};
use super::{Model, Random};
use kit_iface_fs::{FileSystem, FsError, NodeKind};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How an operation ended.
pub enum Step {
    /// It was carried out, or refused alike by both.
    Done,
    /// Everything so far is durable.
    Synced,
    /// The filesystem failed.
    Failed(FsError),
}

/// A filesystem, its model, and the states that the operations since the last `sync` went through.
pub struct Workload<'f, F: FileSystem> {
    fs: &'f F,
    pub model: Model,
    /// The first is the one that was last synced; a power cut may leave any of them.
    pub states: Vec<Model>,
    /// Files that are open and have no name any more.
    unnamed: Vec<(F::Node, Vec<u8>)>,
    largest: u64,
}

impl<'f, F: FileSystem> Workload<'f, F> {
    pub fn new(fs: &'f F, model: Model, largest: u64) -> Self {
        Self { fs, states: vec![model.clone()], model, unnamed: Vec::new(), largest }
    }

    /// One random operation.
    pub fn step(&mut self, random: &mut Random) -> Step {
        let result = match random.below(20) {
            0..4 => self.create(random),
            4..9 => self.write(random),
            9..11 => self.truncate(random),
            11..14 => self.unlink(random),
            14..16 => self.rename(random),
            16 => self.link(random),
            17 => self.symlink(random),
            _ => {
                return match self.fs.root().and_then(|root| self.fs.sync(&root)) {
                    Ok(()) => {
                        self.states = vec![self.model.clone()];
                        Step::Synced
                    }
                    Err(error) => Step::Failed(error),
                };
            }
        };
        match result {
            Ok(()) => {
                self.states.push(self.model.clone());
                Step::Done
            }
            Err(error) => Step::Failed(error),
        }
    }

    /// After a refusal: goes on from the latest state that has this tree, if one has.
    pub fn adopt(&mut self, tree: &BTreeMap<String, Thing>) -> bool {
        let found = self.states.iter().rev().find(|state| state.tree() == *tree).cloned();
        self.model = found.clone().unwrap_or_default();
        found.is_some()
    }

    /// Checks the files that are open without a name, and lets some go.
    pub fn check_unnamed(&mut self, random: &mut Random) {
        for (node, contents) in &self.unnamed {
            let mut bytes = vec![0; contents.len() + 1];
            assert_eq!(self.fs.read(node, 0, &mut bytes), Ok(contents.len()));
            assert!(bytes[..contents.len()] == contents[..], "an open file keeps its contents");
        }
        self.unnamed.retain(|_| random.chance(80));
    }

    fn path(random: &mut Random) -> String {
        let mut path = format!("n{}", random.below(8));
        for _ in 0..random.below(3) {
            path = format!("{path}/n{}", random.below(5));
        }
        path
    }

    /// The directory that a path is in, if there is one, and its last name.
    fn parent(&self, path: &str) -> Result<Option<(F::Node, String)>, FsError> {
        let (parents, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut node = self.fs.root()?;
        for part in parents.split('/').filter(|part| !part.is_empty()) {
            node = match self.fs.lookup(&node, part.as_bytes()) {
                Err(FsError::NotFound | FsError::NotADirectory) => return Ok(None),
                found => found?,
            };
        }
        let is_directory = parents.is_empty() || self.model.names.get(parents) == Some(&Meaning::Directory);
        assert_eq!(self.fs.metadata(&node).kind == NodeKind::Directory, is_directory, "{parents}");
        Ok(is_directory.then_some((node, name.to_string())))
    }

    fn file(&self, random: &mut Random) -> Result<Option<(F::Node, u64)>, FsError> {
        let of = |(path, meaning)| match meaning {
            &Meaning::File(file) => Some((path, file)),
            _ => None,
        };
        let files: Vec<(&String, u64)> = self.model.names.iter().filter_map(of).collect();
        if files.is_empty() {
            return Ok(None);
        }
        let (path, file) = files[random.below(files.len() as u64) as usize];
        let (directory, name) = self.parent(path)?.expect("what the model has is there");
        Ok(Some((self.fs.lookup(&directory, name.as_bytes())?, file)))
    }

    fn create(&mut self, random: &mut Random) -> Result<(), FsError> {
        let path = Self::path(random);
        let is_directory = random.chance(40);
        let Some((directory, name)) = self.parent(&path)? else { return Ok(()) };
        let kind = if is_directory { NodeKind::Directory } else { NodeKind::File };
        match self.fs.create(&directory, name.as_bytes(), kind, 0o644) {
            Ok(_) => {
                let meaning = if is_directory {
                    Meaning::Directory
                } else {
                    self.model.next_file += 1;
                    self.model.files.insert(self.model.next_file, Rc::default());
                    Meaning::File(self.model.next_file)
                };
                assert!(self.model.names.insert(path, meaning).is_none());
                Ok(())
            }
            Err(FsError::Exists) if self.model.names.contains_key(&path) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn write(&mut self, random: &mut Random) -> Result<(), FsError> {
        let Some((node, file)) = self.file(random)? else { return Ok(()) };
        let size = self.model.files[&file].len() as u64;
        let offset = match random.below(3) {
            0 => size,
            1 => random.below(size + 1),
            _ => random.below(self.largest),
        };
        let longest = if random.chance(10) { self.largest } else { 6000 };
        let length = random.below(longest) as usize;
        let first = random.below(251) as usize;
        let bytes: Vec<u8> = (0..length).map(|index| ((first + index) % 251) as u8).collect();
        let written = if offset == size {
            self.fs.append(&node, &bytes).map(|end| assert_eq!(end, size + length as u64))
        } else {
            // A part is as good as a refusal: what is there now is one of the states below.
            self.fs
                .write(&node, offset, &bytes)
                .and_then(|count| if count == length { Ok(()) } else { Err(FsError::NoSpace) })
        };
        // A long write may be cut at any block.
        let blocks = (offset as usize % 4096 + length).div_ceil(4096);
        for block in 1..=blocks {
            let end = (block * 4096 - offset as usize % 4096).min(length);
            self.model.edit(file, |contents| {
                let (offset, stop) = (offset as usize, offset as usize + end);
                if end > 0 {
                    contents.resize(contents.len().max(stop), 0);
                    contents[offset..stop].copy_from_slice(&bytes[..end]);
                }
            });
            self.states.push(self.model.clone());
        }
        written
    }

    fn truncate(&mut self, random: &mut Random) -> Result<(), FsError> {
        let Some((node, file)) = self.file(random)? else { return Ok(()) };
        let old = self.model.files[&file].len();
        let size = random.below(self.largest.min(old as u64 * 2 + 1)) as usize;
        let cut = self.fs.truncate(&node, size as u64);
        // A long cut goes backwards, extent by extent.
        for step in (size / 4096..old / 4096).rev() {
            self.model.edit(file, |contents| contents.truncate((step + 1) * 4096));
            self.states.push(self.model.clone());
        }
        self.model.edit(file, |contents| contents.resize(size, 0));
        self.states.push(self.model.clone());
        cut
    }

    fn unlink(&mut self, random: &mut Random) -> Result<(), FsError> {
        let path = Self::path(random);
        let Some((directory, name)) = self.parent(&path)? else { return Ok(()) };
        let Some(meaning) = self.model.names.get(&path).cloned() else {
            assert_eq!(self.fs.unlink(&directory, name.as_bytes(), false), Err(FsError::NotFound));
            return Ok(());
        };
        let is_directory = meaning == Meaning::Directory;
        let held = self.fs.lookup(&directory, name.as_bytes())?;
        let held = random.chance(20).then_some(held);
        match self.fs.unlink(&directory, name.as_bytes(), is_directory) {
            Err(FsError::NotEmpty) if is_directory && !self.model.is_empty(&path) => return Ok(()),
            // The name may be gone although what was behind it could not be removed: a state like another.
            result => {
                self.model.names.remove(&path);
                self.states.push(self.model.clone());
                result?;
            }
        }
        if let Meaning::File(file) = meaning
            && !self.model.names.values().any(|other| *other == Meaning::File(file))
        {
            let contents = self.model.files.remove(&file).expect("a file of the model");
            if let Some(node) = held {
                self.unnamed.push((node, contents.to_vec()));
            }
        }
        Ok(())
    }

    fn rename(&mut self, random: &mut Random) -> Result<(), FsError> {
        let (from, to) = (Self::path(random), Self::path(random));
        let (Some((source, from_name)), Some((target, to_name))) = (self.parent(&from)?, self.parent(&to)?)
        else {
            return Ok(());
        };
        let result = self.fs.rename(&source, from_name.as_bytes(), &target, to_name.as_bytes());
        let Some(moved) = self.model.names.get(&from).cloned() else {
            assert_eq!(result, Err(FsError::NotFound));
            return Ok(());
        };
        let replaced = self.model.names.get(&to).cloned();
        let is_directory = moved == Meaning::Directory;
        let expected = match &replaced {
            _ if is_directory && to.starts_with(&format!("{from}/")) => Err(FsError::Invalid),
            Some(other)
                if from == to || (other == &moved && !is_directory && matches!(moved, Meaning::File(_))) =>
            {
                assert_eq!(result, Ok(()));
                return Ok(());
            }
            Some(Meaning::Directory) if !is_directory => Err(FsError::IsADirectory),
            Some(Meaning::Directory) if !self.model.is_empty(&to) => Err(FsError::NotEmpty),
            Some(Meaning::File(_) | Meaning::Symlink(_)) if is_directory => Err(FsError::NotADirectory),
            _ => Ok(()),
        };
        if expected.is_err() {
            assert_eq!(result, expected, "{from} to {to}");
            return Ok(());
        }
        self.model.rename(&from, &to);
        if let Some(Meaning::File(file)) = replaced
            && !self.model.names.values().any(|other| *other == Meaning::File(file))
        {
            self.model.files.remove(&file);
        }
        self.states.push(self.model.clone());
        result
    }

    fn link(&mut self, random: &mut Random) -> Result<(), FsError> {
        let Some((node, file)) = self.file(random)? else { return Ok(()) };
        let path = Self::path(random);
        let Some((directory, name)) = self.parent(&path)? else { return Ok(()) };
        let result = self.fs.link(&node, &directory, name.as_bytes());
        if self.model.names.contains_key(&path) {
            assert_eq!(result, Err(FsError::Exists));
            return Ok(());
        }
        self.model.names.insert(path, Meaning::File(file));
        self.states.push(self.model.clone());
        result
    }

    fn symlink(&mut self, random: &mut Random) -> Result<(), FsError> {
        let path = Self::path(random);
        let target = vec![b'x'; random.below(900) as usize + 1];
        let Some((directory, name)) = self.parent(&path)? else { return Ok(()) };
        match self.fs.symlink(&directory, name.as_bytes(), &target) {
            Ok(_) => {
                assert!(self.model.names.insert(path, Meaning::Symlink(target)).is_none());
                Ok(())
            }
            Err(FsError::Exists) if self.model.names.contains_key(&path) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
