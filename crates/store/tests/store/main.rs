//! What the store does by itself, on an engine that answers as a test wants.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod engine;
mod events;
mod urls;
