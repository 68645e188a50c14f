//! Resolves, checks, and connects to the very address that was checked.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use crate::address::Reach;
use crate::allow::Allow;
use crate::client::Resolve;
use crate::error::OutboundError;
use crate::special_use::is_public;

/// TCP and TLS under one time limit, with the causes kept apart.
#[derive(Clone)]
pub(crate) struct Connector {
    https: HttpsConnector<Dial>,
    limit: Duration,
}

impl Connector {
    pub(crate) fn new(dial: Dial, tls: Arc<rustls::ClientConfig>, limit: Duration) -> Self {
        Self { https: HttpsConnector::from((dial, tls)), limit }
    }
}

type Connecting<S> = Pin<Box<dyn Future<Output = Result<S, OutboundError>> + Send>>;

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = OutboundError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OutboundError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (connecting, limit) = (self.https.call(uri), self.limit);
        Box::pin(async move {
            match timeout(limit, connecting).await {
                Ok(Ok(stream)) => Ok(stream),
                // What the dial did not say itself, the handshake did.
                Ok(Err(error)) => {
                    Err(*error.downcast::<OutboundError>().unwrap_or(Box::new(OutboundError::Tls)))
                }
                Err(_) => Err(OutboundError::ConnectTimeout),
            }
        })
    }
}

/// TCP to the address that was checked.
#[derive(Clone)]
pub(crate) struct Dial {
    pub(crate) reach: Reach,
    pub(crate) allow: Arc<[Allow]>,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) attempt: Duration,
}

impl Service<Uri> for Dial {
    type Response = TokioIo<TcpStream>;
    type Error = OutboundError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OutboundError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let dial = self.clone();
        Box::pin(async move {
            let host = uri.host().ok_or(OutboundError::Unresolved)?;
            let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
            let addresses = dial.resolve(host).await?;
            let permitted = dial.permit(host, addresses)?;
            dial.connect(permitted, port).await.map(TokioIo::new)
        })
    }
}

impl Dial {
    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, OutboundError> {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(vec![address]);
        }
        let addresses = self.resolver.resolve(host).await.map_err(|_| OutboundError::Unresolved)?;
        if addresses.is_empty() { Err(OutboundError::Unresolved) } else { Ok(addresses) }
    }

    fn permit(&self, host: &str, mut addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, OutboundError> {
        if self.reach == Reach::Anywhere || self.allow.iter().any(|allow| allow.covers_host(host)) {
            return Ok(addresses);
        }
        addresses.retain(|&address| {
            is_public(address) || self.allow.iter().any(|allow| allow.covers_address(address))
        });
        if addresses.is_empty() { Err(OutboundError::NotPublic) } else { Ok(addresses) }
    }

    /// One after the other; none may use up the time of the next (IPv6 that leads nowhere).
    async fn connect(&self, addresses: Vec<IpAddr>, port: u16) -> Result<TcpStream, OutboundError> {
        for address in addresses {
            let attempt = TcpStream::connect(SocketAddr::new(address, port));
            if let Ok(Ok(stream)) = timeout(self.attempt, attempt).await {
                // Requests are small: waiting to fill a packet only costs time.
                stream.set_nodelay(true).map_err(|_: io::Error| OutboundError::Unreachable)?;
                return Ok(stream);
            }
        }
        Err(OutboundError::Unreachable)
    }
}
