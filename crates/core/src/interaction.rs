//! What a page carries from one request to the next: the request, a hash that binds it to the browser,
//! and a purpose, sealed (DESIGN §5.14). Facts are never in it: an old form cannot bring back an old state.

use sekisho_protocol::Timestamp;
use serde::{Deserialize, Serialize};

/// The purpose under which interactions are sealed.
pub const PURPOSE: &str = "interaction";

/// An interaction as it is sealed into a form.
#[derive(Clone, Serialize, Deserialize)]
pub struct Interaction {
    /// The authorization request, as one query.
    #[serde(rename = "q")]
    pub query: String,
    /// When the request first came, for `prompt=login` and `max_age`.
    #[serde(rename = "t")]
    pub asked_at: Timestamp,
    /// SHA-256 of the cookie of the browser that the page was made for.
    #[serde(rename = "b")]
    pub binding: [u8; 32],
    #[serde(rename = "p")]
    pub purpose: Purpose,
    #[serde(rename = "e")]
    pub expires: Timestamp,
}

/// The form that an interaction was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    SignIn,
    Consent,
    Logout,
}

/// Proof that a form came back from the browser it was made for, in time. Made by [`check`] only.
pub struct Returned {
    query: String,
}

/// Whether a form belongs to this browser and purpose (attacks 17, 72, 73).
pub fn check(
    interaction: Interaction,
    purpose: Purpose,
    binding: &[u8; 32],
    now: Timestamp,
) -> Option<Returned> {
    let bound = sekisho_jose::hash::constant_time_eq(&interaction.binding, binding);
    (bound && interaction.purpose == purpose && now < interaction.expires)
        .then_some(Returned { query: interaction.query })
}

impl Returned {
    /// The request that the page was part of.
    pub fn query(&self) -> &str {
        &self.query
    }
}
