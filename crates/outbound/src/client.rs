//! The client: two connection pools (anywhere, public only), one way to send.

use std::error::Error as _;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use tokio::time::timeout;

use crate::address::{Address, Reach};
use crate::allow::Allow;
use crate::connector::{Connector, Dial};
use crate::error::OutboundError;
use crate::request::Request;

/// Sends requests. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    anywhere: legacy::Client<Connector, Full<Bytes>>,
    public: legacy::Client<Connector, Full<Bytes>>,
    limits: Limits,
}

impl Client {
    /// Makes a client. Fails only when TLS cannot be set up.
    pub fn new(options: &Options) -> Result<Self, OutboundError> {
        let tls = Arc::new(tls(&options.roots)?);
        let pool = |reach| {
            let dial = Dial {
                reach,
                allow: options.allow.clone().into(),
                resolver: Arc::clone(&options.resolver),
                attempt: options.limits.connect / 2,
            };
            legacy::Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(Duration::from_secs(30))
                .pool_max_idle_per_host(4)
                .build(Connector::new(dial, Arc::clone(&tls), options.limits.connect))
        };
        Ok(Self { anywhere: pool(Reach::Anywhere), public: pool(Reach::Public), limits: options.limits })
    }

    /// GET of `address`.
    pub async fn get(&self, address: &impl Address) -> Result<Response, OutboundError> {
        self.send(Request::get(address)).await
    }

    /// POST of names and values as a form.
    pub async fn post_form(
        &self,
        address: &impl Address,
        form: &[(&str, &str)],
    ) -> Result<Response, OutboundError> {
        self.send(Request::post_form(address, form)).await
    }

    /// Sends `request` and reads the whole answer, whatever its status. A redirect is an answer too.
    pub async fn send(&self, request: Request<'_>) -> Result<Response, OutboundError> {
        let pool = match request.reach {
            Reach::Anywhere => &self.anywhere,
            Reach::Public => &self.public,
        };
        let exchange = async {
            let response = pool.request(request.into_http()).await.map_err(|error| cause(&error))?;
            self.read(response).await
        };
        timeout(self.limits.whole, exchange).await.unwrap_or(Err(OutboundError::Timeout))
    }

    async fn read(&self, response: http::Response<Incoming>) -> Result<Response, OutboundError> {
        let limit = self.limits.size;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, limit).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                OutboundError::TooLarge { limit }
            } else {
                OutboundError::Protocol
            }
        })?;
        Ok(Response { status: parts.status, headers: parts.headers, body: body.to_bytes() })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// What came back, with a body no larger than the limit.
pub struct Response {
    /// The status, also when it is a redirect or an error.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// The body may be a token response: only its length is printed.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_length", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// How much and how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest body, in bytes.
    pub size: usize,
    /// Name resolution, TCP and TLS.
    pub connect: Duration,
    /// From sending to the last byte of the body, connecting included.
    pub whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { size: 256 * 1024, connect: Duration::from_secs(3), whole: Duration::from_secs(5) }
    }
}

/// How a client is set up.
#[derive(Clone)]
pub struct Options {
    /// Size and time.
    pub limits: Limits,
    /// Non-public places that foreign addresses may lead to.
    pub allow: Vec<Allow>,
    /// Certificates (DER) trusted beside those of the public web: an organization's own authority.
    pub roots: Vec<Vec<u8>>,
    /// Who answers for host names.
    pub resolver: Arc<dyn Resolve>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            allow: Vec::new(),
            roots: Vec::new(),
            resolver: Arc::new(SystemResolver),
        }
    }
}

/// Finds the addresses of a host. The system's resolver unless [`Options`] say otherwise.
pub trait Resolve: Send + Sync {
    /// Every address of `host`, best first. Never asked for a host that is an address itself.
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a>;

    /// The name that an address is registered under. Whoever owns the address may register any name: it proves
    /// nothing until the name leads back to the address.
    fn name_of(&self, address: IpAddr) -> Naming<'_> {
        let _ = address;
        Box::pin(async { Err(io::ErrorKind::Unsupported.into()) })
    }
}

/// The name of an address, once it is there.
pub type Naming<'a> = Pin<Box<dyn Future<Output = io::Result<String>> + Send + 'a>>;

/// The answer of a [`Resolve`], once it is there.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

fn tls(roots: &[Vec<u8>]) -> Result<rustls::ClientConfig, OutboundError> {
    let mut trusted = rustls::RootCertStore::empty();
    trusted.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for root in roots {
        trusted.add(CertificateDer::from(root.as_slice())).map_err(|_| OutboundError::Setup)?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| OutboundError::Setup)?;
    Ok(builder.with_root_certificates(trusted).with_no_client_auth())
}

/// The connector's own word if it was the connector, else the exchange broke off.
fn cause(error: &legacy::Error) -> OutboundError {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(cause) = inner.downcast_ref::<OutboundError>() {
            return *cause;
        }
        source = inner.source();
    }
    OutboundError::Protocol
}
