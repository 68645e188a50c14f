//! What a client does against a server on loopback: limits, redirects, and which address it reaches.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sekisho_outbound::client::Resolving;
use sekisho_outbound::{
    Authorization, Client, Configured, Foreign, Options, OutboundError, Request, Resolve,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// A server that reads one request a connection, keeps it, and writes the same bytes to everyone.
struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    answered: Arc<Notify>,
}

enum Transport {
    Plain,
    Tls(tokio_rustls::TlsAcceptor),
}

impl Server {
    async fn start(transport: Transport, answer: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, requests: Arc::default(), answered: Arc::default() };
        let (requests, answered) = (Arc::clone(&server.requests), Arc::clone(&server.answered));
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let mut stream: Pin<Box<dyn Stream>> = match &transport {
                    Transport::Plain => Box::pin(tcp),
                    Transport::Tls(acceptor) => match acceptor.accept(tcp).await {
                        Ok(stream) => Box::pin(stream),
                        Err(_) => continue,
                    },
                };
                let request = read_request(&mut stream).await;
                requests.lock().unwrap().push(request);
                stream.write_all(&answer).await.unwrap();
                stream.flush().await.unwrap();
                answered.notify_one();
                // Kept open: an unfinished answer must look slow, not broken off.
                tokio::spawn(async move { stream.read_u8().await });
            }
        });
        server
    }

    fn configured(&self, path: &str) -> Configured {
        Configured::parse(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap()
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

trait Stream: AsyncRead + AsyncWrite + Send {}
impl<S: AsyncRead + AsyncWrite + Send> Stream for S {}

async fn read_request(stream: &mut Pin<Box<dyn Stream>>) -> String {
    let mut text = String::new();
    let mut bytes = [0; 4096];
    loop {
        let read = stream.read(&mut bytes).await.unwrap();
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return text;
        }
    }
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Answers with the next list each time it is asked, the last one for ever.
struct Answers {
    lists: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Answers {
    fn new(lists: &[&[&str]]) -> Arc<Self> {
        let parse = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self { lists: lists.iter().map(parse).collect(), asked: AtomicUsize::new(0) })
    }
}

impl Resolve for Answers {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        let index = self.asked.fetch_add(1, Ordering::SeqCst).min(self.lists.len() - 1);
        Box::pin(async move { Ok(self.lists[index].clone()) })
    }
}

/// Never answers.
struct Silence;

impl Resolve for Silence {
    fn resolve<'a>(&'a self, _: &'a str) -> Resolving<'a> {
        Box::pin(std::future::pending::<io::Result<Vec<IpAddr>>>())
    }
}

/// A certificate authority of one certificate, for a host.
fn authority(host: &str) -> (Vec<u8>, Transport) {
    let made = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
    let certificate = made.cert.der().to_vec();
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone().into()], key.into())
        .unwrap();
    (certificate, Transport::Tls(Arc::new(config).into()))
}

#[tokio::test]
async fn a_configured_address_may_be_plain_http_on_loopback() {
    let server = Server::start(Transport::Plain, ok("hello")).await;
    let client = Client::new(&Options::default()).unwrap();
    let response = client.get(&server.configured("/x?y=1")).await.unwrap();
    assert_eq!((response.status.as_u16(), &response.body[..]), (200, &b"hello"[..]));
    assert!(server.requests()[0].starts_with("GET /x?y=1 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_form_is_posted_with_its_credential() {
    let server = Server::start(Transport::Plain, ok("{}")).await;
    let client = Client::new(&Options::default()).unwrap();
    let address = server.configured("/introspect");
    let request = Request::post_form(&address, &[("token", "a b&c")])
        .accept("application/json")
        .authorization(&Authorization::basic("rs", "secret"))
        .unwrap();
    client.send(request).await.unwrap();
    let sent = &server.requests()[0];
    for expected in [
        "POST /introspect HTTP/1.1\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "accept: application/json\r\n",
        "authorization: Basic cnM6c2VjcmV0\r\n",
        "\r\n\r\ntoken=a+b%26c",
    ] {
        assert!(sent.contains(expected), "{expected:?} in {sent:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let target = Server::start(Transport::Plain, ok("secret")).await;
    let location = target.configured("/admin");
    let answer = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    let server = Server::start(Transport::Plain, answer.into_bytes()).await;
    let client = Client::new(&Options::default()).unwrap();
    assert_eq!(client.get(&server.configured("/")).await.unwrap().status.as_u16(), 302);
    assert_eq!(target.requests().len(), 0);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_however_it_is_framed() {
    let mut options = Options::default();
    options.limits.size = 10;
    let client = Client::new(&options).unwrap();
    let chunked =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nghijkl\r\n0\r\n\r\n";
    for answer in [ok("elevenbytes"), chunked.as_bytes().to_vec()] {
        let server = Server::start(Transport::Plain, answer).await;
        let refused = client.get(&server.configured("/")).await.unwrap_err();
        assert_eq!(refused, OutboundError::TooLarge { limit: 10 });
    }
    let server = Server::start(Transport::Plain, ok("just ten b")).await;
    assert!(client.get(&server.configured("/")).await.is_ok());
}

#[tokio::test]
async fn an_answer_that_stops_half_way_times_out() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".to_vec();
    for answer in [Vec::new(), half] {
        let server = Server::start(Transport::Plain, answer).await;
        let client = Client::new(&Options::default()).unwrap();
        let address = server.configured("/");
        let exchange = tokio::spawn(async move { client.get(&address).await });
        server.answered.notified().await;
        // From here on only the timer can wake anybody, so the clock may jump.
        tokio::time::pause();
        assert_eq!(exchange.await.unwrap().unwrap_err(), OutboundError::Timeout);
        tokio::time::resume();
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_name_server_times_out_the_connection() {
    let client = Client::new(&Options { resolver: Arc::new(Silence), ..Options::default() }).unwrap();
    let before = tokio::time::Instant::now();
    let refused = client.get(&Foreign::parse("https://example.com/").unwrap()).await.unwrap_err();
    assert_eq!(refused, OutboundError::ConnectTimeout);
    assert_eq!(before.elapsed().as_secs(), 3);
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let client = Client::new(&Options::default()).unwrap();
    let address = Configured::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    assert_eq!(client.get(&address).await.unwrap_err(), OutboundError::Unreachable);
}

#[tokio::test]
async fn a_foreign_address_reaches_nothing_that_is_not_public() {
    let (root, transport) = authority("localhost");
    let server = Server::start(transport, ok("secret")).await;
    let port = server.port;
    for host in ["127.0.0.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "localhost", "a.example"]
    {
        let resolver = Answers::new(&[&["127.0.0.1", "::1", "10.0.0.1"]]);
        let client =
            Client::new(&Options { resolver, roots: vec![root.clone()], ..Options::default() }).unwrap();
        let address = Foreign::parse(&format!("https://{host}:{port}/")).unwrap();
        assert_eq!(client.get(&address).await.unwrap_err(), OutboundError::NotPublic, "{host}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn the_allow_list_opens_exactly_what_it_names() {
    let (root, transport) = authority("a.example");
    let server = Server::start(transport, ok("inside")).await;
    let cases = [
        ("127.0.0.1", Ok(200)),
        ("127.0.0.0/8", Ok(200)),
        ("a.example", Ok(200)),
        ("10.0.0.0/8", Err(OutboundError::NotPublic)),
        ("b.example", Err(OutboundError::NotPublic)),
    ];
    for (allow, expected) in cases {
        let options = Options {
            resolver: Answers::new(&[&["127.0.0.1"]]),
            roots: vec![root.clone()],
            allow: vec![allow.parse().unwrap()],
            ..Options::default()
        };
        let address = Foreign::parse(&format!("https://a.example:{}/", server.port)).unwrap();
        let answer = Client::new(&options).unwrap().get(&address).await;
        assert_eq!(answer.map(|response| response.status.as_u16()), expected, "{allow}");
    }
}

#[tokio::test]
async fn a_second_answer_of_the_name_server_changes_nothing() {
    let (root, transport) = authority("a.example");
    let server = Server::start(transport, ok("checked")).await;
    let resolver = Answers::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let options = Options {
        resolver: Arc::clone(&resolver) as Arc<dyn Resolve>,
        roots: vec![root],
        allow: vec!["127.0.0.1".parse().unwrap()],
        ..Options::default()
    };
    let client = Client::new(&options).unwrap();
    let address = Foreign::parse(&format!("https://a.example:{}/", server.port)).unwrap();
    assert!(client.get(&address).await.is_ok());
    assert_eq!(resolver.asked.load(Ordering::SeqCst), 1);
    // Another port is another connection: it resolves anew, and is checked anew.
    let again = Foreign::parse(&format!("https://a.example:{}/", server.port + 1)).unwrap();
    assert_eq!(client.get(&again).await.unwrap_err(), OutboundError::NotPublic);
}

#[tokio::test]
async fn a_non_public_answer_among_public_ones_is_dropped() {
    let server = Server::start(Transport::Plain, ok("secret")).await;
    let options = Options {
        resolver: Answers::new(&[&["10.0.0.1", "127.0.0.2", "127.0.0.1"]]),
        allow: vec!["127.0.0.1".parse().unwrap()],
        ..Options::default()
    };
    let address = Foreign::parse(&format!("https://a.example:{}/", server.port)).unwrap();
    // Only 127.0.0.1 is tried; it speaks no TLS.
    let refused = Client::new(&options).unwrap().get(&address).await.unwrap_err();
    assert_eq!(refused, OutboundError::Tls);
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let (root, transport) = authority("b.example");
    let server = Server::start(transport, ok("x")).await;
    let resolver = Answers::new(&[&["127.0.0.1"]]);
    let client = Client::new(&Options { resolver, roots: vec![root], ..Options::default() }).unwrap();
    let address = Configured::parse(&format!("https://a.example:{}/", server.port)).unwrap();
    assert_eq!(client.get(&address).await.unwrap_err(), OutboundError::Tls);
}

#[tokio::test]
async fn an_unreadable_root_is_said_at_start() {
    let refused = Client::new(&Options { roots: vec![vec![1, 2, 3]], ..Options::default() }).unwrap_err();
    assert_eq!(refused, OutboundError::Setup);
}

#[tokio::test]
async fn a_response_does_not_print_its_body() {
    let server = Server::start(Transport::Plain, ok("{\"access_token\":\"hidden\"}")).await;
    let client = Client::new(&Options::default()).unwrap();
    let response = client.get(&server.configured("/")).await.unwrap();
    assert!(!format!("{response:?}").contains("hidden"));
}
