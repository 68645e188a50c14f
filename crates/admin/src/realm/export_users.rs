//! Users with their credentials, roles, groups and consents.

use sekisho_core::Realm;
use sekisho_core::credential::StoredCredential;
use sekisho_core::secrets;
use sekisho_core::work::ConsentRecord;
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::{
    self, CredentialRepresentation, Sensitive, UserConsentRepresentation, UserRepresentation,
};
use sekisho_store::StoredUser;
use uuid::Uuid;

use super::export::ById;
use crate::{AdminError, Context};

pub(super) struct Writer<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) realm: &'a Realm,
    pub(super) names: &'a ById<'a>,
    /// Credentials only come along in the clear.
    pub(super) secrets: bool,
}

impl Writer<'_> {
    /// All users, by name.
    pub(super) async fn users(&self) -> Result<Vec<UserRepresentation>, AdminError> {
        let mut users = Vec::new();
        let mut behind = Uuid::nil();
        loop {
            let page = self.context.store.stored_users(self.realm.id, behind).await?;
            let Some(last) = page.last() else { break };
            behind = last.record.id;
            for stored in page {
                users.push(self.user(stored)?);
            }
        }
        users.sort_by(|left, right| left.username.cmp(&right.username));
        Ok(users)
    }

    fn user(&self, stored: StoredUser) -> Result<UserRepresentation, AdminError> {
        let config = stored.record.config.as_bytes();
        let mut user: UserRepresentation =
            keycloak::parse(config).map_err(|_| AdminError::Unwritable("user"))?;
        user.totp = Some(stored.credentials.iter().any(|credential| credential.kind == "otp"));
        if self.secrets {
            let credentials = stored.credentials.into_iter().map(|credential| self.credential(credential));
            user.credentials = Some(credentials.collect::<Result<_, _>>()?);
        }
        let (of_realm, of_clients) = self.names.roles(&stored.roles);
        user.realm_roles = Some(of_realm);
        user.client_roles = (!of_clients.is_empty()).then_some(of_clients);
        let mut groups: Vec<String> =
            stored.groups.iter().filter_map(|id| self.names.group(*id)).map(str::to_owned).collect();
        groups.sort_unstable();
        user.groups = Some(groups);
        // Keycloak knows no consent for a resource; without the resource it would be one for more.
        let general = stored.consents.into_iter().filter(|(consent, _)| consent.resource.is_empty());
        let consents: Vec<_> = general.filter_map(|(consent, first)| self.consent(&consent, first)).collect();
        user.client_consents = (!consents.is_empty()).then_some(consents);
        Ok(user)
    }

    fn credential(&self, stored: StoredCredential) -> Result<CredentialRepresentation, AdminError> {
        let secret =
            secrets::open_credential(self.realm, &stored).ok_or(AdminError::Unwritable("credential"))?;
        Ok(CredentialRepresentation {
            id: Some(stored.id.to_string()),
            r#type: Some(stored.kind),
            user_label: stored.label,
            created_date: Some(stored.created),
            secret_data: Some(Sensitive::new(secret)),
            credential_data: Some(stored.credential_data),
            ..Default::default()
        })
    }

    fn consent(&self, consent: &ConsentRecord, first: Timestamp) -> Option<UserConsentRepresentation> {
        Some(UserConsentRepresentation {
            client_id: Some(self.names.client(consent.client)?.to_owned()),
            granted_client_scopes: Some(consent.scopes.iter().map(str::to_owned).collect()),
            created_date: Some(first.0),
            last_updated_date: Some(consent.at.0),
            ..Default::default()
        })
    }
}
