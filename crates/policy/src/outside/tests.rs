//! Looking up, against a server on loopback.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use sekisho_core::policy::lookup::{Finding, Lookup};
use sekisho_outbound::{Naming, Options, Resolve, Resolving};
use sekisho_protocol::Timestamp;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::Outside;

/// Answers every request alike and keeps what was asked.
pub(super) struct Stub {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    /// `head` is the status and what stands between it and the body's length.
    pub(super) async fn start(head: &str, body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (kept, length) = (requests.clone(), body.len());
        let answer =
            format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = [0; 4096];
                let mut text = String::new();
                while !is_whole(&text) {
                    let read = stream.read(&mut bytes).await.expect("a request");
                    text.push_str(&String::from_utf8_lossy(&bytes[..read]));
                }
                kept.lock().expect("no panic").push(text);
                stream.write_all(answer.as_bytes()).await.expect("an answer");
            }
        });
        Self { port, requests }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/asked", self.port)
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().expect("a number"))
}

const JSON: &str = "200 OK\r\ncontent-type: application/json";
pub(super) const NOW: Timestamp = Timestamp(1_767_225_600_000);

pub(super) fn outside(allow: &[&str]) -> Outside {
    let allow = allow.iter().map(|text| text.parse().expect("an exception")).collect();
    Outside::new(Options { allow, ..Options::default() }).expect("TLS")
}

async fn intent(outside: &Outside, stub: &Stub) -> Finding {
    let lookup =
        Lookup::Intent { endpoint: stub.url(), intent_id: "i-1".to_owned(), client_id: "c\"1".to_owned() };
    outside.look_up(&lookup, NOW).await
}

/// Its answer would tell an administrator of one realm what listens inside.
#[tokio::test]
async fn the_keeper_of_intents_is_not_asked_inside_unless_the_operator_lets_it() {
    for (allow, asked) in [(&[][..], 0), (&["192.0.2.1"], 0), (&["127.0.0.1"], 1)] {
        let stub = Stub::start(JSON, r#"{"is_bound": true}"#).await;
        let expected = if asked == 0 { Finding::Failed } else { Finding::Bound(true) };
        assert_eq!(intent(&outside(allow), &stub).await, expected, "{allow:?}");
        assert_eq!(stub.requests().len(), asked, "{allow:?}");
    }
}

#[tokio::test]
async fn the_keeper_of_intents_says_whose_they_are() {
    for (head, body, expected) in [
        (JSON, r#"{"is_bound": true}"#, Finding::Bound(true)),
        (JSON, r#"{"is_bound": false}"#, Finding::Bound(false)),
        (JSON, r#"{"is_bound": "true"}"#, Finding::Failed),
        (JSON, "{}", Finding::Failed),
        (JSON, "[]", Finding::Failed),
        (
            "500 Internal Server Error\r\ncontent-type: application/json",
            r#"{"is_bound": true}"#,
            Finding::Failed,
        ),
        ("200 OK\r\ncontent-type: text/html", r#"{"is_bound": true}"#, Finding::Failed),
    ] {
        let stub = Stub::start(head, body).await;
        assert_eq!(intent(&outside(&["127.0.0.1"]), &stub).await, expected, "{head} {body}");
        let [request] = stub.requests().try_into().expect("one request");
        assert!(request.starts_with("POST /asked HTTP/1.1\r\n"), "{request}");
        let (_, sent) = request.split_once("\r\n\r\n").expect("a body");
        let sent: serde_json::Value = serde_json::from_str(sent).expect("JSON");
        assert_eq!(sent, json!({"intent_id": "i-1", "client_id": "c\"1"}));
    }
}

#[tokio::test]
async fn an_endpoint_that_is_none_is_not_asked() {
    for endpoint in ["", "not a url", "ftp://127.0.0.1/", "http://127.0.0.1:1/"] {
        let lookup = Lookup::Intent {
            endpoint: endpoint.to_owned(),
            intent_id: String::new(),
            client_id: String::new(),
        };
        let outside = outside(&["127.0.0.1"]);
        assert_eq!(outside.look_up(&lookup, NOW).await, Finding::Failed, "{endpoint}");
    }
}

async fn document(outside: &Outside, stub: &Stub, at: Timestamp) -> Finding {
    outside.look_up(&Lookup::ClientMetadata { url: stub.url() }, at).await
}

fn found(body: &str) -> Finding {
    Finding::Document(serde_json::from_str(body).expect("an object"))
}

#[tokio::test]
async fn a_document_is_a_small_json_object() {
    let body = r#"{"client_id": "x"}"#;
    let (fits, large) = (padded(5000), padded(5001));
    for (head, body, expected) in [
        (JSON, body, found(body)),
        ("200 OK\r\ncontent-type: application/json; charset=utf-8", body, found(body)),
        ("200 OK\r\ncontent-type: application/client+json", body, found(body)),
        (JSON, fits.as_str(), found(&fits)),
        (JSON, large.as_str(), Finding::Failed),
        (JSON, "[]", Finding::Failed),
        (JSON, "", Finding::Failed),
        ("200 OK\r\ncontent-type: text/plain", body, Finding::Failed),
        ("404 Not Found\r\ncontent-type: application/json", body, Finding::Failed),
        ("302 Found\r\ncontent-type: application/json\r\nlocation: /other", body, Finding::Failed),
    ] {
        let stub = Stub::start(head, body).await;
        let finding = document(&outside(&["127.0.0.1"]), &stub, NOW).await;
        assert_eq!(finding, expected, "{head} {body:.40}");
        assert_eq!(stub.requests().len(), 1, "{head}");
    }
}

/// An object of so many bytes.
fn padded(length: usize) -> String {
    let frame = r#"{"name": ""}"#.len();
    format!(r#"{{"name": "{}"}}"#, "n".repeat(length - frame))
}

/// Attack 45: a client names an address of our own network.
#[tokio::test]
async fn a_document_is_not_fetched_from_inside_unless_that_is_allowed() {
    let stub = Stub::start(JSON, "{}").await;
    assert_eq!(document(&outside(&[]), &stub, NOW).await, Finding::Failed);
    assert_eq!(document(&outside(&["10.0.0.0/8"]), &stub, NOW).await, Finding::Failed);
    assert!(stub.requests().is_empty());
    assert_eq!(document(&outside(&["127.0.0.0/8"]), &stub, NOW).await, found("{}"));
}

#[tokio::test]
async fn a_document_is_fetched_once_within_its_life() {
    for (cache_control, fresh, stale) in [
        ("max-age=3600", 3599, 3600),
        ("public, max-age=3600", 3599, 3600),
        ("no-store", 299, 300),
        ("max-age=1", 299, 300),
        ("max-age=99999999", 259_199, 259_200),
        ("max-age=soon", 299, 300),
    ] {
        let stub = Stub::start(&format!("{JSON}\r\ncache-control: {cache_control}"), "{}").await;
        let outside = outside(&["127.0.0.1"]);
        for (later, requests) in [(0, 1), (fresh, 1), (stale, 2)] {
            let finding = document(&outside.clone(), &stub, NOW.plus_seconds(later)).await;
            assert_eq!(finding, found("{}"), "{cache_control} {later}");
            assert_eq!(stub.requests().len(), requests, "{cache_control} {later}");
        }
    }
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let stub = Stub::start("404 Not Found\r\ncache-control: max-age=3600", "{}").await;
    let outside = outside(&["127.0.0.1"]);
    for requests in 1..=2 {
        assert_eq!(document(&outside, &stub, NOW).await, Finding::Failed);
        assert_eq!(stub.requests().len(), requests);
    }
}

/// Knows one host.
struct OneHost;

const ADDRESS: &str = "192.0.2.7";

impl Resolve for OneHost {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            if host != "host.example" {
                return Err(std::io::ErrorKind::NotFound.into());
            }
            Ok(vec![ADDRESS.parse().expect("an address")])
        })
    }

    fn name_of(&self, address: IpAddr) -> Naming<'_> {
        Box::pin(async move {
            if address.to_string() != ADDRESS {
                return Err(std::io::ErrorKind::NotFound.into());
            }
            Ok("host.example".to_owned())
        })
    }
}

#[tokio::test]
async fn names_and_addresses_come_from_the_resolver() {
    let outside = Outside::new(Options { resolver: Arc::new(OneHost), ..Options::default() }).expect("TLS");
    let host = |host: &str| Lookup::Addresses { host: host.to_owned() };
    let address = |address: &str| Lookup::HostName { address: address.to_owned() };
    let addresses = |text: &str| Finding::Addresses(vec![text.parse().expect("an address")]);
    for (lookup, expected) in [
        (host("host.example"), addresses(ADDRESS)),
        (host("other.example"), Finding::Failed),
        (host("2001:db8::1"), addresses("2001:db8::1")),
        (address(ADDRESS), Finding::HostName("host.example".to_owned())),
        (address("192.0.2.8"), Finding::Failed),
        (address("host.example"), Finding::Failed),
    ] {
        assert_eq!(outside.look_up(&lookup, NOW).await, expected, "{lookup:?}");
    }
}
