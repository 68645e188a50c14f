//! The words on the wire: parameters, error causes and their table to the wire, metadata documents,
//! request and response shapes, Keycloak's representations. Pure: no I/O, no clock, no randomness.
#![deny(missing_docs)]

pub mod cause;
pub mod client_assertion;
pub mod keycloak;
pub mod metadata;
pub mod params;
pub mod ports;
pub mod registration;
pub mod scope;
pub mod time;
pub mod token;
pub mod wire;

pub use cause::{Cause, PolicyRefusal, RegistrationRefusal};
pub use client_assertion::AssertionFault;
pub use params::Params;
pub use ports::{Clock, Entropy};
pub use scope::Scopes;
pub use time::Timestamp;
pub use token::{ErrorResponse, GrantType, TokenResponse};
pub use wire::{Row, Surface};
