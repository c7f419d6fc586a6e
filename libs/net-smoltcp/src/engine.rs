//! The stack's state, and the engine that moves it: frames in, events out, timers.
//!
//! One rule keeps the cost of a segment independent of how many sockets there are: nothing here walks over all
//! of them. A frame finds its socket by hash, a socket that may have something to send is settled at once, and
//! time comes by the heap of [`crate::timers`].
//!
//! *Settling* a socket ([`Core::settle`]) is the one place where a connection's state is looked at: it sends what
//! is due, compares with what the observer knows, tells it, and sets the timer.

use crate::autoconfig::Autoconfig;
use crate::checksum;
use crate::config::{Config, Settings};
use crate::datagram;
use crate::links::{Links, Via};
use crate::packet::{self, Ends, Opens, Packet};
use crate::random::Random;
use crate::slot::{Body, Options, Slot, Slots, Socket};
use crate::stream::{Connection, Flushed, ORPHAN_TIMEOUT};
use crate::table::{Key, Table};
use crate::timers::{Deadline, Timers};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use kit_iface_net::{Family, NetError, Observer, Readiness};
use kit_iface_netdev::{Capabilities, NetDevice};
use smoltcp::iface::SocketSet;
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
    stalled: Vec<u32>,
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
        let options = Options {
            no_delay: false,
            keep_alive_ns: None,
            reuse_address: false,
            reuse_port: false,
            only_v6: false,
            broadcast: false,
            hop_limit: None,
            receive_bytes: self.config.tcp_receive_bytes as usize,
            send_bytes: self.config.tcp_send_bytes as usize,
        };
        let deadline = Deadline::default();
        Slot { family, observer, options, bound: None, error: None, deadline, is_parked: false, body }
    }

    /// Digests frames that the device has received, `most` at a time. Returns how many there were.
    pub fn receive_frames(&mut self, now: Instant, most: u32) -> u32 {
        let (device, mut count) = (self.device, 0);
        while count < most && device.receive(|frame| self.frame(now, frame)).is_some() {
            count += 1;
        }
        count
    }

    /// Delivers what this machine has sent to itself.
    pub fn drain_loopback(&mut self, now: Instant) {
        while let Some(packet) = self.links.next_loopback() {
            if let Packet::Tcp(ends, opens) = packet::at(&packet, 0) {
                self.segment(now, Via::Loopback, &packet, ends, opens);
            }
        }
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

    /// Remembers to try socket `index` again when the device has room, or when a neighbour has answered.
    pub fn park(&mut self, index: u32, is_blocked: bool) {
        if let Some(slot) = self.slots.get(index)
            && !core::mem::replace(&mut slot.is_parked, true)
        {
            if is_blocked { self.blocked.push(index) } else { self.stalled.push(index) }
        }
    }

    /// One Ethernet frame from the device. What fails its checksum has never arrived.
    fn frame(&mut self, now: Instant, frame: &[u8]) {
        let packet = packet::of_frame(frame);
        match packet {
            Packet::Tcp(Ends { local, offset, .. }, _) if !self.is_trusted => {
                let is_ipv4 = local.is_ipv4();
                if (is_ipv4 && !checksum::is_header_intact(frame, offset))
                    || !checksum::is_segment_intact(frame, is_ipv4, offset)
                {
                    return;
                }
            }
            Packet::Udp(Ends { local, offset, .. }) if !self.is_trusted && local.is_ipv4() => {
                if !checksum::is_header_intact(frame, offset) {
                    return;
                }
            }
            Packet::Ipv4(offset) if !self.is_trusted && !checksum::is_header_intact(frame, offset) => return,
            _ => {}
        }
        match packet {
            Packet::Tcp(ends, opens) => self.segment(now, Via::Device, frame, ends, opens),
            Packet::Udp(ends) => self.datagram_frame(now, frame, ends),
            Packet::Fragment => {}
            Packet::Ipv4(_) | Packet::Other => {
                self.refuse(now, Via::Device, frame);
                self.neighbour_heard(now, frame);
            }
        }
    }

    /// A TCP segment: to its connection, else to a listener, else to nobody.
    #[inline]
    fn segment(&mut self, now: Instant, via: Via, frame: &[u8], ends: Ends, opens: Opens) {
        let found = self.connected.find(Key::connection(ends.local, ends.remote)).next();
        match found {
            Some(index) if !opens => self.segment_for(index, now, via, frame),
            _ => self.first_segment(now, via, frame, ends, opens),
        }
    }

    /// A segment for the connection with this number.
    #[inline]
    fn segment_for(&mut self, index: u32, now: Instant, via: Via, frame: &[u8]) {
        let Some(Slot { body: Body::Connection(connection), .. }) = self.slots.get(index) else { return };
        // Nobody outside can take part in what this machine says to itself.
        if connection.via != via {
            return;
        }
        self.links.ingress(via, now, frame, connection.set());
        if connection.orphan_until.is_some() {
            heard_from_peer(connection, now);
        }
        self.settle(index, now, false);
    }

    /// A segment for no connection, or one that opens one.
    #[cold]
    fn first_segment(&mut self, now: Instant, via: Via, frame: &[u8], ends: Ends, opens: Opens) {
        let Ends { local, remote, .. } = ends;
        if opens {
            let known = self.connected.find(Key::connection(local, remote)).next();
            if let Some(index) = known {
                match self.slots.get(index) {
                    // A new connection between the same ends says that the old one is over for both.
                    Some(Slot { body: Body::Connection(connection), observer: None, .. })
                        if connection.state == State::TimeWait && connection.via == via =>
                    {
                        self.discard(index);
                    }
                    _ => return self.segment_for(index, now, via, frame),
                }
            }
            match self.open_child(via, local, remote) {
                Ok(Some(child)) => return self.segment_for(child, now, via, frame),
                Ok(None) => {}
                // No room for another connection: the peer will ask again.
                Err(()) => return,
            }
        }
        self.refuse(now, via, frame);
    }

    /// A UDP datagram from the device.
    fn datagram_frame(&mut self, now: Instant, frame: &[u8], ends: Ends) {
        let Ends { local, remote, offset } = ends;
        if self.autoconfig.wants(local.port()) {
            self.links.ingress(Via::Device, now, frame, self.autoconfig.set());
            return self.configure(now);
        }
        let everybody = self.links.is_broadcast(local.ip()) || local.ip().is_multicast();
        let is_ours = self.links.is_own(local.ip()) && !local.ip().is_loopback();
        if remote.ip().is_loopback() || !(everybody || is_ours) {
            return;
        }
        let Some(payload) = datagram::payload(frame, offset, (local, remote), self.is_trusted) else {
            return;
        };
        if !self.deliver(local, remote, payload, everybody) && !everybody {
            self.refuse(now, Via::Device, frame);
        }
    }

    /// Lets smoltcp answer a packet that no socket wants: a reset, "port unreachable", an ARP or echo reply.
    fn refuse(&mut self, now: Instant, via: Via, frame: &[u8]) {
        self.links.ingress(via, now, frame, &mut SocketSet::new(Vec::new()));
    }

    /// ARP and ICMPv6 teach us neighbours and routers.
    fn neighbour_heard(&mut self, now: Instant, frame: &[u8]) {
        if self.autoconfig.hear(&mut self.links, now, frame) {
            self.configured(now);
        }
        for index in core::mem::take(&mut self.stalled) {
            self.retry(index, now);
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
    fn configured(&mut self, now: Instant) {
        crate::resolver::NEWS.tell();
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

    fn retry(&mut self, index: u32, now: Instant) {
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

    /// See the module's description. `is_due` promises that there is something to send.
    #[inline]
    pub fn settle(&mut self, index: u32, now: Instant, is_due: bool) {
        let Some(slot) = self.slots.get(index) else { return };
        let Slot { body: Body::Connection(connection), error, deadline, .. } = slot else { return };

        let before = connection.state;
        let was_over = |state| matches!(state, State::Closed | State::LastAck | State::TimeWait);
        if connection.tcp().state() == State::Closed && !was_over(before) && connection.orphan_until.is_none()
        {
            *error = Some(if before == State::SynSent { NetError::Refused } else { NetError::Reset });
        }
        let flushed = connection.flush(&mut self.links, now, is_due);
        let socket = connection.tcp();
        let (state, received) = (socket.state(), socket.recv_queue());
        if state == State::Closed && !was_over(before) && error.is_none() {
            *error = Some(NetError::TimedOut);
        }

        let mut events = Readiness::default();
        if received > connection.received {
            events = Readiness::READABLE;
        }
        connection.received = received;
        connection.state = state;
        if state != before {
            events = events.with(transition(connection, before));
        }
        if connection.wants_room && connection.has_room_again() {
            connection.wants_room = false;
            events = events.with(Readiness::WRITABLE);
        }
        if error.is_some() {
            events = events.with(Readiness::ERROR);
        }

        let (parent, orphan_until) = (connection.parent, connection.orphan_until);
        let (wanted, park) = match flushed {
            Flushed::Until(at) => (at, None),
            Flushed::Blocked => (None, Some(true)),
            Flushed::Stalled(at) => (at, Some(false)),
        };
        let wanted = [wanted, orphan_until].into_iter().flatten().min();
        self.timers.set(index, deadline, wanted);

        if let Some(is_blocked) = park {
            self.park(index, is_blocked);
        }
        if let Some(parent) = parent {
            self.settle_child(index, parent, before, state);
        } else if orphan_until.is_some() {
            self.settle_orphan(index, before, state);
        } else if state == State::Closed && before == State::SynSent {
            self.connect_failed(index, events);
        } else if events != Readiness::default() {
            self.tell(index, events);
        }
    }

    /// A connection that nobody has accepted yet.
    fn settle_child(&mut self, index: u32, parent: u32, before: State, state: State) {
        let was_opening = matches!(before, State::Closed | State::Listen | State::SynReceived);
        let is_opening = state == State::SynReceived;
        if !was_opening || is_opening {
            return;
        }
        // SYN-RECEIVED falls back to LISTEN when the peer thinks better of it.
        let has_failed = matches!(state, State::Closed | State::Listen);
        if let Some(Slot { body: Body::Listener(listener), .. }) = self.slots.get(parent) {
            listener.opening -= 1;
            if !has_failed {
                listener.ready.push_back(index);
                self.tell(parent, Readiness::READABLE);
            }
        }
        if has_failed {
            self.discard(index);
        }
    }

    /// What remains of a connection whose socket is closed.
    fn settle_orphan(&mut self, index: u32, before: State, state: State) {
        let Some(Slot { body: Body::Connection(connection), .. }) = self.slots.get(index) else { return };
        // An aborted connection keeps its peer until the reset is sent.
        if state == State::Closed && connection.tcp().remote_endpoint().is_none() {
            self.discard(index);
        } else if state == State::TimeWait && before != State::TimeWait {
            self.enter_time_wait(index);
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

/// A peer that still answers may take its time with what a closed socket left behind.
#[cold]
fn heard_from_peer(connection: &mut Connection, now: Instant) {
    let socket = connection.tcp();
    match socket.state() {
        // RFC 2525, 2.17: data for a closed socket is answered by a reset.
        _ if socket.can_recv() => socket.abort(),
        State::FinWait1 | State::Closing | State::LastAck => {
            connection.orphan_until = Some(now + ORPHAN_TIMEOUT);
        }
        _ => {}
    }
}

/// What an observer is told when a stream is over in both directions.
pub(crate) const ENDED: Readiness =
    Readiness(Readiness::READABLE.0 | Readiness::WRITABLE.0 | Readiness::READ_CLOSED.0 | Readiness::CLOSED.0);

/// What a change of state means to an observer.
fn transition(connection: &mut Connection, before: State) -> Readiness {
    let mut events = Readiness::default();
    if matches!(before, State::SynSent | State::SynReceived) && connection.state == State::Established {
        connection.wants_room = false;
        events = events.with(Readiness::WRITABLE);
    }
    let peer_ended =
        matches!(connection.state, State::CloseWait | State::LastAck | State::Closing | State::TimeWait);
    if peer_ended && !core::mem::replace(&mut connection.has_ended, true) {
        events = events.with(Readiness::READABLE).with(Readiness::READ_CLOSED);
        if connection.write_shut {
            events = events.with(Readiness::CLOSED);
        }
    }
    if connection.state == State::Closed {
        events = events.with(ENDED);
    }
    events
}
