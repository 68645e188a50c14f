//! For resource servers: stands before an MCP server (or any HTTP service) and lets in who has a token for it.
//!
//! ```no_run
//! use sekisho_guard::Guard;
//! # fn main() -> Result<(), sekisho_guard::BuildError> {
//! let guard = Guard::builder("http://127.0.0.1:3001/mcp")
//!     .issuer("http://localhost:8080/realms/myrealm")
//!     .require_scopes(["hello"])
//!     .build()?;
//! let layer = guard.layer();
//! # Ok(())
//! # }
//! ```
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
pub use verifier::{ALGORITHMS, Acceptance, Verifier, VerifyError};
