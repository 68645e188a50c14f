//! Decisions over whole realms: what Keycloak answered, and what our own rules say, case by case.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod authorize;
mod consent;
mod mappers;
mod recorded;
mod redirect;
mod refresh;
mod scope;
mod session;
mod token;
