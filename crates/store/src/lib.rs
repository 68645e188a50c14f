//! What is remembered: schema and migrations, the SQL of every read and write, realm snapshots and
//! caches. Knows SQL; knows no driver: an [`engine::Engine`] runs what is written here.

pub mod audit;
pub mod engine;
pub mod error;
pub mod events;
pub mod master;
pub mod page;
pub mod reads;
pub mod realms;
pub mod records;
pub mod registrations;
pub mod revocations;
mod rows;
pub mod schema;
pub mod search;
pub mod sessions;
pub mod sql;
mod statement;
mod store;
pub mod urls;
pub mod watch;

pub use audit::{AdminEventFilter, EventFilter, Order, StoredEvent};
pub use error::StoreError;
pub use master::MasterKeys;
pub use page::Page;
pub use realms::StoredKey;
pub use records::{StoredClient, StoredRealm, StoredUser};
pub use search::{ClientFilter, UserFilter};
pub use sessions::ClientSessions;
pub use store::{Options, Store};
pub use urls::PublicUrls;
