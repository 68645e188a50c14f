//! What is decided. Pure: no async body, no clock, no randomness, no SQL; `now` and fresh bytes are
//! arguments, so that a decision test needs neither a runtime nor a mock.

pub mod access;
pub mod authorize;
pub mod claims;
pub mod client;
pub mod code;
pub mod consent;
pub mod credential;
pub mod event;
pub mod grant;
pub mod ids;
pub mod interaction;
pub mod keys;
pub mod lockout;
pub mod login;
pub mod pattern;
pub mod policy;
pub mod realm;
pub mod redirect;
pub mod refresh;
pub mod role;
pub mod rotation;
pub mod scope;
pub mod secret;
pub mod secrets;
pub mod session;
pub mod token;
pub mod user;
pub mod user_profile;
pub mod work;

pub use client::Client;
pub use ids::GrantId;
pub use realm::Realm;
pub use secret::Secret;
pub use session::Session;
pub use user::User;
pub use work::Work;
