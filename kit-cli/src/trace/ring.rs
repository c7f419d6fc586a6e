//! The recording as it is in memory, word by word: `libs/iface/trace/README.md` describes it.

use std::collections::BTreeMap;

/// "kittrace", and the version that this kit knows.
const MAGIC: &[u8; 8] = b"kittrace";
const VERSION: u64 = 1;
/// Words of the header, of a name, of an event.
const HEADER: usize = 8;
const NAME: usize = 3;
const EVENT: usize = 4;

/// A recording.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// Names of threads, by their numbers.
    pub names: BTreeMap<u32, String>,
    /// The events, in the order in which they were recorded.
    pub events: Vec<Event>,
    /// Events that were overwritten, or torn by the end of the run.
    pub lost: u64,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The monotonic clock.
    pub time_ns: u64,
    /// The thread that ran.
    pub thread: u32,
    /// What happened.
    pub what: What,
}

/// What happened; see `kit_iface_trace::Event`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the interface of the trace slot describes them")]
pub enum What {
    Run { thread: u32 },
    Idle,
    Wake { thread: u32 },
    Begin { name: String, argument: i64 },
    End { name: String, result: i64 },
    FrameIn { bytes: u64 },
    FrameOut { bytes: u64 },
    Gauge { name: String, value: u64 },
}

/// Reads a recording. `text` gives what is at an address of the image. `None` if this is none, or one of another
/// version.
pub fn read(memory: &[u8], text: &dyn Fn(u64, u64) -> Option<String>) -> Option<Recording> {
    let words: Vec<u64> =
        memory.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default())).collect();
    if memory.get(..MAGIC.len())? != MAGIC || words[1] != VERSION {
        return None;
    }
    let [capacity, names_kept, head] = [2, 3, 4].map(|at| words[at]);
    let names_kept = usize::try_from(names_kept).ok()?;
    let places = words.get(HEADER + names_kept.checked_mul(NAME)?..)?;
    let places = places.get(..usize::try_from(capacity).ok()?.checked_mul(EVENT)?)?;
    let names = words[HEADER..].chunks_exact(NAME).take(names_kept).filter_map(name).collect();
    let mut recording = Recording { names, lost: head.saturating_sub(capacity), ..Recording::default() };
    for number in recording.lost..head {
        let place = (number % capacity) as usize * EVENT;
        match event(&places[place..place + EVENT], number / capacity + 1, text) {
            Some(event) => recording.events.push(event),
            None => recording.lost += 1,
        }
    }
    Some(recording)
}

/// A thread's number and name. The number is stored plus one: zero is an empty place.
fn name(words: &[u64]) -> Option<(u32, String)> {
    let id = u32::try_from(words[0].checked_sub(1)?).ok()?;
    let bytes: Vec<u8> =
        words[1..].iter().flat_map(|word| word.to_le_bytes()).take_while(|byte| *byte != 0).collect();
    Some((id, String::from_utf8_lossy(&bytes).into_owned()))
}

/// An event, if it is of that round and whole.
fn event(words: &[u64], round: u64, text: &dyn Fn(u64, u64) -> Option<String>) -> Option<Event> {
    let &[time_ns, tag, a, b] = words else { return None };
    if tag >> 8 & 0xff_ffff != round & 0xff_ffff {
        return None;
    }
    let name = || text(a & 0xffff_ffff_ffff, a >> 48).unwrap_or_else(|| format!("{a:#x}"));
    let what = match tag & 0xff {
        2 => What::Run { thread: a as u32 },
        3 => What::Idle,
        4 => What::Wake { thread: a as u32 },
        5 => What::Begin { name: name(), argument: b as i64 },
        6 => What::End { name: name(), result: b as i64 },
        7 => What::FrameIn { bytes: a },
        8 => What::FrameOut { bytes: a },
        9 => What::Gauge { name: name(), value: b },
        _ => return None,
    };
    Some(Event { time_ns, thread: (tag >> 32) as u32, what })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring of two places with one name.
    fn memory(head: u64, places: [[u64; 4]; 2]) -> Vec<u8> {
        let mut words = vec![u64::from_le_bytes(*MAGIC), VERSION, 2, 1, head, 0, 0, 0];
        words.extend([8, u64::from_le_bytes(*b"worker-7"), 0]);
        words.extend(places.concat());
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn tag(kind: u64, round: u64, thread: u64) -> u64 {
        kind | round << 8 | thread << 32
    }

    fn text(address: u64, length: u64) -> Option<String> {
        (address == 0x1234).then(|| "openat"[..length as usize].to_string())
    }

    #[test]
    fn the_newest_round_is_read() {
        let begin = [50, tag(5, 2, 7), 0x1234 | 6 << 48, u64::MAX];
        let run = [40, tag(2, 1, 0), 7, 0];
        let recording = read(&memory(3, [begin, run]), &text).unwrap();
        assert_eq!(recording.names[&7], "worker-7");
        assert_eq!(recording.lost, 1);
        let expected = [
            Event { time_ns: 40, thread: 0, what: What::Run { thread: 7 } },
            Event { time_ns: 50, thread: 7, what: What::Begin { name: "openat".into(), argument: -1 } },
        ];
        assert_eq!(recording.events, expected);
    }

    #[test]
    fn a_place_that_was_being_written_is_lost() {
        let recording = read(&memory(2, [[40, tag(3, 1, 0), 0, 0], [50, 0, 1, 2]]), &text).unwrap();
        assert_eq!((recording.events.len(), recording.lost), (1, 1));
        // So is one of the round before, where the newer one has not got further than its claim.
        let recording =
            read(&memory(3, [[40, tag(3, 1, 0), 0, 0], [50, tag(3, 1, 0), 0, 0]]), &text).unwrap();
        assert_eq!((recording.events.len(), recording.lost), (1, 2));
    }

    #[test]
    fn nonsense_is_refused() {
        let good = memory(0, [[0; 4]; 2]);
        assert_eq!(read(&good, &text).unwrap().events, []);
        for cut in [0, 7, 40, 90, good.len() - 8] {
            assert_eq!(read(&good[..cut], &text), None, "{cut} bytes");
        }
        let mut other = good.clone();
        other[8] = 2;
        assert_eq!(read(&other, &text), None, "another version");
        let mut huge = good;
        huge[16..24].fill(0xff);
        assert_eq!(read(&huge, &text), None, "more places than memory");
    }
}
