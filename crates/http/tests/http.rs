//! The router over a real file: requests go in, answers come out, no socket between. Time stands still until
//! a test moves it.
#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod http {
    mod support;

    mod assertion;
    mod authorize;
    mod client_auth;
    mod code;
    mod connection;
    mod consent;
    mod discovery;
    mod events;
    mod grants;
    mod introspection;
    mod logout;
    mod management;
    mod observed;
    mod policies;
    mod refresh;
    mod registration;
    mod requirements;
    mod revocation;
    mod sign_in;
    mod transport;
    mod userinfo;
}
