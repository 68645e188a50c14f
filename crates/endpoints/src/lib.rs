//! One module per OAuth and OpenID Connect endpoint: load, decide, commit. Async; knows no HTTP.

pub mod answer;
pub mod audit;
pub mod authorize;
pub mod bearer;
pub mod browser;
pub mod client_auth;
pub mod discovery;
pub mod grant;
pub mod interaction;
pub mod introspect;
pub mod login;
pub mod logout;
pub mod own_token;
pub mod realm;
pub mod register;
pub mod revoke;
pub mod server;
pub mod token;
pub mod userinfo;

pub use server::{Server, Transport};
