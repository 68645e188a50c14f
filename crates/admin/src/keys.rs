//! Keys of realms.

pub(crate) mod new;
pub(crate) mod public;
