//! What only the outside knows. A condition or executor names it, the room `policy` fetches it and asks again.

use std::net::IpAddr;

use serde_json::{Map, Value};

/// Something to be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The client metadata document at this address (Client ID Metadata Document).
    ClientMetadata { url: String },
    /// Whether an intent belongs to a client; the operator names the endpoint.
    Intent { endpoint: String, intent_id: String, client_id: String },
    /// The addresses of a host.
    Addresses { host: String },
    /// The name that an address is registered under.
    HostName { address: String },
}

/// What was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It could not be established.
    Failed,
    Document(Map<String, Value>),
    Bound(bool),
    Addresses(Vec<IpAddr>),
    HostName(String),
}

/// What was found out for an event so far.
#[derive(Clone, Debug, Default)]
pub struct Findings(Vec<(Lookup, Finding)>);

impl Findings {
    /// Nothing.
    pub const NONE: &'static Self = &Self(Vec::new());

    /// What was found for this, if it was looked up already.
    pub fn find(&self, lookup: &Lookup) -> Option<&Finding> {
        self.0.iter().find(|(known, _)| known == lookup).map(|(_, finding)| finding)
    }

    /// Adds what was found.
    pub fn add(&mut self, lookup: Lookup, finding: Finding) {
        self.0.push((lookup, finding));
    }
}
