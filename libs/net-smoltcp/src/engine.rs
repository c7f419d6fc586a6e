//! The stack's state, and what moves it when nobody calls: timers, room in the device, news of the network.
//!
//! One rule keeps the cost of a segment independent of how many sockets there are: nothing walks over all of them.
//! A frame finds its socket by hash ([`crate::ingress`]), a socket that may have something to send is settled at once
//! ([`crate::settle`]), and time comes by the heap of [`crate::timers`].

use crate::autoconfig::Autoconfig;
use crate::config::Config;
use crate::links::Links;
use crate::settle::ENDED;
use crate::slot::{Body, Options, Slot, Slots, Socket};
use crate::table::Table;
use crate::timers::{Deadline, Timers};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::net::SocketAddr;
use kit_iface_net::{Family, NetError, Observer, Readiness};
use kit_iface_netdev::{Capabilities, NetDevice};
use kit_util_net::random::Random;
use kit_util_net::settings::Settings;
use smoltcp::socket::tcp::State;
use smoltcp::time::{Duration, Instant};

/// Everything that the stack's lock guards.
pub(crate) struct Core<D: NetDevice> {
    pub device: &'static D,
    pub config: Config,
    pub is_trusted: bool,
    pub links: Links<D>,
    pub slots: Slots,
    /// Connections, by both ends.
    pub connected: Table,
    /// Bound and listening sockets, by protocol and port.
    pub bound: Table,
    pub timers: Timers,
    pub random: Random,
    pub autoconfig: Autoconfig,
    /// Sockets with something to send that the device has no room for.
    blocked: Vec<u32>,
    /// Sockets whose next hop is not known yet.
    pub stalled: Vec<u32>,
    /// Closed connections in `TIME_WAIT`, the oldest first.
    time_wait: VecDeque<Socket>,
    /// Events since [`Core::take_events`].
    events: u32,
}

/// The ambient clock, as smoltcp counts.
pub(crate) fn now() -> Instant {
    Instant::from_micros((kit_iface_clock::monotonic_ns() / 1000) as i64)
}

impl<D: NetDevice> Core<D> {
    /// The stack as it is when its first socket is opened.
    pub fn new(
        device: &'static D,
        config: Config,
        settings: Settings,
        capabilities: Option<Capabilities>,
    ) -> Result<Self, NetError> {
        let mut random = Random::new().map_err(|_| NetError::Down)?;
        let now = now();
        let mut links = Links::new(device, capabilities, random.next(), now);
        let autoconfig = Autoconfig::new(settings, &mut links);
        let mut core = Self {
            device,
            config,
            is_trusted: capabilities.is_some_and(|capabilities| capabilities.checksum_offload),
            links,
            slots: Slots::new(config.sockets),
            connected: Table::new(random.next()),
            bound: Table::new(random.next()),
            timers: Timers::new(),
            random,
            autoconfig,
            blocked: Vec::new(),
            stalled: Vec::new(),
            time_wait: VecDeque::new(),
            events: 0,
        };
        core.configure(now);
        Ok(core)
    }

    /// A socket that has just been opened.
    pub fn new_slot(&self, family: Family, observer: Option<Observer>, body: Body) -> Slot {
        let (receive_bytes, send_bytes) = (self.config.tcp_receive_bytes, self.config.tcp_send_bytes);
        let options = Options::new(receive_bytes as usize, send_bytes as usize);
        let deadline = Deadline::default();
        Slot { family, observer, options, bound: None, error: None, deadline, is_parked: false, body }
    }

    /// Does what time has made due.
    pub fn run_timers(&mut self, now: Instant) {
        while let Some((at, index)) = self.timers.pop(now) {
            let deadline = match index {
                Autoconfig::INDEX => &mut self.autoconfig.deadline,
                _ => match self.slots.get(index) {
                    Some(slot) => &mut slot.deadline,
                    None => continue,
                },
            };
            if self.timers.is_due(index, deadline, at, now) {
                self.expire(index, now);
            }
        }
    }

    /// Tries again what the device had no room for.
    pub fn retry_blocked(&mut self, now: Instant) {
        if !self.blocked.is_empty() && self.device.can_transmit() {
            for index in core::mem::take(&mut self.blocked) {
                self.retry(index, now);
            }
        }
    }

    /// Whether sockets wait for room in the device.
    pub fn is_blocked(&self) -> bool {
        !self.blocked.is_empty()
    }

    /// How many observers were told something since the last call.
    pub fn take_events(&mut self) -> u32 {
        core::mem::take(&mut self.events)
    }

    /// Remembers to try socket `index` again when the device has room, or when the neighbour through whom `peer` is
    /// reached has answered; it is asked, if nobody has.
    pub fn park_for_neighbour(&mut self, index: u32, peer: SocketAddr, now: Instant) {
        self.links.ask_neighbour(now, peer.ip());
        self.park(index, false);
    }

    /// Remembers to try socket `index` again when the device has room.
    pub fn park_for_room(&mut self, index: u32) {
        self.park(index, true);
    }

    fn park(&mut self, index: u32, is_blocked: bool) {
        if let Some(slot) = self.slots.get(index)
            && !core::mem::replace(&mut slot.is_parked, true)
        {
            if is_blocked { self.blocked.push(index) } else { self.stalled.push(index) }
        }
    }

    /// Lets the automatic configuration act, and everybody who waits for it.
    pub fn configure(&mut self, now: Instant) {
        let has_changed = self.autoconfig.run(&mut self.links, now);
        let wanted = self.autoconfig.next(&mut self.links, now);
        self.timers.set(Autoconfig::INDEX, &mut self.autoconfig.deadline, wanted);
        if has_changed {
            self.configured(now);
        }
    }

    /// An address was gained or lost.
    pub fn configured(&mut self, now: Instant) {
        kit_util_net::resolver::NEWS.tell();
        let waiting: Vec<u32> = self
            .slots
            .iter()
            .filter(|(_, slot)| match &slot.body {
                Body::Waiting(_) => true,
                Body::Datagram(datagram) => datagram.wants_room || datagram.has_waiting(),
                _ => false,
            })
            .map(|(index, _)| index)
            .collect();
        for index in waiting {
            self.retry(index, now);
        }
    }

    pub fn retry(&mut self, index: u32, now: Instant) {
        let Some(slot) = self.slots.get(index) else { return };
        slot.is_parked = false;
        match slot.body {
            Body::Connection(_) => self.settle(index, now, false),
            Body::Datagram(_) => self.send_waiting(index, now),
            Body::Waiting(peer) => self.resume_connect(index, peer, now),
            _ => {}
        }
    }

    fn expire(&mut self, index: u32, now: Instant) {
        if index == Autoconfig::INDEX {
            return self.configure(now);
        }
        let Some(slot) = self.slots.get(index) else { return };
        match &mut slot.body {
            Body::Connection(connection) => {
                if connection.orphan_until.is_some_and(|until| until <= now) {
                    if connection.state == State::Closed {
                        return self.discard(index);
                    }
                    connection.tcp().abort();
                    connection.orphan_until = Some(now + Duration::from_secs(1));
                }
                self.settle(index, now, false);
            }
            Body::Waiting(_) => {
                slot.body = Body::Idle;
                slot.error = Some(NetError::TimedOut);
                self.tell(index, ENDED.with(Readiness::ERROR));
            }
            Body::Datagram(_) => self.send_waiting(index, now),
            _ => {}
        }
    }

    /// Counts a closed connection in, and the oldest out if there are too many.
    pub fn enter_time_wait(&mut self, index: u32) {
        self.time_wait.push_back(self.slots.name(index));
        while self.time_wait.len() > self.config.time_wait as usize {
            let Some(oldest) = self.time_wait.pop_front() else { return };
            if let Ok(Slot { body: Body::Connection(_), .. }) = self.slots.named(oldest) {
                self.discard(oldest.index);
            }
        }
    }

    /// Tells a socket's observer.
    pub fn tell(&mut self, index: u32, events: Readiness) {
        self.events += 1;
        if let Some(slot) = self.slots.get(index) {
            slot.tell(events);
        }
    }

    /// Forgets a socket without a word to anybody.
    pub fn discard(&mut self, index: u32) {
        self.connected.remove(index);
        self.bound.remove(index);
        self.slots.remove(index);
    }
}
