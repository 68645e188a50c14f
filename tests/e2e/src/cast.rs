//! Who takes part in a login.

use serde::Deserialize;

/// An issuer, a person who can sign in there, and a client that is registered there.
#[derive(Clone, Default, Deserialize)]
pub struct Cast {
    pub issuer: String,
    pub username: String,
    pub password: String,
    pub client_id: String,
    pub client_secret: String,
    pub redirect_uri: String,
}
