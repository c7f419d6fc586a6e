//! The fake's transfers: sending, receiving, ending, and what is possible now.

use super::state::{Role, Socket, State, Stream, tell};
use crate::{NetError, Readiness, Shutdown};
use core::net::SocketAddr;

/// Bytes that wait in one end of a stream; small, to be full soon.
const BUFFER_BYTES: usize = 4096;
/// Datagrams that wait in one socket; more are lost, as anywhere.
const MOST_DATAGRAMS: usize = 64;
/// RFC 768 and RFC 791: 65,535 less both headers.
const LARGEST_DATAGRAM: usize = 65_507;

impl State {
    pub fn send(&mut self, socket: usize, bytes: &[u8], to: Option<SocketAddr>) -> Result<usize, NetError> {
        let this = self.get(socket)?;
        if let Some(error) = this.error.take() {
            return Err(error);
        }
        match &this.role {
            Role::Datagram(_) => self.send_datagram(socket, bytes, to),
            Role::Stream(stream) if stream.write_shut || stream.is_reset => Err(NetError::Closed),
            Role::Stream(stream) if !stream.is_established => Err(NetError::WouldBlock),
            Role::Stream(Stream { other, .. }) => {
                let other = *other;
                // Nobody is left to read: what is sent now is answered by a reset.
                let Some((reader, observer)) = self.stream(other) else {
                    self.reset(Some(socket));
                    return Ok(bytes.len());
                };
                let count = bytes.len().min(BUFFER_BYTES - reader.received.len());
                reader.received.extend(&bytes[..count]);
                if count == 0 && !bytes.is_empty() {
                    return Err(NetError::WouldBlock);
                }
                tell(observer, Readiness::READABLE);
                Ok(count)
            }
            _ => Err(NetError::NotConnected),
        }
    }

    fn send_datagram(
        &mut self,
        socket: usize,
        bytes: &[u8],
        to: Option<SocketAddr>,
    ) -> Result<usize, NetError> {
        let Socket { role: Role::Datagram(datagram), .. } = self.get(socket)? else {
            return Err(NetError::Invalid);
        };
        let to = to.or(datagram.peer).ok_or(NetError::NoDestination)?;
        if bytes.len() > LARGEST_DATAGRAM {
            return Err(NetError::TooLarge);
        }
        self.bind_somewhere(socket)?;
        let to = SocketAddr::new(to.ip().to_canonical(), to.port());
        let local = self.get(socket)?.local.ok_or(NetError::Invalid)?;
        let ip = if local.ip().is_unspecified() { to.ip() } else { local.ip() };
        let from = SocketAddr::new(ip, local.port());
        let receiver = self.find(|other| match &other.role {
            Role::Datagram(datagram) => other.hears(to) && datagram.peer.is_none_or(|peer| peer == from),
            _ => false,
        });
        if let Some(receiver) = receiver
            && let Socket { role: Role::Datagram(datagram), observer, .. } = self.get(receiver)?
            && datagram.received.len() < MOST_DATAGRAMS
        {
            datagram.received.push_back((from, bytes.into()));
            tell(*observer, Readiness::READABLE);
        }
        let this = self.get(socket)?;
        if receiver.is_none()
            && let Role::Datagram(datagram) = &this.role
            && datagram.peer == Some(to)
        {
            this.error = Some(NetError::Refused);
            this.tell(Readiness::ERROR.with(Readiness::READABLE).with(Readiness::WRITABLE));
        }
        Ok(bytes.len())
    }

    pub fn receive(
        &mut self,
        socket: usize,
        buffer: &mut [u8],
        peek: bool,
    ) -> Result<(usize, SocketAddr), NetError> {
        let this = self.get(socket)?;
        let (count, from, writer) = match &mut this.role {
            Role::Datagram(datagram) => {
                let (from, bytes) = datagram.received.front().ok_or(NetError::WouldBlock)?;
                let (count, from) = (buffer.len().min(bytes.len()), *from);
                buffer[..count].copy_from_slice(&bytes[..count]);
                if !peek {
                    datagram.received.pop_front();
                }
                (count, from, None)
            }
            Role::Stream(stream) if !stream.received.is_empty() => {
                let was_full = stream.received.len() == BUFFER_BYTES;
                let count = buffer.len().min(stream.received.len());
                buffer.iter_mut().zip(&stream.received).for_each(|(place, byte)| *place = *byte);
                if !peek {
                    stream.received.drain(..count);
                }
                (count, stream.peer_address, stream.other.filter(|_| was_full && !peek))
            }
            Role::Stream(stream) => {
                if let Some(error) = this.error.take() {
                    return Err(error);
                }
                let is_over = stream.has_ended || stream.read_shut || stream.is_reset;
                return if is_over { Ok((0, stream.peer_address)) } else { Err(NetError::WouldBlock) };
            }
            _ => return Err(this.error.take().unwrap_or(NetError::NotConnected)),
        };
        if let Some((_, observer)) = self.stream(writer) {
            tell(observer, Readiness::WRITABLE);
        }
        let from = self.get(socket)?.shown(from);
        Ok((count, from))
    }

    pub fn shutdown(&mut self, socket: usize, how: Shutdown) -> Result<(), NetError> {
        let (read, write) = (how != Shutdown::Write, how != Shutdown::Read);
        let this = self.get(socket)?;
        let stream = match &mut this.role {
            Role::Datagram(datagram) if datagram.peer.is_some() => {
                datagram.is_shut = true;
                return Ok(());
            }
            Role::Stream(stream) if stream.is_established => stream,
            _ => return Err(NetError::NotConnected),
        };
        stream.read_shut |= read;
        let other = stream.other.filter(|_| write && !stream.write_shut);
        stream.write_shut |= write;
        this.tell(Readiness::READABLE.with(Readiness::WRITABLE));
        if let Some((reader, observer)) = self.stream(other) {
            reader.has_ended = true;
            let over = if reader.write_shut { Readiness::CLOSED } else { Readiness::default() };
            tell(observer, Readiness::READABLE.with(Readiness::READ_CLOSED).with(over));
        }
        Ok(())
    }

    pub fn readiness(&mut self, socket: usize) -> Readiness {
        let Ok(this) = self.get(socket) else { return Readiness::default() };
        let error = this.error.map_or(Readiness::default(), |_| {
            Readiness::ERROR.with(Readiness::READABLE).with(Readiness::WRITABLE)
        });
        let pick = |holds, readiness| if holds { readiness } else { Readiness::default() };
        let readiness = match &this.role {
            Role::Idle => Readiness::WRITABLE.with(Readiness::CLOSED),
            Role::Listener { ready, .. } => pick(!ready.is_empty(), Readiness::READABLE),
            Role::Datagram(datagram) => {
                pick(!datagram.received.is_empty(), Readiness::READABLE).with(Readiness::WRITABLE)
            }
            Role::Stream(stream) if !stream.is_established && !stream.is_reset => Readiness::default(),
            Role::Stream(stream) => {
                let read_over = stream.has_ended || stream.read_shut || stream.is_reset;
                let write_over = stream.write_shut || stream.is_reset;
                let known = pick(read_over || !stream.received.is_empty(), Readiness::READABLE)
                    .with(pick(read_over, Readiness::READ_CLOSED))
                    .with(pick(read_over && write_over, Readiness::CLOSED));
                let other = stream.other;
                let has_room =
                    self.stream(other).is_none_or(|(reader, _)| reader.received.len() < BUFFER_BYTES);
                known.with(pick(write_over || has_room, Readiness::WRITABLE))
            }
        };
        readiness.with(error)
    }
}
