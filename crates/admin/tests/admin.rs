//! Realms in and out, users and keys, on a real file.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod admin {
    pub(crate) mod documents;
    pub(crate) mod engine;
    pub(crate) mod place;

    mod clients;
    mod code;
    mod components;
    mod crash;
    mod dry_run;
    mod events;
    mod export;
    mod import;
    mod kept;
    mod keys;
    mod master;
    mod policies;
    mod realms;
    mod recorded;
    mod refusals;
    mod roles;
    mod server_info;
    mod takeover;
    mod user_administration;
    mod users;
}
