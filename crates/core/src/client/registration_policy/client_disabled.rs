//! `client-disabled`: whoever registers waits until an administrator switches the client on.

use std::sync::Arc;

use super::{Asked, Provider, RegistrationPolicy};
use crate::policy::effect::ClientEdit;

pub(super) const PROVIDER: Provider = Provider {
    id: "client-disabled",
    help: "A client that registers itself is switched off until an administrator switches it on.",
    properties: &[],
    configure: |_| Ok(Arc::new(ClientDisabled)),
};

struct ClientDisabled;

impl RegistrationPolicy for ClientDisabled {
    fn judge(&self, asked: &Asked<'_>) -> Result<Option<ClientEdit>, String> {
        match asked.current {
            None => Ok(Some(ClientEdit::Enabled(false))),
            Some(current) if current.enabled == Some(false) && asked.result.enabled == Some(true) => {
                Err("Not permitted to enable client".to_owned())
            }
            Some(_) => Ok(None),
        }
    }
}
