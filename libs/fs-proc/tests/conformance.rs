//! The filesystem slot's suite, and what programs read.

use kit_fs_proc::ProcFs;
use kit_iface_frames::Frames;
use kit_iface_frames::fake::Table;
use kit_iface_fs::{FileSystem, conformance};
use kit_iface_platform::fake::FakePlatform;

kit_util_host_test::bind!();

/// What the linker script of an image defines.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "a symbol of a linker script")]
static __etext: u8 = 0;
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "a symbol of a linker script")]
static __image_end: [u8; 8192] = [0; 8192];

type Proc = ProcFs<FakePlatform, Table<64>>;
const MOUNTS: &[(&str, &str, bool)] = &[("/", "ram", false), ("/www", "initrd", true)];

fn proc() -> Proc {
    static PLATFORM: FakePlatform = FakePlatform::new(b"kit.ip=10.0.0.2 shop \"a b\" --fast");
    let frames: &'static Table<64> = Box::leak(Box::new(Table::new()));
    // SAFETY: nobody touches these addresses: what is counted are frames, and nothing is allocated.
    unsafe { frames.add(0x10_0000, 0x10_0000 + 64 * 4096) };
    ProcFs::new(&PLATFORM, frames, MOUNTS)
}

fn text(fs: &Proc, path: &str) -> String {
    let mut at = fs.root().expect("it starts");
    for name in path.split('/') {
        at = fs.lookup(&at, name.as_bytes()).unwrap_or_else(|error| panic!("{path}: {error:?}"));
    }
    let (mut all, mut buffer) = (Vec::new(), [0; 7]);
    loop {
        let length = fs.read(&at, all.len() as u64, &mut buffer).expect("readable");
        all.extend_from_slice(&buffer[..length]);
        if length == 0 {
            return String::from_utf8(all).expect("text");
        }
    }
}

#[test]
fn keeps_the_slots_promises() {
    conformance::all(&proc());
}

#[test]
fn tells_what_programs_look_for() {
    let fs = proc();
    assert_eq!(text(&fs, "1/cmdline"), "shop\0a b\0--fast\0");
    assert_eq!(text(&fs, "1/cgroup"), "0::/\n");
    assert_eq!(text(&fs, "1/mounts"), "none / ram rw 0 0\nnone /www initrd ro 0 0\n");
    assert_eq!(
        text(&fs, "1/mountinfo"),
        "1 0 0:1 / / rw - ram none rw\n2 1 0:2 / /www ro - initrd none ro\n"
    );
    let memory = text(&fs, "meminfo");
    assert!(memory.starts_with("MemTotal:            256 kB\nMemFree:             "), "{memory}");
    let status = text(&fs, "1/status");
    assert!(status.starts_with("Name:\tshop\n") && status.contains("\nPid:\t1\n"), "{status}");
    let (seconds, _) =
        text(&fs, "uptime").split_once(' ').map(|(up, idle)| (up.to_string(), idle.to_string())).unwrap();
    assert!(seconds.parse::<f64>().is_ok(), "{seconds}");
    let root = fs.root().expect("it starts");
    let process = fs.lookup(&root, b"1").expect("there");
    let mut target = [0; 16];
    let length = fs.read_link(&fs.lookup(&process, b"exe").expect("there"), &mut target).expect("a link");
    assert_eq!(&target[..length], b"/shop");
}

#[test]
fn the_processor_is_what_linux_says_it_is() {
    let host = std::fs::read_to_string("/proc/cpuinfo").expect("Linux has it");
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name));
        line.and_then(|line| Some(line.split_once(':')?.1.split_whitespace().collect::<Vec<_>>().join(" ")))
    };
    let here = text(&proc(), "cpuinfo");
    for name in ["vendor_id", "cpu family", "model", "model name", "stepping"] {
        assert_eq!(field(&here, name), field(&host, name), "{name}");
    }
}

#[test]
fn maps_are_ranges_in_order() {
    let text = text(&proc(), "1/maps");
    let first = text.lines().next().expect("a line");
    let (range, rest) = first.split_once(' ').expect("a range");
    let (start, end) = range.split_once('-').expect("two ends");
    assert!(u64::from_str_radix(start, 16).expect("hex") < u64::from_str_radix(end, 16).expect("hex"));
    assert!(rest.starts_with("r-xp 00000000 00:01 1 ") && rest.ends_with(" /shop"), "{rest}");
}
