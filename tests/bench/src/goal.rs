//! The goals of DESIGN §7.

use serde::Serialize;

/// The most that a turn may cost, and the least that must come through, on one core.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Goal {
    /// Microseconds.
    pub(crate) cpu: Option<f64>,
    pub(crate) per_second: Option<f64>,
}

impl Goal {
    pub(crate) const fn of(cpu: f64, per_second: f64) -> Self {
        Self { cpu: Some(cpu), per_second: Some(per_second) }
    }

    pub(crate) const NONE: Self = Self { cpu: None, per_second: None };
}
