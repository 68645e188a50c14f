//! HTTP/1.1 as far as a load generator needs it: one exchange after the other on a connection that stays
//! open, each answer read whole.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// No answer that is measured here comes near.
const MOST_BYTES: usize = 1 << 20;

/// A connection that stays open.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Response<'a> {
    pub(crate) status: u16,
    headers: &'a str,
    pub(crate) body: &'a str,
}

const HEXADECIMAL: &[u8; 16] = b"0123456789ABCDEF";

/// Where the parts of an answer are among the bytes received.
struct Frame {
    status: u16,
    head: usize,
    whole: usize,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request as it is and reads its answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Response<'_>> {
        self.stream.write_all(request).await?;
        self.received.clear();
        let frame = loop {
            self.fill().await?;
            if let Some(frame) = Frame::parse(&self.received)? {
                break frame;
            }
        };
        while self.received.len() < frame.whole {
            self.fill().await?;
        }
        let Frame { status, head, whole } = frame;
        ensure!(self.received.len() == whole, "more came than the answer to one request");
        let (headers, body) = self.received.split_at(head);
        Ok(Response { status, headers: str::from_utf8(headers)?, body: str::from_utf8(body)? })
    }

    async fn fill(&mut self) -> Result<()> {
        let read = self.stream.read_buf(&mut self.received).await?;
        ensure!(read > 0, "the server hung up");
        ensure!(self.received.len() <= MOST_BYTES, "the answer is too long");
        Ok(())
    }
}

impl Frame {
    /// `None` while the head is not there whole.
    fn parse(received: &[u8]) -> Result<Option<Self>> {
        let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let head = end + 4;
        let text = str::from_utf8(received.get(..head).unwrap_or_default())?;
        let status = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
        let status = status.with_context(|| format!("not HTTP/1.1: {text}"))?;
        let body = match (find(text, "content-length"), status) {
            (Some(length), _) => length.parse()?,
            (None, 204 | 304) => 0,
            (None, _) => bail!("an answer without content-length: {text}"),
        };
        Ok(Some(Self { status, head, whole: head + body }))
    }
}

impl<'a> Response<'a> {
    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        find(self.headers, name)
    }

    /// Every header of this name.
    pub(crate) fn headers(&self, name: &'static str) -> impl Iterator<Item = &'a str> {
        all(self.headers, name)
    }

    /// Fails on any other status.
    pub(crate) fn expect(self, status: u16) -> Result<Self> {
        ensure!(
            self.status == status,
            "expected {status}, got {}: {}{}",
            self.status,
            self.headers,
            self.body
        );
        Ok(self)
    }
}

fn find<'a>(headers: &'a str, name: &str) -> Option<&'a str> {
    all(headers, name).next()
}

fn all<'a>(headers: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let pairs = headers.lines().skip(1).filter_map(|line| line.split_once(':'));
    pairs.filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// A request, written out once and sent many times.
pub(crate) struct Request(String);

impl Request {
    pub(crate) fn get(host: &str, target: &str) -> Self {
        Self(format!("GET {target} HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\n"))
    }

    pub(crate) fn post(host: &str, target: &str) -> Self {
        Self(format!("POST {target} HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\n"))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        for part in [name, ": ", value, "\r\n"] {
            self.0.push_str(part);
        }
        self
    }

    /// The request without a body.
    pub(crate) fn bytes(mut self) -> Vec<u8> {
        self.0.push_str("\r\n");
        self.0.into_bytes()
    }

    /// The request with a form (`application/x-www-form-urlencoded`).
    pub(crate) fn form(self, fields: &[(&str, &str)]) -> Vec<u8> {
        let body = encode(fields);
        let request = self
            .header("content-type", "application/x-www-form-urlencoded")
            .header("content-length", &body.len().to_string());
        let mut bytes = request.bytes();
        bytes.extend_from_slice(body.as_bytes());
        bytes
    }
}

/// Fields as a query or a form.
pub(crate) fn encode(fields: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                text.push(char::from(byte));
            } else {
                text.push('%');
                text.extend([byte >> 4, byte & 15].map(|digit| {
                    HEXADECIMAL.get(usize::from(digit)).map_or('0', |&digit| char::from(digit))
                }));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        for (received, frame) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", None),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", Some((200, 38, 40))),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", Some((200, 38, 40))),
            ("HTTP/1.1 204 No Content\r\n\r\n", Some((204, 27, 27))),
        ] {
            let parsed = Frame::parse(received.as_bytes()).expect("well formed");
            assert_eq!(parsed.map(|frame| (frame.status, frame.head, frame.whole)), frame, "{received}");
        }
    }

    #[test]
    fn an_answer_whose_end_is_unknown_is_refused() {
        for received in
            ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", "garbage\r\n\r\n"]
        {
            assert!(Frame::parse(received.as_bytes()).is_err(), "{received}");
        }
    }

    #[test]
    fn fields_are_written_as_a_form() {
        let fields = [("resource", "http://a/b"), ("scope", "openid hello")];
        assert_eq!(encode(&fields), "resource=http%3A%2F%2Fa%2Fb&scope=openid%20hello");
    }
}
