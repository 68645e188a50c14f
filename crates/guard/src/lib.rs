//! For resource servers: stands before an MCP server, or any HTTP service that speaks tower, and lets in
//! who has a token for it (RFC 6750, RFC 9728, MCP authorization 2026-07-28).
//!
//! # Ten lines
//!
//! An rmcp service behind the guard, with axum to serve it. The issuer may be Sekisho, Keycloak, or any other
//! that publishes metadata and signs its tokens with a public key:
//!
//! ```rust,ignore
//! let guard = Guard::builder("http://127.0.0.1:3001/mcp")      // what clients call, and what `aud` must say
//!     .issuer("http://localhost:8080/realms/myrealm")           // exactly as it writes itself
//!     .require_scopes(["hello"])                                // every request
//!     .scope_for_tool("delete_note", ["notes:write"])           // calls of this tool, besides
//!     .build()?;
//! let mcp = StreamableHttpService::new(|| Ok(Notes::new()), sessions, StreamableHttpServerConfig::default());
//! let app = axum::Router::new().nest_service("/mcp", mcp).layer(guard.layer());
//! axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3001").await?, app).await?;
//! ```
//!
//! Nothing is fetched before the first token comes, so the two may start in any order. A service that is not
//! under axum is wrapped the same way: `guard.layer().layer(service)`.
//!
//! A tool finds out who calls:
//!
//! ```rust,ignore
//! async fn whoami(&self, Extension(parts): Extension<http::request::Parts>) -> String {
//!     let caller = parts.extensions.get::<Caller>();
//!     caller.and_then(Caller::subject).unwrap_or("a client for itself").to_owned()
//! }
//! ```
//!
//! # What it answers itself
//!
//! | request | answer |
//! | --- | --- |
//! | `/.well-known/oauth-protected-resource`, with the resource's path and without | the metadata document |
//! | no token | 401 with a challenge that names metadata and scopes, and no error |
//! | a token that is not valid here | 401 `invalid_token` |
//! | two tokens, a token in the query, a malformed header | 400 `invalid_request` |
//! | a scope is missing | 403 `insufficient_scope` with every scope of the operation |
//! | a page of an unknown origin | 403 |
//! | a body that contradicts its `Mcp-Method` or `Mcp-Name`, or could be read in two ways | 400 |
//! | the issuer's keys are not known | 503 with `Retry-After` |
//!
//! All else reaches the service as it came, the `Authorization` header included, with a [`Caller`] in its
//! extensions. A service that calls others must not hand that header on: the token is for this resource only.
//!
//! # What a token must be
//!
//! Signed by a key that the issuer publishes, with an asymmetric algorithm; `iss` the issuer and `aud` the
//! resource, byte for byte; `exp` not past, `nbf` and `iat` not to come, with 30 seconds of leeway; by its type
//! an access token, no ID, refresh or logout token; not bound to a key (`cnf`), since nothing here would prove
//! that the caller holds it.
//!
//! Keycloak puts the resource into `aud` by an audience mapper or by the parameter `resource`; an issuer that
//! can do neither is met by [`GuardBuilder::audience`], one whose tokens have no `typ` by
//! [`GuardBuilder::header_type`].
//!
//! # When a token is revoked
//!
//! Tokens are verified offline: after the keys are here, the issuer is never asked about a single token. So a
//! token that was revoked, or whose user was disabled, is good until its `exp`. Issuers for MCP give access
//! tokens minutes to live for that reason; keep it so. Streams of events end when their token does. A signing
//! key that the issuer withdraws is noticed when the key set ages, after `max-age` of its response (between a
//! minute and an hour; ten minutes when it says nothing), and takes every remembered token with it.
//!
//! An issuer that is down stops nobody whose key is known, for a day.
#![deny(missing_docs)]

mod answer;
mod authorization;
mod body;
mod builder;
mod caller;
mod clock;
mod guard;
mod issuer;
mod keys;
mod layer;
mod metadata;
mod origin;
mod refusal;
mod tools;
mod verifier;

pub use sekisho_jose::{Algorithm, TokenError};
pub use sekisho_outbound as outbound;
pub use sekisho_protocol::{Clock, Scopes, Timestamp};

pub use body::GuardBody;
pub use builder::{BuildError, GuardBuilder};
pub use caller::Caller;
pub use clock::SystemClock;
pub use guard::Guard;
pub use issuer::IssuerError;
pub use layer::{GuardLayer, GuardService};
pub use verifier::{ALGORITHMS, Acceptance, HeaderType, Verifier, VerifyError};
