//! Protected resource metadata (RFC 9728): the document, its addresses, and the challenge that names it.

use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use sekisho_protocol::Scopes;
use serde::Serialize;
use url::Url;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The document (RFC 9728 §2).
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ProtectedResource {
    pub(crate) resource: String,
    pub(crate) authorization_servers: Vec<String>,
    /// The basic set: clients without a challenge ask for all of it.
    #[serde(skip_serializing_if = "Scopes::is_empty", serialize_with = "list")]
    pub(crate) scopes_supported: Scopes,
    pub(crate) bearer_methods_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource_documentation: Option<String>,
}

/// The document, written once, and where it answers.
#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    /// Absolute, as challenges name it.
    pub(crate) url: String,
    path: String,
    root: Root,
    document: Bytes,
}

/// Whether the document answers without the resource's path too, where older clients look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    Answered,
    /// Another resource of this host has it.
    Left,
}

impl Metadata {
    pub(crate) fn new(document: &ProtectedResource, resource: &Url, root: Root) -> serde_json::Result<Self> {
        // RFC 9728 §3.1: a slash that ends the host is left out, any other stays.
        let path = format!("{WELL_KNOWN}{}", if resource.path() == "/" { "" } else { resource.path() });
        Ok(Self {
            url: format!("{}{path}", resource.origin().ascii_serialization()),
            path,
            root,
            document: serde_json::to_vec(document)?.into(),
        })
    }

    /// The answer to a request for metadata; nothing when the request is for something else.
    pub(crate) fn answer(&self, method: &Method, path: &str) -> Option<Response<Full<Bytes>>> {
        let below = path.strip_prefix(WELL_KNOWN)?;
        let ours = path == self.path || (below.is_empty() && self.root == Root::Answered);
        if !ours {
            return (below.is_empty() || below.starts_with('/')).then(|| empty(StatusCode::NOT_FOUND, &[]));
        }
        Some(match *method {
            Method::GET => found(self.document.clone()),
            Method::HEAD => found(Bytes::new()),
            Method::OPTIONS => empty(StatusCode::NO_CONTENT, PREFLIGHT),
            _ => empty(StatusCode::METHOD_NOT_ALLOWED, &[(ALLOW, "GET, HEAD, OPTIONS")]),
        })
    }
}

/// Names and values to put into a response.
type Headers = &'static [(HeaderName, &'static str)];

const DOCUMENT: Headers = &[
    (CONTENT_TYPE, "application/json"),
    (CACHE_CONTROL, "public, max-age=300"),
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
];

const PREFLIGHT: Headers = &[
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (http::header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
    // Clients of 2025-03-26 send it on discovery.
    (http::header::ACCESS_CONTROL_ALLOW_HEADERS, "mcp-protocol-version"),
    (http::header::ACCESS_CONTROL_MAX_AGE, "3600"),
];

fn found(document: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(document));
    insert(&mut response, DOCUMENT);
    response
}

fn empty(status: StatusCode, headers: Headers) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    insert(&mut response, headers);
    response
}

fn insert(response: &mut Response<Full<Bytes>>, headers: Headers) {
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
}

fn list<S: serde::Serializer>(scopes: &Scopes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(scopes.iter())
}
