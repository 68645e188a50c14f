//! `consent-required`: users are asked before a client that registered itself gets anything.

use std::sync::Arc;

use super::{Asked, Provider, RegistrationPolicy};
use crate::policy::effect::ClientEdit;

pub(super) const PROVIDER: Provider = Provider {
    id: "consent-required",
    help: "A client that registers itself needs the consent of each user.",
    properties: &[],
    configure: |_| Ok(Arc::new(ConsentRequired)),
};

struct ConsentRequired;

impl RegistrationPolicy for ConsentRequired {
    fn judge(&self, asked: &Asked<'_>) -> Result<Option<ClientEdit>, String> {
        let is_on = asked.result.consent_required == Some(true);
        match asked.current {
            None => Ok(Some(ClientEdit::ConsentRequired(true))),
            Some(current) if current.consent_required == Some(true) && !is_on => {
                Err("Not permitted to update consentRequired to false".to_owned())
            }
            Some(_) => Ok(None),
        }
    }
}
