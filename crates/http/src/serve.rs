//! Takes connections: bounded in number, headers and time, and with a graceful end.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::header::{CONNECTION, HeaderValue};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{Request, service};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

use crate::impatient::Impatient;
use crate::watched;

/// Who has not sent the headers of a request by then, first or next, is cut off.
const HEADER_TIME: Duration = Duration::from_secs(15);
/// Who does not read an answer for so long is cut off.
const WRITE_TIME: Duration = Duration::from_secs(15);
/// What is under way when the server is told to stop has this long to end.
const DRAIN_TIME: Duration = Duration::from_secs(10);
/// File descriptors kept for the database, the log and the management port.
const DESCRIPTORS_KEPT: usize = 128;
const DESCRIPTORS_USUAL: usize = 1024;
/// A failure that comes many times a second is logged once a second.
const WARN_EVERY: Duration = Duration::from_secs(1);

/// Serves until `stop` is ready, then lets what is under way end. HTTP/1.1: a proxy or our own TLS
/// settles anything newer before the first byte.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME).max_buf_size(64 * 1024);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(capacity()));
    let mut stop = std::pin::pin!(stop);
    let mut accepting = Accepting { listener, places, warned: None };
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            connection = accepting.next() => spawn(&builder, &graceful, connection, router.clone()),
        }
    }
    drop(accepting);
    if tokio::time::timeout(DRAIN_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were still open when the time to end was over");
    }
}

/// Connections at a time: what the process may open, but for what it needs itself.
fn capacity() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let open_files = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft =
        open_files.and_then(|line| line.split_whitespace().next()).and_then(|limit| limit.parse().ok());
    soft.unwrap_or(DESCRIPTORS_USUAL).saturating_sub(DESCRIPTORS_KEPT).clamp(16, Semaphore::MAX_PERMITS)
}

/// A connection and its place among those that may be open.
struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    place: OwnedSemaphorePermit,
}

struct Accepting {
    listener: TcpListener,
    places: Arc<Semaphore>,
    warned: Option<Instant>,
}

impl Accepting {
    /// The next connection, as soon as there is a place for it; until then it waits in the kernel's queue.
    async fn next(&mut self) -> Connection {
        loop {
            let Ok(place) = self.places.clone().acquire_owned().await else { std::future::pending().await };
            match self.listener.accept().await {
                Ok((stream, peer)) => return Connection { stream, peer, place },
                Err(error) => {
                    self.warn(&error);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    fn warn(&mut self, error: &std::io::Error) {
        if self.warned.is_none_or(|warned| warned.elapsed() >= WARN_EVERY) {
            self.warned = Some(Instant::now());
            tracing::warn!(error.cause = %error, "could not take a connection");
        }
    }
}

fn spawn(builder: &http1::Builder, graceful: &GracefulShutdown, connection: Connection, router: Router) {
    let Connection { stream, peer, place } = connection;
    // Answers are small and waited for.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error.cause = %error, "could not set TCP_NODELAY");
    }
    let handle = service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        answer(router.clone(), request)
    });
    let watched =
        graceful.watch(builder.serve_connection(TokioIo::new(Impatient::new(stream, WRITE_TIME)), handle));
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(error.cause = %error, "a connection ended early");
        }
        drop(place);
    });
}

/// Answers one request. A body that nobody read makes hyper end the connection after the answer: the client is
/// told so, or it would send its next request into it.
async fn answer(router: Router, request: Request<Incoming>) -> Result<Response, Infallible> {
    let (parts, body) = request.into_parts();
    let (body, watch) = watched::watch(body);
    let mut response = router.oneshot(Request::from_parts(parts, body)).await?;
    if !watch.is_read() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
