//! Where in a document something stands: `clients[3].defaultClientScopes[1]`, written only when it is needed.

use std::fmt;

use crate::{AdminError, Fault};

#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    Top(&'a str),
    Member(&'a Self, &'a str),
    Element(&'a Self, usize),
}

impl<'a> Place<'a> {
    pub(crate) const fn member(&'a self, name: &'a str) -> Self {
        Self::Member(self, name)
    }

    pub(crate) const fn element(&'a self, index: usize) -> Self {
        Self::Element(self, index)
    }

    pub(crate) fn has(&self, fault: Fault) -> AdminError {
        AdminError::Document { place: self.to_string(), fault }
    }

    pub(crate) fn lacks(&self, what: &'static str, name: &str) -> AdminError {
        self.has(Fault::NoSuch { what, name: name.to_owned() })
    }

    pub(crate) fn repeats(&self, what: &'static str, name: &str) -> AdminError {
        self.has(Fault::Twice { what, name: name.to_owned() })
    }

    /// The value, or the error that it is missing.
    pub(crate) fn require<T>(&self, value: Option<T>) -> Result<T, AdminError> {
        value.ok_or_else(|| self.has(Fault::Missing))
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top(name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Element(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}
