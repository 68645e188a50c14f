//! All HTTP that leaves. An address is [`Configured`] (the operator wrote it) or [`Foreign`] (a client, a
//! document or a token named it); the type decides what a connection to it may reach.
//!
//! A [`Client`] caps size and time, follows no redirect and reads no proxy from the environment. For a
//! foreign address it resolves, drops every non-public answer but for the allow list, and connects to the
//! very address it has checked, so that a second answer of the name server changes nothing (DNS rebinding).
#![deny(missing_docs)]

pub mod address;
pub mod allow;
pub mod client;
mod connector;
pub mod error;
pub mod request;
pub mod special_use;

pub use address::{Address, AddressError, Configured, Foreign};
pub use allow::{Allow, AllowError};
pub use client::{Client, Limits, Naming, Options, Resolve, Resolving, Response};
pub use error::OutboundError;
pub use request::{Authorization, Request};
