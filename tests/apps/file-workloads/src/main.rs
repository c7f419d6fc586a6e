//! What `cargo kit bench fs` makes a filesystem do: `file-workloads WORKLOAD ROUNDS`, in `/data`.
//!
//! A workload finds its files there or makes them: a filesystem that is only read is packed with [`BIG`] and the tree.
//! What is written is durable before the clock stops, so that no filesystem looks fast by what it has not done yet.

use std::fs::{self, File, OpenOptions};
use std::hint::black_box;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::process::ExitCode;
use std::time::Instant;

const DATA: &str = "/data";
/// A file of a mebibyte of [`FILLER`].
const BIG: &str = "/data/big";
const BIG_BYTES: usize = 1 << 20;
const FILLER: u8 = 7;
/// Bytes of a sequential read or write, and of one at a random place.
const CHUNK: usize = 16 << 10;
const PAGE: usize = 4 << 10;
/// Folders above the leaf of the tree.
const DEPTH: usize = 16;
/// Small files that exist at the same time.
const FILES: u64 = 64;
/// Records, lookups and pages of a round.
const RECORDS: u64 = 32;
const LOOKUPS: u64 = 100;
const PAGES: u64 = 64;

/// Works this many rounds, and says how many operations that were.
type Rounds = Box<dyn FnMut(u64) -> io::Result<u64>>;

/// Where the count of instructions begins.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_begin() {
    black_box(1);
}

/// Where it ends.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn bench_end() {
    black_box(2);
}

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, workload, rounds] = &arguments[..] else { return Ok(ExitCode::from(64)) };
    let Ok(rounds) = rounds.parse() else { return Ok(ExitCode::from(64)) };
    let mut work = match workload.as_str() {
        "churn" => churn(),
        "write" => sequential_write()?,
        "read" => sequential_read()?,
        "random-write" => random_write()?,
        "random-read" => random_read()?,
        "records" => records()?,
        "lookup" => lookup()?,
        _ => return Ok(ExitCode::from(64)),
    };
    work(1)?;
    let begin = Instant::now();
    bench_begin();
    let counted = work(rounds)?;
    bench_end();
    println!("counted: {counted}\nns: {}", begin.elapsed().as_nanos());
    Ok(ExitCode::SUCCESS)
}

/// Makes files of 100 bytes, then removes them. An operation is a file.
fn churn() -> Rounds {
    let names: Vec<String> = (0..FILES).map(|number| format!("{DATA}/file-{number}")).collect();
    Box::new(move |rounds| {
        for _ in 0..rounds {
            for name in &names {
                fs::write(name, [FILLER; 100])?;
            }
            for name in &names {
                fs::remove_file(name)?;
            }
            File::open(DATA)?.sync_all()?;
        }
        Ok(rounds * FILES)
    })
}

/// Writes a file anew. An operation is a KiB.
fn sequential_write() -> io::Result<Rounds> {
    Ok(Box::new(|rounds| {
        let chunk = vec![FILLER; CHUNK];
        for _ in 0..rounds {
            let mut file = File::create("/data/written")?;
            for _ in 0..BIG_BYTES / CHUNK {
                file.write_all(&chunk)?;
            }
            file.sync_all()?;
        }
        Ok(rounds * (BIG_BYTES / 1024) as u64)
    }))
}

/// Reads the large file from its beginning. An operation is a KiB.
fn sequential_read() -> io::Result<Rounds> {
    let mut file = big(OpenOptions::new().read(true))?;
    let mut chunk = vec![0; CHUNK];
    Ok(Box::new(move |rounds| {
        for _ in 0..rounds {
            file.rewind()?;
            for _ in 0..BIG_BYTES / CHUNK {
                file.read_exact(&mut chunk)?;
                assert_eq!((chunk[0], chunk[CHUNK - 1]), (FILLER, FILLER));
            }
        }
        Ok(rounds * (BIG_BYTES / 1024) as u64)
    }))
}

/// Writes pages of the large file. An operation is a page.
fn random_write() -> io::Result<Rounds> {
    let mut file = big(OpenOptions::new().read(true).write(true))?;
    let mut places = places();
    Ok(Box::new(move |rounds| {
        for _ in 0..rounds {
            for _ in 0..PAGES {
                file.seek(SeekFrom::Start(places()))?;
                file.write_all(&[FILLER; PAGE])?;
            }
            file.sync_all()?;
        }
        Ok(rounds * PAGES)
    }))
}

/// Reads pages of the large file. An operation is a page.
fn random_read() -> io::Result<Rounds> {
    let mut file = big(OpenOptions::new().read(true))?;
    let (mut places, mut page) = (places(), vec![0; PAGE]);
    Ok(Box::new(move |rounds| {
        for _ in 0..rounds * PAGES {
            file.seek(SeekFrom::Start(places()))?;
            file.read_exact(&mut page)?;
            assert_eq!((page[0], page[PAGE - 1]), (FILLER, FILLER));
        }
        Ok(rounds * PAGES)
    }))
}

/// Appends records of 100 bytes, each durable before the next. An operation is a record.
fn records() -> io::Result<Rounds> {
    let mut file = File::create("/data/records")?;
    Ok(Box::new(move |rounds| {
        for _ in 0..rounds * RECORDS {
            file.write_all(&[FILLER; 100])?;
            file.sync_all()?;
        }
        Ok(rounds * RECORDS)
    }))
}

/// Asks for the metadata of a file below sixteen folders. An operation is a path.
fn lookup() -> io::Result<Rounds> {
    let mut path = DATA.to_string();
    (0..DEPTH).for_each(|level| path += &format!("/level-{level}"));
    let leaf = format!("{path}/leaf");
    if fs::metadata(&leaf).is_err() {
        fs::create_dir_all(&path)?;
        fs::write(&leaf, "leaf")?;
    }
    Ok(Box::new(move |rounds| {
        for _ in 0..rounds * LOOKUPS {
            assert_eq!(fs::metadata(&leaf)?.len(), 4);
        }
        Ok(rounds * LOOKUPS)
    }))
}

/// The large file, opened like this.
fn big(how: &OpenOptions) -> io::Result<File> {
    if fs::metadata(BIG).is_err() {
        fs::write(BIG, vec![FILLER; BIG_BYTES])?;
        File::open(BIG)?.sync_all()?;
    }
    how.open(BIG)
}

/// Offsets of pages in the large file, the same on every run (xorshift64).
fn places() -> impl FnMut() -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % (BIG_BYTES / PAGE) as u64 * PAGE as u64
    }
}
