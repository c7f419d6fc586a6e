//! Who may ask: only the page that was opened from the address that was printed.
//!
//! Every program and every web page on the machine can reach a port of 127.0.0.1. Three checks keep them out: a
//! random token that is in the printed address and that the page sends with each call, the `Host` header (against
//! a name that an attacker makes resolve to 127.0.0.1), and the `Origin` header (against a foreign page).

use std::net::SocketAddr;

use super::http::{Request, Response};

/// The header in which the page sends the token.
pub const TOKEN_HEADER: &str = "x-kit-token";

/// What a request must prove.
pub struct Guard {
    token: String,
    hosts: [String; 2],
}

impl Guard {
    /// For a server at `address`, with a new token of 128 random bits.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new(address: SocketAddr) -> std::io::Result<Self> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(std::io::Error::other)?;
        let token = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self::with_token(address, token))
    }

    fn with_token(address: SocketAddr, token: String) -> Self {
        Self { token, hosts: [address.to_string(), format!("localhost:{}", address.port())] }
    }

    /// The address to open. The token stands behind `#`, so the browser does not send it and no log has it.
    pub fn url(&self) -> String {
        format!("http://{}/#token={}", self.hosts[0], self.token)
    }

    /// The answer for a request that may not be served.
    pub fn refuse(&self, request: &Request) -> Option<Response> {
        let is_ours = |host: &str| self.hosts.iter().any(|own| own == host);
        if !request.header("host").is_some_and(is_ours) {
            return Some(Response::text(403, "this server answers for 127.0.0.1 only"));
        }
        if let Some(origin) = request.header("origin")
            && !origin.strip_prefix("http://").is_some_and(is_ours)
        {
            return Some(Response::text(403, "another page may not use this server"));
        }
        let is_api = request.path.starts_with("/api/");
        if is_api && !request.header(TOKEN_HEADER).is_some_and(|token| is_same(token, &self.token)) {
            return Some(Response::text(
                403,
                "open the address that `kit config web` printed: it has the token",
            ));
        }
        None
    }
}

/// Compares without telling by its time how much is the same.
fn is_same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(path: &str, headers: &[(&str, &str)]) -> Option<u16> {
        let guard = Guard::with_token("127.0.0.1:8000".parse().unwrap(), "00ff".into());
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let request = Request { method: "GET".into(), path: path.into(), headers, ..Request::default() };
        guard.refuse(&request).map(|response| response.status)
    }

    #[test]
    fn tokens_differ() {
        let address = "127.0.0.1:8000".parse().unwrap();
        let urls = [Guard::new(address).unwrap().url(), Guard::new(address).unwrap().url()];
        assert_ne!(urls[0], urls[1]);
        assert_eq!(urls[0].len(), "http://127.0.0.1:8000/#token=".len() + 32);
    }

    #[test]
    fn lets_in_the_page_and_nobody_else() {
        let host = ("host", "127.0.0.1:8000");
        let token = (TOKEN_HEADER, "00ff");
        assert_eq!(status("/", &[host]), None);
        assert_eq!(status("/", &[("host", "localhost:8000")]), None);
        assert_eq!(status("/", &[("host", "evil.example:8000")]), Some(403));
        assert_eq!(status("/", &[]), Some(403));
        assert_eq!(status("/api/state", &[host]), Some(403));
        assert_eq!(status("/api/state", &[host, (TOKEN_HEADER, "00fe")]), Some(403));
        assert_eq!(status("/api/state", &[host, token]), None);
        assert_eq!(status("/api/state", &[host, token, ("origin", "http://127.0.0.1:8000")]), None);
        assert_eq!(status("/api/state", &[host, token, ("origin", "http://evil.example")]), Some(403));
        assert_eq!(status("/api/state", &[host, token, ("origin", "null")]), Some(403));
    }
}
