//! As much of HTTP/1.1 as a page on the same machine needs: one request a connection, with limits on everything.
//!
//! The parser is `httparse`; what is here reads from the socket until it has a whole request.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};

/// Most bytes of a request line with its headers.
const HEAD_LIMIT: usize = 64 * 1024;
/// Most headers.
const HEADER_LIMIT: usize = 64;
/// Most bytes of a body: far more than a value of a symbol needs.
const BODY_LIMIT: usize = 256 * 1024;
/// Most bytes that are read from a peer that is not served, only for it to hear why.
const DRAIN_LIMIT: u64 = 1024 * 1024;

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, or another.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The pairs of the query, decoded.
    pub query: Vec<(String, String)>,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Reads one request. `Ok(None)`: the peer left without asking, as browsers do with spare connections.
    ///
    /// # Errors
    /// Those of the stream, and `InvalidData` with a sentence for what is no request or is too big.
    pub fn read(stream: &mut impl Read) -> io::Result<Option<Self>> {
        let mut received = Vec::new();
        let (mut request, body_at) = loop {
            if let Some(parsed) = Self::parse_head(&received)? {
                break parsed;
            }
            if received.len() > HEAD_LIMIT {
                return Err(invalid("the headers are too long"));
            }
            let mut chunk = [0; 4096];
            match stream.read(&mut chunk)? {
                0 if received.is_empty() => return Ok(None),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => received.extend_from_slice(&chunk[..count]),
            }
        };
        if request.header("transfer-encoding").is_some() {
            return Err(invalid("a body must have a Content-Length"));
        }
        let length = match request.header("content-length") {
            Some(length) => length.parse().map_err(|_| invalid("Content-Length is no number"))?,
            None => 0,
        };
        if length > BODY_LIMIT {
            return Err(invalid("the body is too long"));
        }
        request.body = received.split_off(body_at);
        request.body.truncate(length);
        let begun = request.body.len();
        request.body.resize(length, 0);
        stream.read_exact(&mut request.body[begun..])?;
        Ok(Some(request))
    }

    /// The request line and headers, and where the body begins, if `bytes` has all of them.
    fn parse_head(bytes: &[u8]) -> io::Result<Option<(Self, usize)>> {
        let mut headers = [httparse::EMPTY_HEADER; HEADER_LIMIT];
        let mut head = httparse::Request::new(&mut headers);
        let status = head.parse(bytes).map_err(|error| invalid(&error.to_string()))?;
        let httparse::Status::Complete(length) = status else {
            return Ok(None);
        };
        let (path, query) =
            head.path.unwrap_or_default().split_once('?').unwrap_or((head.path.unwrap_or_default(), ""));
        let named = |header: &httparse::Header| {
            (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned())
        };
        let request = Self {
            method: head.method.unwrap_or_default().to_string(),
            path: path.to_string(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: head.headers.iter().map(named).collect(),
            body: Vec::new(),
        };
        Ok(Some((request, length)))
    }
}

impl Response {
    /// An answer with a body.
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type, body: body.into() }
    }

    /// A sentence in plain text.
    pub fn text(status: u16, sentence: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", format!("{sentence}\n"))
    }

    /// Writes it. The page may load nothing but what this server sends, and nobody may frame it.
    pub fn write(&self, stream: &mut impl Write) -> io::Result<()> {
        let reason = match self.status {
            200 => "OK",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            _ => "Internal Server Error",
        };
        let head = format!(
            "HTTP/1.1 {} {reason}\r\n\
             Content-Type: {}\r\n\
             Content-Length: {}\r\n\
             Connection: close\r\n\
             Cache-Control: no-store\r\n\
             Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
             img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\
             Referrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\n\r\n",
            self.status,
            self.content_type,
            self.body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(&self.body)?;
        stream.flush()
    }
}

/// Answers a request that was not read to its end. To close with bytes unread would take the answer back.
pub fn dismiss(mut stream: TcpStream, response: &Response) {
    let _ = response.write(&mut stream);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = io::copy(&mut stream.take(DRAIN_LIMIT), &mut io::sink());
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes one at a time, as a slow peer does.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = usize::from(!self.0.is_empty() && !buffer.is_empty());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn reads_a_request_in_pieces() {
        let text = b"POST /api/set?q=a%20b&all=1 HTTP/1.1\r\nHost: 127.0.0.1:80\r\nContent-Length: 4\r\n\r\nbodyrest";
        let request = Request::read(&mut Slow(text)).unwrap().unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/api/set"));
        assert_eq!((request.parameter("q"), request.parameter("all")), (Some("a b"), Some("1")));
        assert_eq!(request.header("host"), Some("127.0.0.1:80"));
        assert_eq!(request.body, b"body");
        assert_eq!(Request::read(&mut &text[..]).unwrap().unwrap(), request);
    }

    #[test]
    fn refuses_what_is_no_request() {
        let refusal = |text: &[u8]| Request::read(&mut &text[..]).unwrap_err().to_string();
        assert_eq!(Request::read(&mut &b""[..]).unwrap(), None);
        assert_eq!(refusal(b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), "Content-Length is no number");
        assert_eq!(refusal(b"GET / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n"), "the body is too long");
        assert_eq!(
            refusal(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "a body must have a Content-Length"
        );
        let endless = [b"GET / HTTP/1.1\r\nA: ".as_slice(), &[b'a'; HEAD_LIMIT * 2]].concat();
        assert_eq!(refusal(&endless), "the headers are too long");
        assert!(Request::read(&mut &b"\x16\x03\x01 TLS"[..]).is_err());
        assert!(Request::read(&mut &b"GET / HTTP/1.1\r\n"[..]).is_err(), "it ends in the middle");
    }

    #[test]
    fn writes_an_answer() {
        let mut written = Vec::new();
        Response::text(404, "there is no such page").write(&mut written).unwrap();
        let text = String::from_utf8(written).unwrap();
        assert!(text.starts_with("HTTP/1.1 404 Not Found\r\n"), "{text}");
        assert!(text.contains("\r\nContent-Length: 22\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\nthere is no such page\n"), "{text}");
    }
}
