//! The one place where a connection's state is looked at: sends what is due, compares with what the observer knows,
//! tells it, sets the timer.

use crate::engine::Core;
use crate::slot::{Body, Slot};
use crate::stream::{Connection, Flushed};
use kit_iface_net::{NetError, Readiness};
use kit_iface_netdev::NetDevice;
use smoltcp::socket::tcp::State;
use smoltcp::time::Instant;

impl<D: NetDevice> Core<D> {
    /// Settles a connection. `is_due` promises that there is something to send.
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
        let peer = connection.peer;
        let wanted = match flushed {
            Flushed::Until(at) | Flushed::Stalled(at) => at,
            Flushed::Blocked => None,
        };
        let wanted = [wanted, orphan_until].into_iter().flatten().min();
        self.timers.set(index, deadline, wanted);

        match flushed {
            Flushed::Until(_) => {}
            Flushed::Blocked => self.park_for_room(index),
            Flushed::Stalled(_) => self.park_for_neighbour(index, peer, now),
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
