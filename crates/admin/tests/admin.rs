//! Realms in and out, users and keys, on a real file.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod admin {
    pub(crate) mod place;

    mod export;
    mod import;
}
