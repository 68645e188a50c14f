//! What an administrator does, and how realms come in and go out. Async, knows no HTTP.

pub mod attempt;
pub mod client;
pub mod client_policy;
pub mod client_scope;
pub mod component;
pub mod consent;
pub mod error;
pub mod event;
pub mod flow;
pub mod group;
pub mod identity_provider;
pub mod initial_access;
mod judge;
pub mod keys;
pub mod localization;
pub mod organization;
pub mod permit;
mod place;
pub mod policy;
pub mod protocol_mapper;
pub mod realm;
pub mod required_action;
pub mod role;
pub mod role_mapping;
pub mod scope_mapping;
pub mod server_info;
pub mod session;
mod takeover;
pub mod user;

use sekisho_core::ids;
use sekisho_credential::HashingPool;
use sekisho_policy::Outside;
use sekisho_protocol::ports::draw;
use sekisho_protocol::{Clock, Entropy, Timestamp};
pub use sekisho_store::Page;
use sekisho_store::Store;
use uuid::Uuid;

pub use error::{AdminError, Fault, What};
pub use permit::{Admin, Permit};
pub use sekisho_credential::Violation;

/// What every act of administration works with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub store: &'a Store,
    pub clock: &'a dyn Clock,
    pub entropy: &'a dyn Entropy,
    pub passwords: &'a HashingPool,
    /// What policies look up.
    pub outside: &'a Outside,
}

impl Context<'_> {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn fresh_id(&self) -> Uuid {
        ids::time_ordered(self.now(), draw(self.entropy))
    }
}
