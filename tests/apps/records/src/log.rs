//! A file to whose end records are added, one `sync_all` for each.

use crate::random::Random;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

pub struct Log {
    number: u64,
    file: File,
    records: u64,
}

/// What record `index` of log `number` is: between 1 and 600 bytes that nobody else has.
fn record(number: u64, index: u64) -> Vec<u8> {
    let mut random = Random::new(number << 32 | index);
    (0..random.below(600) + 1).map(|_| random.below(256) as u8).collect()
}

impl Log {
    /// Reads what there is, record by record. The last one may be cut off: nobody was told that it is safe.
    pub fn open(folder: &Path, number: u64) -> io::Result<Self> {
        let path = folder.join(format!("log-{number}"));
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut contents = Vec::new();
        file.read_to_end(&mut contents)?;
        let (mut records, mut whole) = (0, 0);
        loop {
            let expected = record(number, records);
            let rest = &contents[whole..];
            let found = &rest[..rest.len().min(expected.len())];
            assert!(expected.starts_with(found), "record {records} of log {number} has other bytes");
            if found.len() < expected.len() {
                break;
            }
            whole += expected.len();
            records += 1;
        }
        file.set_len(whole as u64)?;
        println!("found log-{number} {records}");
        Ok(Self { number, file, records })
    }

    pub fn append(&mut self) -> io::Result<()> {
        println!("begin log-{} {}", self.number, self.records + 1);
        self.file.write_all(&record(self.number, self.records))?;
        self.file.sync_all()?;
        self.records += 1;
        println!("done log-{} {}", self.number, self.records);
        Ok(())
    }
}
