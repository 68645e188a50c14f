//! Listens on the loopback redirect URI until the browser brings the answer (RFC 8252 §7.3).

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::authorization::{Attempt, Code, NoCode};
use super::page::{self, Message};
use super::redirect_uri::RedirectUri;
use crate::output;

/// How long the browser has to fetch the page once the answer is in.
const FAREWELL: Duration = Duration::from_secs(2);

/// The sockets behind a redirect URI.
pub(crate) struct Listener {
    sockets: Vec<TcpListener>,
    redirect_uri: RedirectUri,
}

struct Doorkeeper {
    path: String,
    attempt: Attempt,
    answers: mpsc::Sender<Result<Code, NoCode>>,
}

impl Listener {
    /// Opens the port of the redirect URI on every address its host stands for.
    pub(crate) async fn bind(redirect_uri: &RedirectUri) -> anyhow::Result<Self> {
        let mut sockets = Vec::new();
        let mut port = redirect_uri.port();
        for address in redirect_uri.addresses() {
            match TcpListener::bind(SocketAddr::new(address, port)).await {
                Ok(socket) => {
                    port = socket.local_addr()?.port();
                    sockets.push(socket);
                }
                // A machine without IPv6 still has the other half of `localhost`.
                Err(error) if !sockets.is_empty() && error.kind() != ErrorKind::AddrInUse => {}
                Err(error) => return Err(unavailable(redirect_uri, address, port, error)),
            }
        }
        Ok(Self { sockets, redirect_uri: redirect_uri.with_port(port) })
    }

    /// The redirect URI with the port that is open.
    pub(crate) fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// Waits for the response to the attempt; anything else that comes by does not end the wait.
    pub(crate) async fn wait(self, attempt: Attempt, longest: Duration) -> anyhow::Result<Code> {
        let (answers, mut answered) = mpsc::channel(1);
        let path = self.redirect_uri.path().to_owned();
        let router =
            Router::new().fallback(answer).with_state(Arc::new(Doorkeeper { path, attempt, answers }));
        let (close, closed) = watch::channel(());
        let mut doors = JoinSet::new();
        for socket in self.sockets {
            let mut closed = closed.clone();
            let shut = async move { drop(closed.changed().await) };
            let service = axum::serve(socket, router.clone()).with_graceful_shutdown(shut);
            doors.spawn(service.into_future());
        }
        drop(router);
        let outcome = timeout(longest, answered.recv()).await;
        drop(close);
        let _browser_gone = timeout(FAREWELL, doors.join_all()).await;
        let answer = outcome.map_err(|_| anyhow!("nobody signed in within {} seconds", longest.as_secs()))?;
        match answer.context("the callback closed early")? {
            Ok(code) => Ok(code),
            Err(NoCode::Refused(refused)) => bail!(refused),
            Err(other) => bail!(other),
        }
    }
}

async fn answer(State(doorkeeper): State<Arc<Doorkeeper>>, request: Request) -> Response {
    let message = doorkeeper.receive(request.method(), request.uri().path(), request.uri().query());
    page::respond(message, request.headers())
}

impl Doorkeeper {
    /// Decides what a request is, hands on what ends the wait, and says what the browser shows.
    fn receive(&self, method: &Method, path: &str, query: Option<&str>) -> Message {
        if *method != Method::GET || path != self.path {
            return Message::NotFound;
        }
        let outcome = self.attempt.check(query.unwrap_or_default());
        let message = match &outcome {
            Ok(_) => Message::SignedIn,
            Err(NoCode::Foreign) => {
                output::note("A response came that does not belong to this login; still waiting.");
                return Message::Foreign;
            }
            Err(_) => Message::Refused,
        };
        // A second answer finds the first one taken: the browser reloaded the page.
        let _first_counts = self.answers.try_send(outcome);
        message
    }
}

fn unavailable(uri: &RedirectUri, address: IpAddr, port: u16, error: io::Error) -> anyhow::Error {
    let taken = error.kind() == ErrorKind::AddrInUse;
    let other = uri.with_port(if port == 8889 { 8888 } else { 8889 });
    let advice = if taken {
        format!(
            "port {port} is in use by another program. Stop it, or take another port (some servers want it \
             registered): --redirect-uri {}",
            other.as_str()
        )
    } else {
        format!("cannot listen on {address} port {port}")
    };
    anyhow::Error::from(error).context(advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::discovery::{AuthorizationServer, Iss, SecretMethod};
    use url::Url;

    fn doorkeeper() -> (Doorkeeper, mpsc::Receiver<Result<Code, NoCode>>, String) {
        let server = AuthorizationServer {
            issuer: "https://as.example".into(),
            authorization_endpoint: Url::parse("https://as.example/auth").unwrap(),
            token_endpoint: Url::parse("https://as.example/token").unwrap(),
            iss: Iss::NotPromised,
            secret_method: SecretMethod::Basic,
        };
        let attempt = Attempt::start(&server).unwrap();
        let (answers, answered) = mpsc::channel(1);
        let state = attempt.state().to_owned();
        (Doorkeeper { path: "/callback".into(), attempt, answers }, answered, state)
    }

    #[test]
    fn only_the_answer_to_this_login_ends_the_wait() {
        let (doorkeeper, mut answered, state) = doorkeeper();
        let code = format!("code=abc&state={state}");
        for (method, path, query, expected) in [
            (Method::GET, "/favicon.ico", "", Message::NotFound),
            (Method::GET, "/", &*code, Message::NotFound),
            (Method::GET, "/callback/", &*code, Message::NotFound),
            (Method::POST, "/callback", &*code, Message::NotFound),
            (Method::GET, "/callback", "code=abc&state=other", Message::Foreign),
            (Method::GET, "/callback", "error=access_denied", Message::Foreign),
            (Method::GET, "/callback", "", Message::Foreign),
        ] {
            assert_eq!(doorkeeper.receive(&method, path, Some(query)), expected, "{method} {path} {query}");
            assert!(answered.try_recv().is_err(), "{method} {path} {query}");
        }
        assert_eq!(doorkeeper.receive(&Method::GET, "/callback", Some(&code)), Message::SignedIn);
        assert_eq!(answered.try_recv().unwrap().ok().unwrap().code(), "abc");
    }

    #[test]
    fn a_reloaded_page_changes_nothing() {
        let (doorkeeper, mut answered, state) = doorkeeper();
        for code in ["first", "second"] {
            let query = format!("code={code}&state={state}");
            assert_eq!(doorkeeper.receive(&Method::GET, "/callback", Some(&query)), Message::SignedIn);
        }
        assert_eq!(answered.try_recv().unwrap().ok().unwrap().code(), "first");
        assert!(answered.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_named_with_the_way_out() {
        let blocker = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = blocker.local_addr().unwrap().port();
        let uri = format!("http://127.0.0.1:{port}/callback").parse().unwrap();
        let Err(failure) = Listener::bind(&uri).await else { panic!("two listeners on one port") };
        let text = format!("{failure:#}");
        assert!(text.contains(&format!("port {port} is in use")), "{text}");
        assert!(text.contains("--redirect-uri http://127.0.0.1:8889/callback"), "{text}");
    }

    #[tokio::test]
    async fn port_zero_finds_a_free_port_for_both_families() {
        let listener = Listener::bind(&"http://localhost:0/callback".parse().unwrap()).await.unwrap();
        let port = listener.redirect_uri().port();
        assert_ne!(port, 0);
        assert_eq!(listener.redirect_uri().as_str(), format!("http://localhost:{port}/callback"));
        for socket in &listener.sockets {
            assert_eq!(socket.local_addr().unwrap().port(), port);
        }
    }
}
