//! The stack's state, and what moves it when nobody calls: timers, room in the device, news of the network.

use crate::addresses::Addresses;
use crate::dhcp::Dhcp;
use crate::discovery::Discovery;
use crate::endpoint::{Ip, NOWHERE, of};
use crate::icmp::Budget;
use crate::link::{BROADCAST, Link, Mac};
use crate::neighbours::{Due, Neighbours};
use crate::pool::{Pool, Queue};
use crate::sockets::Sockets;
use kit_iface_net::{NetError, Readiness};
use kit_iface_netdev::{Capabilities, NetDevice};
use kit_util_net::address::link_local;
use kit_util_net::random::Random;
use kit_util_net::resolver::NEWS;
use kit_util_net::settings::{Address, Settings};

/// How long a datagram that the device had no room for waits at least, if the device does not say.
const RETRY_NS: u64 = 20_000_000;

/// Everything that the stack's lock guards. All zero is a stack that has not started.
pub(crate) struct Engine<D: 'static, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize> {
    pub link: Link<D>,
    pub addresses: Addresses,
    pub neighbours: Neighbours<NEIGHBOURS>,
    pub sockets: Sockets<SOCKETS>,
    pub pool: Pool<DATAGRAMS>,
    pub dhcp: Dhcp,
    pub discovery: Discovery,
    pub errors: Budget,
    pub random: Random,
    /// The name server of the configuration, which wins over those of DHCP.
    pub fixed_name_server: Ip,
    /// Sockets wait for room in the device.
    pub is_blocked: bool,
    /// Something has become due before the worker looks again.
    pub wants_worker: bool,
    /// Observers that were told something since [`Engine::take_told`].
    told: u32,
}

impl<D: NetDevice, const SOCKETS: usize, const DATAGRAMS: usize, const NEIGHBOURS: usize>
    Engine<D, SOCKETS, DATAGRAMS, NEIGHBOURS>
{
    /// Not started.
    pub const fn new() -> Self {
        Self {
            link: Link::new(),
            addresses: Addresses::new(),
            neighbours: Neighbours::new(),
            sockets: Sockets::new(),
            pool: Pool::new(),
            dhcp: Dhcp::new(),
            discovery: Discovery::new(),
            errors: Budget::new(),
            random: Random::from_seed(0),
            fixed_name_server: NOWHERE,
            is_blocked: false,
            wants_worker: false,
            told: 0,
        }
    }

    /// Makes the stack what it is when the first socket is opened. `device` is there, or there is none.
    pub fn start(
        &mut self,
        settings: Settings,
        device: Option<(&'static D, Capabilities)>,
        now: u64,
    ) -> Result<(), NetError> {
        self.random = Random::new().map_err(|_| NetError::Down)?;
        self.fixed_name_server = settings.name_server.map_or(NOWHERE, of);
        let Some((device, capabilities)) = device else { return Ok(()) };
        self.link.attach(device, capabilities, self.random.next() as u16);
        self.addresses.link_local = link_local(capabilities.mac);
        match settings.address {
            Address::None => {}
            Address::Dhcp => {
                self.addresses.awaits_v4 = true;
                self.dhcp.start(now);
            }
            Address::Static { address, prefix_length } => {
                self.addresses.v4 = address.to_ipv6_mapped();
                self.addresses.prefix_length = prefix_length;
                if let Some(router) = settings.gateway {
                    self.addresses.router_v4 = of(router.into());
                }
            }
        }
        self.discovery.start(now);
        self.run_timers(now);
        Ok(())
    }

    /// Digests frames that the device has received, at most `most`. Returns how many there were.
    pub fn receive_frames(&mut self, device: &D, now: u64, most: u32) -> u32 {
        let mut count = 0;
        while count < most && device.receive(|frame| self.frame(frame, now)).is_some() {
            count += 1;
        }
        count
    }

    /// Does what time has made due.
    pub fn run_timers(&mut self, now: u64) {
        while let Some(due) = self.neighbours.due(now) {
            match due {
                Due::Ask(ip) => self.ask(ip, None),
                Due::Lost(queue) => self.lose(queue),
            }
        }
        self.run_dhcp(now);
        self.run_discovery(now);
    }

    /// When something is due next.
    pub fn deadline_ns(&self, now: u64) -> Option<u64> {
        let all = [self.neighbours.deadline_ns(), self.dhcp.deadline_ns(), self.discovery.deadline_ns()];
        // What could not be done for want of room is not tried again at once.
        all.into_iter().flatten().min().map(|at| at.max(now + RETRY_NS))
    }

    /// Tells those who wait for room in the device that there is some.
    pub fn unblock(&mut self) {
        if self.is_blocked && self.link.has_room() {
            self.is_blocked = false;
            self.tell_waiting();
        }
    }

    /// Tells all who were refused that asking again makes sense.
    pub fn tell_waiting(&mut self) {
        NEWS.tell();
        for index in 0..SOCKETS {
            if let Some(slot) = self.sockets.get(index)
                && core::mem::take(&mut slot.wants_room)
            {
                self.tell(index, Readiness::WRITABLE);
            }
        }
    }

    /// An address or a route was gained or lost.
    pub fn configured(&mut self) {
        self.tell_waiting();
    }

    /// Tells a socket's observer.
    pub fn tell(&mut self, index: usize, events: Readiness) {
        self.told += 1;
        if let Some(slot) = self.sockets.get(index) {
            slot.tell(events);
        }
    }

    /// How many observers were told something since the last call.
    pub fn take_told(&mut self) -> u32 {
        core::mem::take(&mut self.told)
    }

    /// Drops datagrams that nobody will get.
    pub fn lose(&mut self, mut queue: Queue) {
        if !queue.is_empty() {
            self.pool.clear(&mut queue);
            self.tell_waiting();
        }
    }

    /// Asks who has `ip`: the machine that had it, or everybody.
    pub fn ask(&mut self, ip: Ip, mac: Option<Mac>) {
        match crate::endpoint::is_v4(ip) {
            true => self.ask_by_arp(ip, mac.unwrap_or(BROADCAST)),
            false => self.solicit_neighbour(ip, mac),
        }
    }

    /// `ip` is at `mac`: sends what has waited for that.
    pub fn heard(&mut self, ip: Ip, mac: Mac, is_wanted: bool, now: u64) {
        let (mut waiting, lost) = self.neighbours.heard(ip, mac, is_wanted, now);
        self.lose(lost);
        let was_waiting = !waiting.is_empty();
        while let Some(index) = waiting.first() {
            self.send_kept(index, mac);
            self.pool.drop_first(&mut waiting);
        }
        if was_waiting {
            self.tell_waiting();
        }
    }
}
