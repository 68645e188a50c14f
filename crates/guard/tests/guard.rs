//! The guard from outside: a service behind it, a loopback issuer, tokens good and bad.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod guard {
    pub(crate) mod fixture;

    mod authorization;
    mod browsers;
    mod building;
    mod keys;
    mod metadata;
    mod scopes;
    mod secrets;
    mod streams;
    mod tokens;
    mod tools;
}
