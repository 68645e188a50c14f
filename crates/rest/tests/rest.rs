//! Admin REST through the router over a real file, no socket between.
#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod rest {
    mod world;

    mod borders;
    mod document;
    mod permissions;
    mod policies;
}
