//! A program that keeps records and says of each when it is safe; an ordinary program, which knows nothing of kit.
//!
//! `records FOLDER SEED` looks at what an earlier run left, prints it, and goes on for ever. Before anything is
//! changed it says what, and when `sync_all` has returned it acknowledges it; whoever reads that may cut the power.
//! A record that is not what it should be ends the program with status 1.
//!
//! `records FOLDER keep` reads a number from a file, writes the next and ends, without a `sync`.
//!
//! `records FOLDER fill` writes files until there is no room, removes them and does so again.

mod fill;
mod log;
mod random;
mod state;

use random::Random;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Makes the names in a folder durable.
fn sync_names(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, what] = &arguments[..] else { panic!("usage: records FOLDER SEED|keep|fill") };
    let folder = Path::new(folder);
    if what == "fill" {
        return fill::fill_and_empty(folder);
    }
    if what == "keep" {
        let path = folder.join("kept");
        let number = fs::read_to_string(&path).map_or(0, |text| text.parse::<u64>().expect("a number"));
        println!("kept {number}");
        return fs::write(path, (number + 1).to_string());
    }
    let mut random = Random::new(what.parse().expect("a number"));
    let mut logs = (0..4).map(|number| log::Log::open(folder, number)).collect::<io::Result<Vec<_>>>()?;
    let mut state = state::State::open(folder)?;
    let files = folder.join("files");
    fs::create_dir_all(&files)?;
    sync_names(folder)?;
    for entry in fs::read_dir(&files)? {
        let entry = entry?;
        let (name, contents) = (entry.file_name().into_string().expect("ASCII"), fs::read(entry.path())?);
        // A file that was never synced may have any beginning of its contents.
        assert!(contents.iter().all(|byte| *byte == name.as_bytes()[1]), "{name} has other contents");
        println!("found {name} {}", contents.len());
    }
    println!("ready");
    loop {
        match random.below(8) {
            0..4 => logs[random.below(4) as usize].append()?,
            4 => state.replace()?,
            5 => {
                // Never synced by itself: what is left of it after a cut may be anything, but whole.
                fs::write(folder.join("scratch"), vec![7; random.below(30_000) as usize])?;
            }
            6 => {
                let name = format!("f{}", random.below(10));
                let length = random.below(9000) as usize;
                println!("begin {name} {length}");
                let path = files.join(&name);
                fs::write(&path, vec![name.as_bytes()[1]; length])?;
                File::open(&path)?.sync_all()?;
                println!("done {name} {length}");
            }
            _ => {
                let name = format!("f{}", random.below(10));
                println!("begin {name} -");
                if fs::remove_file(files.join(&name)).is_ok() {
                    sync_names(&files)?;
                }
                println!("done {name} -");
            }
        }
    }
}
