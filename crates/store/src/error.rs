//! Why the store could not do what was asked.

use crate::engine::EngineError;

/// A failure of the store; its text is for the log and holds no values.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The engine said no.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A row cannot be read as what it should be.
    #[error("a row of table {0} cannot be read")]
    Unreadable(&'static str),
    /// Sealed values of this realm do not open: another master key, or a damaged row.
    #[error("keys of realm {0} cannot be opened: is the master key the one they were sealed under?")]
    Sealed(String),
}

impl StoreError {
    /// Whether trying again may help: answer 503 with `Retry-After`.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Engine(EngineError::Busy(_) | EngineError::Unavailable(_)))
    }
}
