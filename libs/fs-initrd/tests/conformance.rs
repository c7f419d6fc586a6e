//! The filesystem slot's suite over archives of this test's making, what is wrong with archives, and random damage.

use kit_fs_initrd::Initrd;
use kit_fs_initrd::newc::{Entries, Malformed, Reason};
use kit_iface_fs::{Archive, FileSystem, FsError, NodeKind, conformance};

kit_util_host_test::bind!();

const FILE: u32 = 0o100_644;
const DIRECTORY: u32 = 0o040_755;
const LINK: u32 = 0o120_777;

/// An archive in the making.
#[derive(Default)]
struct Maker(Vec<u8>);

impl Maker {
    fn entry(mut self, path: &str, mode: u32, inode: u32, links: u32, data: &[u8]) -> Self {
        let fields = [
            inode,
            mode,
            0,
            0,
            links,
            1_700_000_000,
            data.len() as u32,
            0,
            0,
            1,
            3,
            path.len() as u32 + 1,
            0,
        ];
        self.0.extend(b"070701");
        fields.iter().for_each(|field| self.0.extend(format!("{field:08x}").bytes()));
        self.0.extend(path.bytes().chain([0]));
        self.pad();
        self.0.extend(data);
        self.pad();
        self
    }

    fn pad(&mut self) {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
    }

    fn file(self, path: &str, text: &str) -> Self {
        self.entry(path, FILE, 0, 1, text.as_bytes())
    }

    fn end(self) -> Self {
        self.entry("TRAILER!!!", 0, 0, 1, &[])
    }
}

/// A bit of everything; the second sequence uses the inode numbers of the first again.
fn archive() -> Vec<u8> {
    let long = "n".repeat(255);
    let large: Vec<u8> = (0..20_000u32).map(|at| (at % 251) as u8).collect();
    let mut archive = Maker::default()
        .entry(".", 0o040_700, 1, 2, &[])
        .entry("./etc", 0o040_750, 2, 2, &[])
        .file("etc/hosts", "127.0.0.1 localhost\n")
        .file("etc/empty", "")
        .entry("large", FILE, 3, 1, &large)
        .entry("one", FILE, 9, 3, &[])
        .entry("etc/two", FILE, 9, 3, &[])
        .entry("three", FILE, 9, 3, b"shared")
        .entry("link", LINK, 4, 1, b"etc/hosts")
        .entry("null", 0o020_666, 5, 1, &[])
        .entry("disk", 0o060_666, 6, 1, &[])
        .file("made/on/the/way", "x")
        .file(&format!("etc/{long}"), "long")
        .file("replaced", "old")
        .end();
    archive.0.extend([0; 512]);
    let second = Maker::default().file("replaced", "new").entry("fresh", FILE, 9, 2, b"other").end();
    archive.0.extend(second.0);
    archive.0
}

fn mounted(bytes: Vec<u8>) -> Initrd {
    Initrd::new(Archive::of(bytes.leak()))
}

fn text(fs: &Initrd, path: &str) -> String {
    let mut at = fs.root().expect("it starts");
    for name in path.split('/') {
        at = fs.lookup(&at, name.as_bytes()).unwrap_or_else(|error| panic!("{path}: {error:?}"));
    }
    let mut buffer = vec![0; fs.metadata(&at).size as usize];
    assert_eq!(fs.read(&at, 0, &mut buffer), Ok(buffer.len()));
    String::from_utf8(buffer).expect("text")
}

#[test]
fn keeps_the_slots_promises() {
    conformance::all(&mounted(archive()));
    conformance::all(&mounted(Maker::default().end().0));
}

#[test]
fn has_what_was_put_in() {
    let fs = mounted(archive());
    let root = fs.root().expect("it starts");
    assert_eq!(text(&fs, "etc/hosts"), "127.0.0.1 localhost\n");
    for name in ["one", "three", "etc/two"] {
        assert_eq!(text(&fs, name), "shared", "the bytes of a hard link are with its last name");
    }
    let find = |name: &str| fs.lookup(&root, name.as_bytes()).expect("it is there");
    assert_eq!((fs.metadata(&find("one")).links, fs.metadata(&find("fresh")).links), (3, 1));
    assert_eq!(text(&fs, "fresh"), "other", "a sequence has inode numbers of its own");
    assert_eq!(text(&fs, "replaced"), "new");
    assert_eq!(text(&fs, "made/on/the/way"), "x");
    assert_eq!((fs.metadata(&root).mode, fs.metadata(&find("etc")).mode), (0o700, 0o750));
    assert_eq!(fs.metadata(&find("null")).kind, NodeKind::Device(0x103));
    assert_eq!(fs.metadata(&find("etc")).modified_ns, 1_700_000_000_000_000_000);
    let mut target = [0; 32];
    assert_eq!(fs.read_link(&find("link"), &mut target), Ok(9));
    assert_eq!(&target[..9], b"etc/hosts");
    assert_eq!(fs.lookup(&root, b"disk").err(), Some(FsError::NotFound));
}

#[test]
fn a_malformed_archive_is_told_with_the_place() {
    let whole = Maker::default().file("a", "text").end().0;
    let wrong = |bytes: &[u8]| Entries::of(bytes).find_map(Result::err);
    let at = |offset, reason| Some(Malformed { offset, reason });
    assert_eq!(wrong(&whole), None);
    assert_eq!(wrong(&[]), at(0, Reason::Truncated));
    assert_eq!(wrong(&whole[..100]), at(0, Reason::Truncated));
    assert_eq!(wrong(&whole[..116]), at(116, Reason::Truncated), "no trailer");
    assert_eq!(wrong(&[&whole[..116], &[7; 200]].concat()), at(116, Reason::Magic));
    assert_eq!(
        wrong(&[whole.as_slice(), b"\0\0\0\0gzip or what it may be".repeat(9).as_slice()].concat()),
        at(240 + 4, Reason::Magic)
    );
    let mut digits = whole.clone();
    digits[6 + 8] = b'x';
    assert_eq!(wrong(&digits), at(14, Reason::Number));
    let mut huge = whole.clone();
    huge[6 + 8 * 6..][..8].copy_from_slice(b"ffffffff");
    assert_eq!(wrong(&huge), at(0, Reason::Truncated));
    for (archive, case) in [
        (Maker::default().file("../up", "x").end(), "upwards"),
        (Maker::default().file("a", "x").file("a/b", "x").end(), "below a file"),
        (Maker::default().file("a/b", "x").file("a", "x").end(), "a directory becomes a file"),
        (
            Maker::default().file("a", "x").entry("a", DIRECTORY, 1, 2, &[]).end(),
            "a file becomes a directory",
        ),
        (Maker::default().file(&"n".repeat(256), "x").end(), "a long name"),
        (Maker::default().file(".", "x").end(), "the root is a file"),
    ] {
        let fs = mounted(archive.0);
        assert_eq!(fs.root().err(), Some(FsError::Corrupt), "{case}");
        assert_eq!(fs.root().err(), Some(FsError::Corrupt), "{case}, again");
    }
}

/// A generator that gives the same numbers for the same seed (Marsaglia's xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

#[test]
fn whatever_is_damaged_it_is_an_error_or_a_tree() {
    const SEED: u64 = 0x1171_2d5e_edc9_1041;
    println!("seed {SEED:#x}");
    let mut random = Random(SEED);
    let whole = archive();
    let (mut trees, mut errors) = (0, 0);
    for _ in 0..3000 {
        let mut bytes = whole.clone();
        for _ in 0..1 + random.below(3) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = random.below(256) as u8,
                // A digit of a header says more than a byte of a file.
                1 => bytes[at % 2000] = b"0123456789abcdefF/.\0"[random.below(20)],
                2 => bytes.truncate(at.max(1)),
                _ => bytes.extend_from_within(at..(at + 200).min(bytes.len())),
            }
        }
        let bytes: &'static [u8] = bytes.leak();
        let fs = Initrd::new(Archive::of(bytes));
        match fs.root() {
            Ok(_) => {
                conformance::all(&fs);
                trees += 1;
            }
            Err(error) => {
                assert_eq!(error, FsError::Corrupt);
                errors += 1;
            }
        }
    }
    assert!(trees > 300 && errors > 300, "{trees} trees, {errors} errors");
}
