//! What a user agreed to, as an administrator sees it and takes it back.

use std::collections::BTreeMap;

use sekisho_core::event::OperationType;
use sekisho_core::work::{Deletion, Guard, Work, Write};
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::UserConsentRepresentation;
use serde_json::json;
use uuid::Uuid;

use crate::AdminError;
use crate::error::What;
use crate::permit::{Admin, Done, TRIES};
use crate::user::read::load;

/// What was agreed to for one client, of every resource together.
#[derive(Default)]
struct Agreed {
    scopes: Vec<String>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    is_offline: bool,
}

/// Consents and offline grants of a user, by client.
pub async fn list(admin: &Admin<'_>, user: &str) -> Result<Vec<UserConsentRepresentation>, AdminError> {
    let stored = load(admin, user).await?;
    let mut agreed: BTreeMap<Uuid, Agreed> = BTreeMap::new();
    for (consent, first) in &stored.consents {
        let of_client = agreed.entry(consent.client).or_default();
        of_client.scopes.extend(consent.scopes.iter().map(str::to_owned));
        of_client.first = Some(of_client.first.map_or(*first, |known| known.min(*first)));
        of_client.last = of_client.last.max(Some(consent.at));
    }
    for grant in admin.context.store.grants_of_user(stored.record.id).await? {
        if grant.offline {
            agreed.entry(grant.client).or_default().is_offline = true;
        }
    }
    let mut shown = Vec::new();
    for (client, agreed) in agreed {
        let client = admin.context.store.client_by_id(&admin.realm, client).await?;
        shown.extend(client.map(|client| agreed.shown(client.id, &client.client_id)));
    }
    shown.sort_by(|left, right| left.client_id.cmp(&right.client_id));
    Ok(shown)
}

/// Takes back what a user agreed to for a client; its grants end, offline ones too.
pub async fn revoke(admin: &Admin<'_>, user: &str, client_id: &str) -> Result<(), AdminError> {
    for _ in 0..TRIES {
        let stored = load(admin, user).await?;
        let user_row = stored.record.id;
        let client = admin.context.store.client(&admin.realm, client_id).await?;
        let client = client.ok_or(AdminError::NotFound(What::NamedClient))?.id;
        let grants = admin.context.store.grants_of_user_at_client(user_row, client, true).await?;
        if grants.is_empty() && !stored.consents.iter().any(|(consent, _)| consent.client == client) {
            return Err(AdminError::NotFound(What::Consent));
        }
        let at = admin.context.now();
        let work = Work::new(admin.context.fresh_id())
            .guard(Guard::ChangeUser { user: user_row, version: stored.version })
            .write(Write::Delete(Deletion::Consents { user: user_row, client }))
            .write(Write::RevokeGrantsOfUserAtClient { user: user_row, client, at, offline: false });
        let done: Done<'_, UserConsentRepresentation> = Done {
            operation: OperationType::Action,
            resource: "USER",
            path: format!("users/{user}/consents/{client_id}"),
            sent: None,
        };
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            return Ok(());
        }
    }
    Err(AdminError::Contended)
}

impl Agreed {
    fn shown(mut self, client: Uuid, client_id: &str) -> UserConsentRepresentation {
        self.scopes.sort_unstable();
        self.scopes.dedup();
        let offline = || json!({ "client": client.to_string(), "key": "Offline Token" });
        UserConsentRepresentation {
            client_id: Some(client_id.to_owned()),
            granted_client_scopes: Some(self.scopes),
            created_date: self.first.map(|at| at.0),
            last_updated_date: self.last.map(|at| at.0),
            additional_grants: Some(self.is_offline.then(offline).into_iter().collect()),
            ..Default::default()
        }
    }
}
