//! Who on the wire has which address: what ARP (RFC 826) and neighbour discovery (RFC 4861) have found out.
//!
//! An entry that is asked for keeps the datagrams that wait for the answer (RFC 1122, 2.3.2.2). A known one is used
//! while it is asked for again, once it is older than [`REACHABLE_NS`]; if nobody confirms it, it is forgotten. That is
//! RFC 4861's unreachability detection without its intermediate states, for both families.

use crate::endpoint::{Ip, NOWHERE};
use crate::link::Mac;
use crate::pool::Queue;

/// RFC 4861, 10: REACHABLE_TIME.
const REACHABLE_NS: u64 = 30_000_000_000;
/// RFC 4861, 10: RETRANS_TIMER; RFC 1122, 2.3.2.1: no more than once a second.
const PAUSE_NS: u64 = 1_000_000_000;
/// RFC 4861, 10: MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT.
const MOST_TRIES: u8 = 3;

/// One machine on the wire. All zero is a free entry.
#[derive(Clone, Copy)]
struct Neighbour {
    ip: Ip,
    mac: Mac,
    /// `mac` is known.
    is_known: bool,
    /// Questions since the last answer.
    tries: u8,
    asked_ns: u64,
    confirmed_ns: u64,
    /// When it was used last, on the table's own clock.
    used: u32,
    waiting: Queue,
}

impl Neighbour {
    const FREE: Self = Self {
        ip: NOWHERE,
        mac: [0; 6],
        is_known: false,
        tries: 0,
        asked_ns: 0,
        confirmed_ns: 0,
        used: 0,
        waiting: Queue::EMPTY,
    };
}

/// What is to be done for a packet to a neighbour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// Send it there.
    At(Mac),
    /// Send it there, and ask there whether that is still right.
    Doubtful(Mac),
    /// Keep it, and ask everybody.
    Ask,
    /// Keep it: everybody has been asked.
    Asked,
}

/// What time has made due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Due {
    /// Ask for this address again.
    Ask(Ip),
    /// Nobody answers for it: what waits is lost.
    Lost(Queue),
}

/// Those that are known or asked for.
pub(crate) struct Neighbours<const COUNT: usize> {
    entries: [Neighbour; COUNT],
    clock: u32,
}

impl<const COUNT: usize> Neighbours<COUNT> {
    /// Nobody.
    pub const fn new() -> Self {
        Self { entries: [Neighbour::FREE; COUNT], clock: 0 }
    }

    fn entry(&mut self, ip: Ip) -> Option<&mut Neighbour> {
        self.entries.iter_mut().find(|entry| entry.ip == ip)
    }

    /// Looks up whom a packet to `ip` goes to. Makes an entry if there is none; what waited in the one that gives way
    /// comes back to be dropped.
    pub fn look_up(&mut self, ip: Ip, now: u64) -> (Found, Queue) {
        self.clock = self.clock.wrapping_add(1);
        let clock = self.clock;
        let Some(entry) = self.entry(ip) else {
            let lost = self.add(Neighbour { ip, tries: 1, asked_ns: now, ..Neighbour::FREE });
            return (Found::Ask, lost);
        };
        entry.used = clock;
        let found = if !entry.is_known {
            Found::Asked
        } else if now < entry.confirmed_ns + REACHABLE_NS {
            Found::At(entry.mac)
        } else if entry.tries == MOST_TRIES && now >= entry.asked_ns + PAUSE_NS {
            (entry.is_known, entry.tries, entry.asked_ns) = (false, 1, now);
            Found::Ask
        } else if entry.tries == 0 || now >= entry.asked_ns + PAUSE_NS {
            (entry.tries, entry.asked_ns) = (entry.tries + 1, now);
            Found::Doubtful(entry.mac)
        } else {
            Found::At(entry.mac)
        };
        (found, Queue::EMPTY)
    }

    /// What waits for `ip`.
    pub fn waiting(&mut self, ip: Ip) -> Option<&mut Queue> {
        self.entry(ip).map(|entry| &mut entry.waiting)
    }

    /// `ip` is at `mac`. An unknown one is only taken in if `is_wanted`: somebody asks for us, and will hear from us.
    /// Returns what can be sent now, and what is lost.
    pub fn heard(&mut self, ip: Ip, mac: Mac, is_wanted: bool, now: u64) -> (Queue, Queue) {
        let known = Neighbour { ip, mac, is_known: true, confirmed_ns: now, ..Neighbour::FREE };
        match self.entry(ip) {
            Some(entry) => {
                let (used, waiting) = (entry.used, entry.waiting);
                *entry = Neighbour { used, ..known };
                (waiting, Queue::EMPTY)
            }
            None if is_wanted => (Queue::EMPTY, self.add(known)),
            None => (Queue::EMPTY, Queue::EMPTY),
        }
    }

    /// The MAC that is known for `ip`, and whether an answer was asked for.
    pub fn known(&mut self, ip: Ip) -> Option<Option<Mac>> {
        self.entry(ip).map(|entry| entry.is_known.then_some(entry.mac))
    }

    /// Something that time has made due; call it until there is nothing.
    pub fn due(&mut self, now: u64) -> Option<Due> {
        let mut asked = self.entries.iter_mut().filter(|entry| entry.ip != NOWHERE && !entry.is_known);
        let entry = asked.find(|entry| now >= entry.asked_ns + PAUSE_NS)?;
        if entry.tries < MOST_TRIES {
            (entry.tries, entry.asked_ns) = (entry.tries + 1, now);
            return Some(Due::Ask(entry.ip));
        }
        let lost = entry.waiting;
        *entry = Neighbour::FREE;
        Some(Due::Lost(lost))
    }

    /// When something is due.
    pub fn deadline_ns(&self) -> Option<u64> {
        let asked = self.entries.iter().filter(|entry| entry.ip != NOWHERE && !entry.is_known);
        asked.map(|entry| entry.asked_ns + PAUSE_NS).min()
    }

    /// Puts an entry where none is, or where the one is that was used least recently, which is known if possible: what
    /// waits there is lost.
    fn add(&mut self, entry: Neighbour) -> Queue {
        let clock = self.clock;
        let age = |entry: &Neighbour| match entry {
            Neighbour { ip: NOWHERE, .. } => u64::MAX,
            Neighbour { is_known, used, .. } => {
                u64::from(clock.wrapping_sub(*used)) | u64::from(*is_known) << 32
            }
        };
        let Some(oldest) = self.entries.iter_mut().max_by_key(|entry| age(entry)) else {
            return Queue::EMPTY;
        };
        core::mem::replace(oldest, Neighbour { used: clock, ..entry }).waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: Mac = [2, 0, 0, 0, 0, 9];
    const SECOND: u64 = 1_000_000_000;

    fn ip(last: u8) -> Ip {
        crate::endpoint::of([10, 0, 0, last].into())
    }

    #[test]
    fn a_neighbour_is_asked_for_until_it_answers() {
        let mut table = Neighbours::<4>::new();
        assert_eq!(table.look_up(ip(1), 0).0, Found::Ask);
        assert_eq!(table.look_up(ip(1), 1).0, Found::Asked);
        assert_eq!((table.due(SECOND - 1), table.deadline_ns()), (None, Some(SECOND)));
        assert_eq!(table.due(SECOND), Some(Due::Ask(ip(1))));
        table.heard(ip(1), MAC, false, 2 * SECOND);
        assert_eq!(table.look_up(ip(1), 2 * SECOND).0, Found::At(MAC));
        assert_eq!(table.deadline_ns(), None);
    }

    #[test]
    fn silence_is_taken_for_an_answer_in_the_end() {
        let mut table = Neighbours::<4>::new();
        table.look_up(ip(1), 0);
        assert_eq!(table.due(SECOND), Some(Due::Ask(ip(1))));
        assert_eq!(table.due(2 * SECOND), Some(Due::Ask(ip(1))));
        assert!(matches!(table.due(3 * SECOND), Some(Due::Lost(_))));
        assert_eq!(table.due(4 * SECOND), None);
        assert_eq!(table.look_up(ip(1), 4 * SECOND).0, Found::Ask);
    }

    #[test]
    fn what_nobody_confirms_is_forgotten() {
        let mut table = Neighbours::<4>::new();
        table.heard(ip(1), MAC, true, 0);
        let at = |seconds: u64| seconds * SECOND;
        assert_eq!(table.look_up(ip(1), at(29)).0, Found::At(MAC));
        assert_eq!(table.look_up(ip(1), at(30)).0, Found::Doubtful(MAC));
        assert_eq!(table.look_up(ip(1), at(30) + 1).0, Found::At(MAC));
        assert_eq!(table.look_up(ip(1), at(31)).0, Found::Doubtful(MAC));
        assert_eq!(table.look_up(ip(1), at(32)).0, Found::Doubtful(MAC));
        assert_eq!(table.look_up(ip(1), at(33)).0, Found::Ask);
        table.heard(ip(1), MAC, false, at(33));
        assert_eq!(table.look_up(ip(1), at(34)).0, Found::At(MAC));
    }

    #[test]
    fn strangers_do_not_fill_the_table() {
        let mut table = Neighbours::<4>::new();
        for last in 1..=4 {
            table.heard(ip(last), MAC, true, 0);
        }
        table.look_up(ip(1), 0);
        table.heard(ip(9), MAC, false, 0);
        assert_eq!(table.known(ip(9)), None, "nobody wanted to know");
        table.look_up(ip(9), 0);
        assert_eq!(table.known(ip(9)), Some(None));
        assert_eq!(table.known(ip(1)), Some(Some(MAC)), "what was used stays");
    }
}
