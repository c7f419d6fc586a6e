//! The wrapper as a [`NetDevice`].

use crate::alarm::Alarm;
use crate::fate::{Fate, Rates, corrupt};
use crate::lane::{Lane, copy, room};
use kit_iface_clock::monotonic_ns;
use kit_iface_netdev::{Capabilities, NetDevice, NetDeviceError};
use kit_util_sync::{Lazy, SleepLock};

/// A card `D` at a bad network.
pub struct Fault<D: 'static> {
    inner: &'static D,
    rates: Rates,
    running: Lazy<Running>,
}

struct Running {
    capabilities: Capabilities,
    incoming: SleepLock<Lane>,
    outgoing: SleepLock<Lane>,
    /// Absent if no frame is ever held back.
    alarm: Option<&'static Alarm>,
}

impl<D: NetDevice> Fault<D> {
    /// A bad network around `inner`.
    pub const fn new(inner: &'static D, rates: Rates) -> Self {
        Self { inner, rates, running: Lazy::new() }
    }

    #[cold]
    fn bring_up(&self) -> Result<Running, NetDeviceError> {
        let capabilities = self.inner.start()?;
        let alarm = match self.rates.hold_back() {
            true => Some(Alarm::start(self.event_key())?),
            false => None,
        };
        let [incoming, outgoing] = [0, 1].map(|number| SleepLock::new(Lane::new(self.rates, number)));
        Ok(Running { capabilities, incoming, outgoing, alarm })
    }

    /// Sends what is due, as far as the card has room, and sets the alarm for the rest.
    fn go_on(&self, running: &Running) {
        let Some(alarm) = running.alarm else { return };
        let mut outgoing = running.outgoing.lock();
        while self.inner.can_transmit()
            && let Some(frame) = outgoing.take_due(monotonic_ns())
        {
            self.inner.transmit(frame.len(), |to| to.copy_from_slice(&frame));
        }
        // Without room, the card itself wakes the stack when there is some.
        let has_room = self.inner.can_transmit();
        let out_ns = outgoing.next_due_ns().filter(|_| has_room);
        drop(outgoing);
        let in_ns = running.incoming.lock().next_due_ns();
        alarm.set([out_ns, in_ns].into_iter().flatten().min());
    }
}

impl Running {
    /// What becomes of a frame, in terms of what can be done to it here.
    fn fate(&self, lane: &SleepLock<Lane>) -> Fate {
        match lane.lock().next() {
            // A card that verifies checksums would not have let it through, and one that fills them in would hide it.
            Fate::Corrupt(_) if self.capabilities.checksum_offload => Fate::Drop,
            fate => fate,
        }
    }
}

impl<D: NetDevice> NetDevice for Fault<D> {
    fn start(&self) -> Result<Capabilities, NetDeviceError> {
        self.running.get_or_try(|| self.bring_up()).map(|running| running.capabilities)
    }

    fn receive<R>(&self, consume: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        let running = self.running.get()?;
        self.go_on(running);
        let (mut consume, mut result) = (Some(consume), None);
        loop {
            let due = running.incoming.lock().take_due(monotonic_ns());
            if let Some(mut frame) = due {
                result = consume.take().map(|consume| consume(&mut frame));
                break;
            }
            let has_passed = self.inner.receive(|frame| {
                let fate = running.fate(&running.incoming);
                if let Fate::Corrupt(which) = fate {
                    corrupt(frame, which);
                }
                if let Fate::Duplicate | Fate::Reorder | Fate::Delay = fate
                    && let Some(copy) = copy(frame)
                {
                    running.incoming.lock().hold(copy, fate, monotonic_ns());
                }
                let arrives = matches!(fate, Fate::Arrive | Fate::Corrupt(_) | Fate::Duplicate);
                if arrives {
                    result = consume.take().map(|consume| consume(frame));
                }
                arrives
            });
            match has_passed {
                Some(true) => {
                    running.incoming.lock().passed();
                    break;
                }
                Some(false) => {}
                None => break,
            }
        }
        self.go_on(running);
        result
    }

    fn transmit<R>(&self, frame_bytes: usize, fill: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
        let running = self.running.get()?;
        self.go_on(running);
        // What is lost or held back would have needed room as well.
        if !self.inner.can_transmit() {
            return None;
        }
        let fate = running.fate(&running.outgoing);
        let result = match fate {
            Fate::Arrive | Fate::Corrupt(_) | Fate::Duplicate => {
                let mut double = None;
                let result = self.inner.transmit(frame_bytes, |frame| {
                    let result = fill(frame);
                    match fate {
                        Fate::Corrupt(which) => corrupt(frame, which),
                        Fate::Duplicate => double = copy(frame),
                        _ => {}
                    }
                    result
                })?;
                let mut outgoing = running.outgoing.lock();
                outgoing.passed();
                if let Some(double) = double {
                    outgoing.hold(double, fate, monotonic_ns());
                }
                result
            }
            Fate::Drop | Fate::Reorder | Fate::Delay => {
                let mut frame = room(frame_bytes)?;
                let result = fill(&mut frame);
                if fate != Fate::Drop {
                    running.outgoing.lock().hold(frame, fate, monotonic_ns());
                }
                result
            }
        };
        self.go_on(running);
        Some(result)
    }

    fn can_transmit(&self) -> bool {
        self.running.get().is_some() && self.inner.can_transmit()
    }

    fn can_receive(&self) -> bool {
        let Some(running) = self.running.get() else { return false };
        self.inner.can_receive() || running.alarm.is_some_and(Alarm::is_due)
    }

    fn set_receive_interrupts(&self, enabled: bool) {
        self.inner.set_receive_interrupts(enabled);
    }

    fn event_key(&self) -> usize {
        self.inner.event_key()
    }
}
