//! A recording as JSON in the Trace Event Format, which Perfetto and Chrome's `about:tracing` read.
//!
//! Two groups of tracks, one track a thread in each: what a thread *calls* (slices that nest, instants where it is
//! woken), and when it *runs* (slices that do not: a call may last while others run, so the two cannot share a track).
//! Frames and quantities are counters.
//!
//! Format: "Trace Event Format", docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Value, json};

use super::ring::{Event, Recording, What};

/// The groups: processes, in the words of the format.
const CALLS: u32 = 1;
const RUNNING: u32 = 2;

/// Writes the recording of the image `name`.
pub fn write(recording: &Recording, name: &str, output: &mut impl Write) -> io::Result<()> {
    let events = Converter::convert(recording, name);
    writeln!(output, "{{\"displayTimeUnit\":\"ns\",\"traceEvents\":[")?;
    for (number, event) in events.iter().enumerate() {
        let end = if number + 1 == events.len() { "" } else { "," };
        writeln!(output, "{event}{end}")?;
    }
    writeln!(output, "]}}")
}

/// What is open while events are read in the order of time.
struct Converter<'a> {
    recording: &'a Recording,
    start_ns: u64,
    now_ns: u64,
    written: Vec<Value>,
    threads: BTreeSet<u32>,
    running: Option<u32>,
    /// Names of what each thread has begun.
    open: BTreeMap<u32, Vec<String>>,
    frames: [u64; 2],
    bytes: [u64; 2],
}

impl<'a> Converter<'a> {
    fn convert(recording: &'a Recording, name: &str) -> Vec<Value> {
        let mut events: Vec<&Event> = recording.events.iter().collect();
        // An interrupt may have come between another event's reading of the clock and its claim of a place.
        events.sort_by_key(|event| event.time_ns);
        let start_ns = events.first().map_or(0, |event| event.time_ns);
        let mut converter = Self {
            recording,
            start_ns,
            now_ns: start_ns,
            written: Vec::new(),
            threads: BTreeSet::new(),
            running: None,
            open: BTreeMap::new(),
            frames: [0; 2],
            bytes: [0; 2],
        };
        converter.begin_what_only_ends(&events);
        for event in events {
            converter.now_ns = event.time_ns;
            converter.take(event);
        }
        converter.close_all();
        let mut all = converter.titles(name);
        all.append(&mut converter.written);
        all
    }

    /// What was begun before the recording: its begin was overwritten, so it begins with the recording.
    fn begin_what_only_ends(&mut self, events: &[&Event]) {
        let mut depths: BTreeMap<u32, usize> = BTreeMap::new();
        let mut ends: Vec<(u32, String)> = Vec::new();
        for event in events {
            let depth = depths.entry(event.thread).or_default();
            match &event.what {
                What::Begin { .. } => *depth += 1,
                What::End { .. } if *depth > 0 => *depth -= 1,
                What::End { name, .. } => ends.push((event.thread, name.clone())),
                _ => {}
            }
        }
        // The last to end began first.
        for (thread, name) in ends.into_iter().rev() {
            self.begin(thread, &name, json!({}));
        }
    }

    fn take(&mut self, event: &Event) {
        let thread = event.thread;
        match &event.what {
            What::Run { thread } => self.run(Some(*thread)),
            What::Idle => self.run(None),
            What::Wake { thread: woken } => {
                let by = self.name_of(thread);
                self.put("i", CALLS, *woken, "wake", &[("s", json!("t")), ("args", json!({ "by": by }))]);
            }
            What::Begin { name, argument } => {
                let name = if name == "syscall" { number(*argument) } else { name.clone() };
                self.begin(thread, &name, json!({ "argument": argument }));
            }
            What::End { result, .. } => self.end(thread, json!({ "result": result })),
            What::FrameIn { bytes } => self.frame(0, *bytes),
            What::FrameOut { bytes } => self.frame(1, *bytes),
            What::Gauge { name, value } => self.count(name, json!({ "value": value })),
        }
    }

    fn run(&mut self, next: Option<u32>) {
        if self.running == next {
            return;
        }
        if let Some(last) = std::mem::replace(&mut self.running, next) {
            self.put("E", RUNNING, last, "running", &[]);
        }
        if let Some(next) = next {
            self.put("B", RUNNING, next, "running", &[]);
        }
    }

    fn begin(&mut self, thread: u32, name: &str, arguments: Value) {
        self.open.entry(thread).or_default().push(name.to_string());
        self.put("B", CALLS, thread, name, &[("cat", json!("call")), ("args", arguments)]);
    }

    fn end(&mut self, thread: u32, arguments: Value) {
        let Some(name) = self.open.entry(thread).or_default().pop() else { return };
        self.put("E", CALLS, thread, &name, &[("cat", json!("call")), ("args", arguments)]);
    }

    fn frame(&mut self, direction: usize, bytes: u64) {
        self.frames[direction] += 1;
        self.bytes[direction] += bytes;
        self.count("frames", json!({ "in": self.frames[0], "out": self.frames[1] }));
        self.count("bytes of frames", json!({ "in": self.bytes[0], "out": self.bytes[1] }));
    }

    fn count(&mut self, name: &str, values: Value) {
        let event =
            json!({ "ph": "C", "name": name, "pid": CALLS, "ts": self.microseconds(), "args": values });
        self.written.push(event);
    }

    /// What still lasts, lasts until the end of the recording.
    fn close_all(&mut self) {
        self.run(None);
        for (thread, names) in std::mem::take(&mut self.open) {
            for name in names.iter().rev() {
                self.put("E", CALLS, thread, name, &[("cat", json!("call"))]);
            }
        }
    }

    fn put(&mut self, phase: &str, group: u32, thread: u32, name: &str, more: &[(&str, Value)]) {
        self.threads.insert(thread);
        let mut event =
            json!({ "ph": phase, "name": name, "pid": group, "tid": thread, "ts": self.microseconds() });
        for (key, value) in more {
            event[*key] = value.clone();
        }
        self.written.push(event);
    }

    fn microseconds(&self) -> f64 {
        self.now_ns.saturating_sub(self.start_ns) as f64 / 1000.0
    }

    fn name_of(&self, thread: u32) -> String {
        let known = self.recording.names.get(&thread).filter(|name| !name.is_empty()).cloned();
        known.unwrap_or_else(|| if thread == 0 { "idle".into() } else { format!("thread {thread}") })
    }

    /// The names of groups and tracks.
    fn titles(&self, name: &str) -> Vec<Value> {
        let title = |what: &str, group: u32, thread: u32, args: Value| json!({ "ph": "M", "name": what, "pid": group, "tid": thread, "ts": 0, "args": args });
        let mut titles = Vec::new();
        for (group, what) in [(CALLS, "calls"), (RUNNING, "running")] {
            titles.push(title("process_name", group, 0, json!({ "name": format!("{name}: {what}") })));
            titles.push(title("process_sort_index", group, 0, json!({ "sort_index": group })));
            for thread in &self.threads {
                titles.push(title("thread_name", group, *thread, json!({ "name": self.name_of(*thread) })));
            }
        }
        titles
    }
}

/// The name of a call by number, those of x86-64 Linux that the shim answers.
fn number(number: i64) -> String {
    match number {
        202 => "futex".into(),
        318 => "getrandom".into(),
        other => format!("syscall {other}"),
    }
}

#[cfg(test)]
mod tests;
