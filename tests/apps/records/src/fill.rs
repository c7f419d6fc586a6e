//! A full disk: the error, what still works, and room again after a removal.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Fills the folder three times; each time as much fits, and removing always works.
pub fn fill_and_empty(folder: &Path) -> io::Result<()> {
    let mut most = 0;
    for round in 0..3 {
        let files = fill(folder)?;
        let bytes: u64 =
            files.iter().map(|name| fs::metadata(name).map(|file| file.len())).sum::<Result<_, _>>()?;
        println!("round {round}: full with {} files, {bytes} bytes", files.len());
        most = most.max(bytes);
        assert!(bytes > most / 100 * 95, "room was lost");
        // What is there stays readable; one file less is room for about as much.
        assert!(fs::read(&files[0])?.iter().all(|byte| *byte == 1));
        let room = fs::metadata(&files[0])?.len() as usize;
        fs::remove_file(&files[0])?;
        File::create(folder.join("again"))?.write_all(&vec![2; room / 2])?;
        for name in &files[1..] {
            fs::remove_file(name)?;
        }
        fs::remove_file(folder.join("again"))?;
    }
    println!("emptied");
    Ok(())
}

/// Writes files until there is no room.
fn fill(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    loop {
        let path = folder.join(format!("fill-{}", files.len()));
        let written = File::create(&path).and_then(|mut file| {
            files.push(path);
            file.write_all(&[1; 50_000])?;
            file.sync_all()
        });
        match written {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(files),
            Err(error) => return Err(error),
        }
    }
}
