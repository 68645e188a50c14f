//! The words on the wire: parameters, error causes and their table to the wire, metadata documents,
//! request and response shapes, Keycloak's representations. Pure: no I/O, no clock, no randomness.
#![deny(missing_docs)]

pub mod keycloak;
pub mod ports;
pub mod time;

pub use ports::{Clock, Entropy};
pub use time::Timestamp;
