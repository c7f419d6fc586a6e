//! An interrupt controller for host tests: one thread for each line waits for the descriptor and runs the handler.

use kit_iface_irq::{Handler, Irq, IrqError, Line, Message};
use kit_util_linux::{EpollEvent, PollEntry, create_epoll, epoll_add, epoll_wait, poll};

/// Lines of kind [`Line::Descriptor`]; they cannot be detached.
pub struct PumpIrq;

impl Irq for PumpIrq {
    fn attach(&self, line: Line, handler: Handler) -> Result<Message, IrqError> {
        let Line::Descriptor(descriptor) = line else { return Err(IrqError::NoSuchLine) };
        let epoll = create_epoll().map_err(|_| IrqError::Exhausted)?;
        let event = EpollEvent { events: (libc::EPOLLIN | libc::EPOLLET) as u32, data: 0 };
        epoll_add(epoll, descriptor, event).map_err(|_| IrqError::NoSuchLine)?;
        std::thread::spawn(move || {
            loop {
                let mut entry = [PollEntry { descriptor: epoll, events: libc::POLLIN, found: 0 }];
                let _ = poll(&mut entry, None);
                if epoll_wait(epoll, &mut [EpollEvent::default()]) == Ok(1) {
                    (handler.function)(handler.data);
                }
            }
        });
        Ok(Message::default())
    }

    fn detach(&self, _line: Line) {}
}
