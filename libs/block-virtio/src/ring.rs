//! The requests that are on their way to the device, and those that are not in use.

use crate::request::{Data, Kind, Request};
use alloc::boxed::Box;
use alloc::vec::Vec;
use kit_iface_block::BlockError;
use kit_util_virtio::{AnyTransport, KitHal, VirtQueue};

/// Queue number (5.2.2).
const QUEUE: u16 = 0;
/// Header, data, status.
const DESCRIPTORS_OF_A_REQUEST: usize = 3;

/// A disk's queue. Behind a lock that the interrupt handler takes too.
pub(crate) struct Ring<const N: usize> {
    queue: VirtQueue<KitHal, N>,
    /// What is lent, by the number of the descriptor that it is lent under.
    lent: [Option<Lent>; N],
    /// Requests that nobody uses: a third of `N`, so that there are descriptors for each.
    free: Vec<&'static Request>,
}

struct Lent {
    request: &'static Request,
    kind: Kind,
    data: Data,
}

impl<const N: usize> Ring<N> {
    /// Sets the queue up. Its requests are never freed.
    pub fn new(transport: &mut AnyTransport) -> Result<Self, BlockError> {
        let queue = VirtQueue::new(transport, QUEUE, false, false).map_err(|_| BlockError::Failed)?;
        let count = N / DESCRIPTORS_OF_A_REQUEST;
        let (mut requests, mut free) = (Vec::new(), Vec::new());
        requests.try_reserve_exact(count).map_err(|_| BlockError::OutOfMemory)?;
        free.try_reserve_exact(count).map_err(|_| BlockError::OutOfMemory)?;
        requests.resize_with(count, Request::new);
        free.extend(&*Box::leak(requests.into_boxed_slice()));
        Ok(Self { queue, lent: [const { None }; N], free })
    }

    /// The number of the queue.
    pub const fn number() -> u16 {
        QUEUE
    }

    /// Whether a request could be lent now.
    pub fn has_room(&self) -> bool {
        !self.free.is_empty()
    }

    /// Lends a request to the device; `None` if all are lent. Whoever gets one waits for its outcome and then gives
    /// it back by [`Ring::release`].
    ///
    /// # Safety
    /// `data` is valid for the device's access, and nobody else touches it, until the request has an outcome.
    pub unsafe fn lend(&mut self, kind: Kind, sector: u64, data: Data) -> Option<&'static Request> {
        let request = self.free.pop()?;
        // SAFETY: a free request is in no ring, and was just taken by us alone. The device keeps the buffers until
        // `collect` takes them back; the caller answers for `data`, requests are never freed.
        let token = unsafe {
            request.prepare(kind, sector);
            request.with_buffers(kind, data, |inputs, outputs| self.queue.add(inputs, outputs))
        };
        // There are three descriptors for each request, so adding one cannot fail.
        let place = self.lent.get_mut(usize::from(token.ok()?))?;
        *place = Some(Lent { request, kind, data });
        Some(request)
    }

    /// Whether the device wants to be told of new requests.
    pub fn wants_doorbell(&self) -> bool {
        self.queue.should_notify()
    }

    /// Takes back what the device is done with, and calls `wake` with the key of each waiting thread.
    pub fn collect(&mut self, wake: impl Fn(usize)) {
        while let Some(token) = self.queue.peek_used() {
            let lent = self.lent.get_mut(usize::from(token)).and_then(Option::take);
            // A device that returns what it was not lent is broken; what it was lent never comes back.
            let Some(Lent { request, kind, data }) = lent else { return };
            // SAFETY: these are the buffers that were lent under this token, and the device has returned them.
            unsafe {
                let queue = &mut self.queue;
                let returned = request
                    .with_buffers(kind, data, |inputs, outputs| queue.pop_used(token, inputs, outputs));
                if returned.is_err() {
                    return;
                }
                request.conclude();
            }
            wake(request.key());
        }
    }

    /// Takes a request back whose outcome has been seen.
    pub fn release(&mut self, request: &'static Request) {
        // It came from here, so there is room.
        self.free.push(request);
    }
}
