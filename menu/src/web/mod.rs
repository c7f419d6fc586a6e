//! `kit config web`: the model in a browser on the same machine.
//!
//! One page without a build step ([`page`]), an interface of JSON beneath `/api/` ([`api`]), and the checks of who
//! may use it ([`guard`]). The page decides nothing about values: it shows what a [`Session`] says and asks it for
//! changes. Several tabs may be open; they look at the same session.

mod api;
mod graph;
mod guard;
mod http;
mod neighbours;
mod page;
mod view;

use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::session::Session;
use api::Api;
use guard::Guard;
use http::{Request, Response};

/// How long a peer may take to ask, and how long to read the answer.
const PEER_LIMIT: Duration = Duration::from_secs(10);
/// Most connections at a time. A page needs six.
const CONNECTIONS: usize = 64;
/// How long to wait when the system has no descriptor for another connection.
const BREATH: Duration = Duration::from_millis(50);

/// A server that has its port and waits to be run.
pub struct Server {
    listener: TcpListener,
    guard: Guard,
    api: Mutex<Api>,
    stopper: Stopper,
}

/// Ends a [`Server`] from another thread.
#[derive(Clone)]
pub struct Stopper {
    address: SocketAddr,
    is_done: Arc<AtomicBool>,
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Whether the person closed it on the page, having been asked about changes.
    pub is_closed: bool,
    /// Whether there are changes that were not saved.
    pub is_changed: bool,
}

impl Server {
    /// Takes a port of 127.0.0.1; 0 takes any.
    ///
    /// # Errors
    /// The port is taken, or the system has no random numbers for the token.
    pub fn bind(session: Session, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let stopper = Stopper { address, is_done: Arc::default() };
        Ok(Self { listener, guard: Guard::new(address)?, api: Mutex::new(Api::new(session)), stopper })
    }

    /// The address to open in a browser. Whoever knows it can change the configuration.
    pub fn url(&self) -> String {
        self.guard.url()
    }

    /// What ends it from another thread, such as one that waits for a signal.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Serves until the page or a [`Stopper`] says that it is done. What goes wrong with one peer ends that
    /// connection only.
    pub fn run(self) -> Ended {
        let server = Arc::new(self);
        while !server.stopper.is_done.load(Ordering::Acquire) {
            match server.listener.accept() {
                // Each connection holds one reference; whoever opens too many is not served.
                Ok(_) if Arc::strong_count(&server) > CONNECTIONS => {}
                Ok((stream, _)) => {
                    let server = Arc::clone(&server);
                    // A browser opens connections ahead of need and leaves them idle; none may hold up another.
                    thread::spawn(move || server.serve(stream));
                }
                Err(_) => thread::sleep(BREATH),
            }
        }
        // Waits for a save that has begun.
        let api = server.api.lock().unwrap_or_else(PoisonError::into_inner);
        Ended { is_closed: api.is_closed(), is_changed: api.is_changed() }
    }

    /// One connection: one request, one answer. A peer that leaves early hurts nobody.
    fn serve(&self, mut stream: TcpStream) {
        if stream.set_write_timeout(Some(PEER_LIMIT)).is_err() {
            return;
        }
        let request =
            match Request::read(&mut Patient { stream: &stream, until: Instant::now() + PEER_LIMIT }) {
                Ok(Some(request)) => request,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    return http::dismiss(stream, &Response::text(400, &error.to_string()));
                }
                Ok(None) | Err(_) => return,
            };
        let response = self.answer(&request);
        let _ = response.write(&mut stream);
        if self.api.lock().unwrap_or_else(PoisonError::into_inner).is_closed() {
            self.stopper.stop();
        }
    }

    fn answer(&self, request: &Request) -> Response {
        if let Some(refusal) = self.guard.refuse(request) {
            return refusal;
        }
        if request.path.starts_with("/api/") {
            return self.api.lock().unwrap_or_else(PoisonError::into_inner).answer(request);
        }
        page::file(request).unwrap_or_else(|| Response::text(404, "there is no such page"))
    }
}

/// A stream that is read until a point in time: a peer that sends a byte now and then is not waited for for ever.
struct Patient<'a> {
    stream: &'a TcpStream,
    until: Instant,
}

impl Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(buffer)
    }
}

impl Stopper {
    /// Ends the server.
    pub fn stop(&self) {
        self.is_done.store(true, Ordering::Release);
        // `accept` has to return for the loop to see it.
        let _ = TcpStream::connect(self.address);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::session::fixture::{SYSTEM, session};

    /// A server in a thread of its own.
    fn start() -> (SocketAddr, String, Stopper, thread::JoinHandle<Ended>) {
        let server = Server::bind(session(SYSTEM, ""), 0).unwrap();
        let (address, stopper) = (server.stopper.address, server.stopper());
        let token = server.url().split_once("#token=").unwrap().1.to_string();
        (address, token, stopper, thread::spawn(|| server.run()))
    }

    fn try_ask(address: SocketAddr, token: &str, line: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        let head = format!(
            "{line} HTTP/1.1\r\nHost: {address}\r\nX-Kit-Token: {token}\r\nContent-Type: application/json\r\n"
        );
        stream.write_all(format!("{head}Content-Length: 2\r\n\r\n{{}}").as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    #[track_caller]
    fn ask(address: SocketAddr, token: &str, line: &str) -> String {
        try_ask(address, token, line).unwrap()
    }

    #[test]
    fn serves_the_page_and_the_calls_and_ends_when_it_is_closed() {
        let (address, token, _, server) = start();
        assert!(ask(address, "", "GET /").contains("<!doctype html>"));
        assert!(ask(address, &token, "GET /api/state").contains("\"title\":\"System\""));
        assert!(ask(address, "", "GET /api/state").starts_with("HTTP/1.1 403 "));
        assert!(ask(address, &token, "GET /nothing").starts_with("HTTP/1.1 404 "));
        assert!(ask(address, &token, "POST /api/quit").ends_with("{}"));
        assert_eq!(server.join().unwrap(), Ended { is_closed: true, is_changed: false });
    }

    #[test]
    fn peers_that_say_nothing_hold_up_nobody() {
        let (address, token, stopper, server) = start();
        let idle: Vec<_> = (0..CONNECTIONS / 2).map(|_| TcpStream::connect(address).unwrap()).collect();
        assert!(ask(address, &token, "GET /api/state").starts_with("HTTP/1.1 200 "));
        drop(idle);
        stopper.stop();
        assert_eq!(server.join().unwrap(), Ended { is_closed: false, is_changed: false });
    }

    #[test]
    fn who_opens_too_many_is_not_served_until_some_have_gone() {
        let (address, token, stopper, server) = start();
        let idle: Vec<_> = (0..CONNECTIONS).map(|_| TcpStream::connect(address).unwrap()).collect();
        let mut one_more = TcpStream::connect(address).unwrap();
        assert!(matches!(one_more.read(&mut [0; 1]), Ok(0) | Err(_)), "it is closed at once");
        drop(idle);
        // The threads see it when the system tells them.
        while !try_ask(address, &token, "GET /").is_ok_and(|answer| answer.contains("<!doctype html>")) {
            thread::sleep(BREATH);
        }
        stopper.stop();
        server.join().unwrap();
    }
}
