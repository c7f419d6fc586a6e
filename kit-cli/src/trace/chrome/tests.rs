//! What the format demands, of recordings that are whole and of those whose beginning or end is missing.

use super::*;

fn recording(events: &[(u64, u32, What)]) -> Recording {
    let event = |(time_ns, thread, what): &(u64, u32, What)| Event {
        time_ns: *time_ns,
        thread: *thread,
        what: what.clone(),
    };
    Recording { names: [(1, "main".into())].into(), events: events.iter().map(event).collect(), lost: 0 }
}

/// The events of a recording, after the checks that every one must pass.
fn converted(events: &[(u64, u32, What)]) -> Vec<Value> {
    let mut text = Vec::new();
    write(&recording(events), "app", &mut text).unwrap();
    let whole: Value = serde_json::from_slice(&text).unwrap();
    let all = whole["traceEvents"].as_array().unwrap().clone();
    let (mut last, mut open) = (0.0, BTreeMap::<(u64, u64), Vec<String>>::new());
    for event in &all {
        let phase = event["ph"].as_str().unwrap();
        let (ts, pid) = (event["ts"].as_f64().unwrap(), event["pid"].as_u64().unwrap());
        let name = event["name"].as_str().unwrap().to_string();
        assert!(ts >= last, "time goes on: {event}");
        last = ts;
        let track = || (pid, event["tid"].as_u64().unwrap());
        match phase {
            "B" => open.entry(track()).or_default().push(name),
            "E" => assert_eq!(open.get_mut(&track()).and_then(Vec::pop), Some(name), "{event}"),
            "i" => assert_eq!(event["s"], "t"),
            "C" => assert!(event["args"].as_object().unwrap().values().all(Value::is_u64), "{event}"),
            "M" => assert!(event["args"].is_object()),
            other => panic!("phase {other}"),
        }
    }
    assert!(open.values().all(Vec::is_empty), "something is left open: {open:?}");
    all
}

fn short(events: &[Value]) -> Vec<String> {
    let of_interest = events.iter().filter(|event| event["ph"] != "M");
    let one = |event: &Value| {
        format!(
            "{} {}.{} {} {}",
            event["ph"].as_str().unwrap(),
            event["pid"],
            event["tid"],
            event["name"].as_str().unwrap(),
            event["ts"]
        )
    };
    of_interest.map(one).collect()
}

fn begin(name: &str) -> What {
    What::Begin { name: name.into(), argument: 3 }
}

fn end(name: &str) -> What {
    What::End { name: name.into(), result: -1 }
}

#[test]
fn calls_and_running_have_tracks_of_their_own() {
    let events = converted(&[
        (5_000, 0, What::Run { thread: 1 }),
        (6_000, 1, begin("read")),
        (7_500, 1, What::Run { thread: 2 }),
        (8_000, 2, What::Wake { thread: 1 }),
        (8_500, 2, What::Idle),
        (9_000, 2, What::Run { thread: 1 }),
        (9_500, 1, end("read")),
    ]);
    let expected = [
        "B 2.1 running 0.0",
        "B 1.1 read 1.0",
        "E 2.1 running 2.5",
        "B 2.2 running 2.5",
        "i 1.1 wake 3.0",
        "E 2.2 running 3.5",
        "B 2.1 running 4.0",
        "E 1.1 read 4.5",
        "E 2.1 running 4.5",
    ];
    assert_eq!(short(&events), expected);
    let find =
        |phase: &str, name: &str| events.iter().find(|e| e["ph"] == phase && e["name"] == name).unwrap();
    assert_eq!(find("B", "read")["args"]["argument"], 3);
    assert_eq!(find("E", "read")["args"]["result"], -1);
    assert_eq!(find("i", "wake")["args"]["by"], "thread 2");
    let names: Vec<_> =
        events.iter().filter(|e| e["name"] == "thread_name").map(|e| &e["args"]["name"]).collect();
    assert_eq!(names, ["main", "thread 2", "main", "thread 2"]);
}

#[test]
fn what_began_before_the_recording_begins_with_it() {
    let events = converted(&[
        (10_000, 1, end("inner")),
        (11_000, 1, begin("other")),
        (12_000, 1, end("other")),
        (13_000, 1, end("outer")),
    ]);
    let expected = [
        "B 1.1 outer 0.0",
        "B 1.1 inner 0.0",
        "E 1.1 inner 0.0",
        "B 1.1 other 1.0",
        "E 1.1 other 2.0",
        "E 1.1 outer 3.0",
    ];
    assert_eq!(short(&events), expected);
}

#[test]
fn what_has_not_ended_ends_with_the_recording() {
    let events =
        converted(&[(1_000, 1, begin("outer")), (2_000, 1, begin("inner")), (3_000, 2, begin("poll"))]);
    assert_eq!(short(&events)[3..], ["E 1.1 inner 2.0", "E 1.1 outer 2.0", "E 1.2 poll 2.0"]);
}

#[test]
fn events_are_put_into_the_order_of_time() {
    let events = converted(&[(3_000, 1, What::Idle), (1_000, 0, What::Run { thread: 1 })]);
    assert_eq!(short(&events), ["B 2.1 running 0.0", "E 2.1 running 2.0"]);
}

#[test]
fn frames_and_quantities_are_counters() {
    let events = converted(&[
        (1, 1, What::FrameIn { bytes: 60 }),
        (2, 1, What::FrameOut { bytes: 1514 }),
        (3, 1, What::FrameIn { bytes: 40 }),
        (4, 1, What::Gauge { name: "frames in use".into(), value: 77 }),
    ]);
    let last = |name: &str| events.iter().rfind(|event| event["name"] == name).unwrap()["args"].clone();
    assert_eq!(last("frames"), json!({ "in": 2, "out": 1 }));
    assert_eq!(last("bytes of frames"), json!({ "in": 100, "out": 1514 }));
    assert_eq!(last("frames in use"), json!({ "value": 77 }));
}

#[test]
fn calls_by_number_have_their_names() {
    let call = |argument| What::Begin { name: "syscall".into(), argument };
    let events =
        converted(&[(1, 1, call(202)), (2, 1, end("syscall")), (3, 1, call(9999)), (4, 1, end("syscall"))]);
    assert_eq!(short(&events)[0], "B 1.1 futex 0.0");
    assert!(short(&events)[2].starts_with("B 1.1 syscall 9999"));
}

#[test]
fn an_empty_recording_is_a_file_too() {
    assert_eq!(short(&converted(&[])), Vec::<String>::new());
}
