//! A file that is replaced as a whole: written beside, synced, renamed.

use crate::sync_names;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub struct State {
    folder: PathBuf,
    number: u64,
}

impl State {
    /// Reads the state, which is whole or not there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let number = match fs::read_to_string(folder.join("state")) {
            Ok(text) => {
                let number = text.lines().next().and_then(|line| line.parse().ok()).expect("a number");
                assert!(text == contents(number), "state {number} is not whole");
                number
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        println!("found state {number}");
        Ok(Self { folder: folder.to_path_buf(), number })
    }

    pub fn replace(&mut self) -> io::Result<()> {
        let next = self.number + 1;
        println!("begin state {next}");
        let beside = self.folder.join("state.new");
        let mut file = File::create(&beside)?;
        file.write_all(contents(next).as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, self.folder.join("state"))?;
        sync_names(&self.folder)?;
        self.number = next;
        println!("done state {next}");
        Ok(())
    }
}

fn contents(number: u64) -> String {
    format!("{number}\n").repeat(1 + number as usize % 3000)
}
