//! An HTTP/1.1 client that checks what it reads: just what the tests need, on a plain `TcpStream`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long one answer may take.
const LIMIT: Duration = Duration::from_secs(20);

/// A connection that is kept alive.
pub struct Connection {
    reader: BufReader<TcpStream>,
}

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, with their values, in order.
    pub headers: Vec<(String, String)>,
    /// The body; chunks are joined.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, LIMIT)?;
        stream.set_read_timeout(Some(LIMIT))?;
        stream.set_write_timeout(Some(LIMIT))?;
        stream.set_nodelay(true)?;
        Ok(Self { reader: BufReader::new(stream) })
    }

    /// The socket itself, for tests that misbehave.
    pub fn stream(&mut self) -> &mut TcpStream {
        self.reader.get_mut()
    }

    /// Asks for `path`.
    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: kit\r\n\r\n"))
    }

    /// Posts a JSON body to `path`.
    pub fn post_json(&mut self, path: &str, body: &str) -> io::Result<Answer> {
        self.request("POST", path, &[("Content-Type", "application/json")], body)
    }

    /// Sends a request with any method, further headers and a body; `Host` and `Content-Length` come by themselves
    /// unless they are among `headers`.
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        let length = body.len().to_string();
        let own = [("Host", "kit"), ("Content-Length", length.as_str())];
        let own = own.iter().filter(|(name, _)| headers.iter().all(|(other, _)| other != name));
        for (name, value) in own.chain(headers) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        self.send(&format!("{head}\r\n{body}"))
    }

    fn send(&mut self, request: &str) -> io::Result<Answer> {
        self.stream().write_all(request.as_bytes())?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<Answer> {
        let status = self.line()?;
        let code = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut answer =
            Answer { status: code.ok_or_else(|| bad(&status))?, headers: Vec::new(), body: Vec::new() };
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| bad(&line))?;
            answer.headers.push((name.to_ascii_lowercase(), value.trim().to_string()));
        }
        if answer.header("transfer-encoding") == Some("chunked") {
            loop {
                let line = self.line()?;
                let length = usize::from_str_radix(&line, 16).map_err(|_| bad(&line))?;
                self.read(length, &mut answer.body)?;
                let end = self.line()?;
                if !end.is_empty() {
                    return Err(bad(&end));
                }
                if length == 0 {
                    break;
                }
            }
        } else if let Some(length) = answer.header("content-length") {
            let length = length.parse().map_err(|_| bad(length))?;
            self.read(length, &mut answer.body)?;
        }
        Ok(answer)
    }

    fn read(&mut self, length: usize, body: &mut Vec<u8>) -> io::Result<()> {
        let start = body.len();
        body.resize(start + length, 0);
        self.reader.read_exact(&mut body[start..])
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_string()),
            None => Err(bad(&line)),
        }
    }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not HTTP: {what:?}"))
}
