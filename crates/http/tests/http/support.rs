//! The words that the tests are written in.

pub(crate) mod answer;
pub(crate) mod browser;
pub(crate) mod client;
pub(crate) mod page;
pub(crate) mod town;
pub(crate) mod world;
