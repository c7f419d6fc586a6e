//! `kit trace`: what a run records is what happened, in a file that Perfetto reads; and nothing is left of it in an
//! image that records nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use kit_tests::http::Connection;
use kit_tests::image::{Machine, boot, free_port};
use kit_tests::process::Running;
use kit_tests::{kit, on_machines, scratch, variant};
use serde_json::Value;

/// Time for a build, on a busy machine. The run after it has the minute that `arguments` gives it.
const LIMIT: Duration = Duration::from_secs(600);

/// The file that a recording goes to.
fn file(name: &str, machine: Machine) -> PathBuf {
    let file = scratch().join(format!("{name}-{}.trace.json", machine.name()));
    let _ = fs::remove_file(&file);
    file
}

/// `kit trace` of an app on a machine.
fn arguments(app: &str, machine: Machine, file: &std::path::Path) -> Vec<String> {
    let mut words: Vec<String> =
        ["trace", app, "--platform", machine.platform(), "--timeout", "60", "-o"].map(String::from).into();
    words.push(file.display().to_string());
    if machine != Machine::Linux {
        words.extend(["--accel", "tcg", "--machine", machine.name()].map(String::from));
    }
    words
}

/// A recording, after the checks of the format: every event has what its phase demands, time goes on, and what begins
/// on a track ends there, innermost first.
struct Recording(Vec<Value>);

impl Recording {
    fn read(file: &std::path::Path) -> Self {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let whole: Value = serde_json::from_str(&text).expect("it is JSON");
        let events = whole["traceEvents"].as_array().expect("it has events").clone();
        let (mut last, mut open) = (0.0, BTreeMap::<(u64, u64), Vec<String>>::new());
        for event in &events {
            let name = event["name"].as_str().unwrap_or_else(|| panic!("no name: {event}")).to_string();
            let ts = event["ts"].as_f64().unwrap_or_else(|| panic!("no time: {event}"));
            let pid = event["pid"].as_u64().unwrap_or_else(|| panic!("no process: {event}"));
            assert!(ts >= last, "time went back from {last}: {event}");
            last = ts;
            let track = || (pid, event["tid"].as_u64().unwrap_or_else(|| panic!("no thread: {event}")));
            match event["ph"].as_str().unwrap_or_default() {
                "B" => open.entry(track()).or_default().push(name),
                "E" => {
                    assert_eq!(open.get_mut(&track()).and_then(Vec::pop), Some(name), "unbalanced: {event}")
                }
                "i" => assert!(event["s"] == "t" && track().1 > 0, "{event}"),
                "C" => assert!(event["args"].is_object(), "{event}"),
                "M" => assert!(event["args"].is_object(), "{event}"),
                phase => panic!("an unknown phase {phase:?}: {event}"),
            }
        }
        assert!(open.values().all(Vec::is_empty), "not ended: {open:?}");
        Self(events)
    }

    fn count(&self, phase: &str, name: &str) -> usize {
        self.0.iter().filter(|event| event["ph"] == phase && event["name"] == name).count()
    }

    /// The names of the tracks on which something ran.
    fn threads_that_ran(&self) -> Vec<String> {
        let ran = |thread: &Value| {
            self.0
                .iter()
                .any(|event| event["ph"] == "B" && event["name"] == "running" && event["tid"] == *thread)
        };
        let titles = self.0.iter().filter(|event| event["name"] == "thread_name" && event["pid"] == 2);
        let that_ran = titles.filter(|title| ran(&title["tid"]));
        that_ran.map(|title| title["args"]["name"].as_str().unwrap_or_default().to_string()).collect()
    }
}

on_machines!([Linux, Microvm, Q35] fn threads_show_switches_wakes_and_calls(machine) {
    let file = file("threads", machine);
    boot("examples/threads", machine).build();
    let run = Running::start(kit::command(arguments("examples/threads", machine, &file)), b"").finish(LIMIT).expect_code(0);
    assert!(run.stdout.contains("done"), "{}", run.transcript());
    assert!(run.stderr.contains("events in"), "{}", run.transcript());
    let recording = Recording::read(&file);
    for call in ["write", "pthread_create", "pthread_join", "futex", "mmap64"] {
        assert!(recording.count("B", call) > 0, "{call} is called and not recorded");
    }
    assert!(recording.count("i", "wake") > 5, "threads wake each other");
    assert!(recording.count("B", "running") > 20, "they take turns");
    let threads = recording.threads_that_ran();
    assert!(threads.iter().any(|name| name == "main") && threads.iter().any(|name| name == "unlucky"), "{threads:?}");
});

on_machines!([Linux, Microvm] fn a_server_that_is_stopped_shows_its_requests(machine) {
    let file = file("web", machine);
    let port = free_port();
    let mut words = arguments("examples/web", machine, &file);
    let guest_port = if machine == Machine::Linux { port } else { 8080 };
    words.extend(["-p".into(), format!("{port}:{guest_port}"), "-e".into(), format!("PORT={guest_port}")]);
    let mut run = Running::start(kit::command(words), b"");
    run.wait_for("listening", LIMIT);
    let mut client = Connection::open(([127, 0, 0, 1], port).into()).expect("the server listens");
    for _ in 0..5 {
        assert_eq!(client.get("/").expect("the server answers").status, 200);
    }
    drop(client);
    // Ctrl-C: the image is killed, and what it recorded is there all the same.
    run.interrupt();
    run.finish(LIMIT).expect_code(130);
    let recording = Recording::read(&file);
    assert!(recording.count("B", "epoll_wait") > 3);
    assert!(recording.count("B", "accept4") > 0 && recording.count("B", "running") > 3);
    // The host's sockets move no frames of ours.
    let frames = recording.0.iter().rfind(|event| event["ph"] == "C" && event["name"] == "frames");
    match machine {
        Machine::Linux => assert!(frames.is_none()),
        _ => {
            let frames = &frames.expect("packets are counted")["args"];
            // Each request is a frame, and each answer.
            assert!(frames["in"].as_u64() > Some(5) && frames["out"].as_u64() > Some(5), "{frames}");
        }
    }
});

#[test]
fn a_crash_leaves_its_recording() {
    let file = file("crash", Machine::Microvm);
    let mut words = arguments("tests/apps/probe", Machine::Microvm, &file);
    words.extend(["--", "null"].map(String::from));
    Running::start(kit::command(words), b"").finish(LIMIT).expect_code(139);
    assert!(Recording::read(&file).count("B", "running") > 0);
}

#[test]
fn lines_on_the_console_tell_the_same() {
    let app = variant::of("examples/hello", "trace-console", "[config]\nTRACE_CONSOLE = true\n");
    let image = boot(&app, Machine::Microvm).arguments(["3"]).run().expect_code(3);
    for words in ["] 0 thread 1 is main", "] 0 run 1", "] 1 begin write 1"] {
        assert!(image.stdout.contains(words), "{words}: {}", image.transcript());
    }
    assert!(image.stdout.contains("Hello, world!"), "{}", image.transcript());
}

/// What is off is absent: no symbol of the slot, of a recorder or of a wrapper.
#[test]
fn an_image_that_records_nothing_has_nothing_of_it() {
    for app in ["examples/hello", "examples/hello-native"] {
        let built = boot(app, Machine::Microvm).build();
        let bytes = fs::read(built.with_symbols()).expect("the image is there");
        let of_trace: [&[u8]; 4] = [b"kit_iface_trace", b"kit_trace_", b"kittrace", b"_trace8"];
        for name in of_trace {
            assert!(
                !bytes.windows(name.len()).any(|window| window == name),
                "{app}: {}",
                String::from_utf8_lossy(name)
            );
        }
    }
}
