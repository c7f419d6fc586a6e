//! Files: names, contents, holes, and a file that outlives its name.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};

/// Works in a folder of its own below the temporary one, and leaves nothing.
pub fn check() {
    let folder = std::env::temp_dir().join("kit-selfcheck");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("deep/er")).unwrap();
    let path = folder.join("deep/er/file");
    let bytes: Vec<u8> = (0..100_000_u32).map(|number| (number * 7 >> 3) as u8).collect();
    fs::write(&path, &bytes).unwrap();
    assert!(fs::read(&path).unwrap() == bytes, "a file has other bytes");

    let mut file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(150_000)).unwrap();
    file.write_all(b"behind a hole").unwrap();
    file.sync_all().unwrap();
    file.seek(SeekFrom::Start(99_999)).unwrap();
    let mut rest = Vec::new();
    file.read_to_end(&mut rest).unwrap();
    assert!(
        rest[0] == bytes[99_999] && rest[1..50_001].iter().all(|byte| *byte == 0),
        "a hole is not zeroes"
    );
    assert_eq!(&rest[50_001..], b"behind a hole");

    fs::rename(&path, folder.join("moved")).unwrap();
    assert_eq!(fs::metadata(&path).unwrap_err().kind(), ErrorKind::NotFound);
    let mut kept = File::open(folder.join("moved")).unwrap();
    fs::remove_file(folder.join("moved")).unwrap();
    let mut first = [0; 100];
    kept.read_exact(&mut first).unwrap();
    assert!(first == bytes[..100], "a file ended with its name");

    assert_eq!(fs::remove_dir(&folder).unwrap_err().kind(), ErrorKind::DirectoryNotEmpty);
    fs::remove_dir_all(&folder).unwrap();
    assert!(!folder.exists());
}
