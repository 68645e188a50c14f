//! `scope`: tokens of a client that registered itself carry no more roles than were mapped to it.

use std::sync::Arc;

use super::{Asked, Provider, RegistrationPolicy};
use crate::policy::effect::ClientEdit;

pub(super) const PROVIDER: Provider = Provider {
    id: "scope",
    help: "Tokens of a client that registers itself carry only roles that were mapped to it.",
    properties: &[],
    configure: |_| Ok(Arc::new(Scope)),
};

struct Scope;

impl RegistrationPolicy for Scope {
    fn judge(&self, asked: &Asked<'_>) -> Result<Option<ClientEdit>, String> {
        let is_full = asked.result.full_scope_allowed == Some(true);
        match asked.current {
            None => Ok(Some(ClientEdit::FullScopeAllowed(false))),
            Some(current) if current.full_scope_allowed != Some(true) && is_full => {
                Err("Not permitted to enable fullScopeAllowed".to_owned())
            }
            Some(_) => Ok(None),
        }
    }
}
