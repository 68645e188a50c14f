//! Groups of a realm: a tree, listed, changed and left as one.

pub mod default;
mod read;
mod write;

pub use read::{Detail, Filter, Level, at_path, children, count, find, find_at, list, members};
pub(crate) use read::{Tree, shown, whole};
pub use write::{Sent, create, delete, update};
