//! The token with which a client reads and changes its own registration (RFC 7592), made by an administrator.

use sekisho_core::client::registration_token::{self, Standing};
use sekisho_core::event::OperationType;
use sekisho_core::work::{ClientRecord, Guard, Record, Registration, Work, Write};
use sekisho_protocol::keycloak::{ClientRepresentation, Sensitive};

use super::{look, require_changeable, shown};
use crate::AdminError;
use crate::permit::{Admin, Done, TRIES};

/// Gives the client a new token, good at both providers, in place of the one that it had. Answers the client with it:
/// nobody sees it again.
pub async fn regenerate(admin: &Admin<'_>, id: &str) -> Result<ClientRepresentation, AdminError> {
    let done: Done<'_, ClientRepresentation> = Done {
        operation: OperationType::Action,
        resource: "CLIENT",
        path: format!("clients/{id}/registration-access-token"),
        sent: None,
    };
    for _ in 0..TRIES {
        let found = look(admin, id).await?;
        require_changeable(admin, &found.client).await?;
        let (entropy, now) = (admin.context.entropy, admin.context.now());
        let about = (Standing::Authenticated, Vec::new());
        let issued = registration_token::registration_access(&admin.realm, None, about, entropy, now);
        let issued = issued.ok_or(AdminError::NoMasterKey)?;
        let (client, version) = (found.client.id, found.stored.version);
        let record = found.stored.record;
        let registration = Registration { token: Some(issued.digest), ..record.registration.clone() };
        let record = Record::Client(ClientRecord { registration, ..record });
        let work = Work::new(admin.context.fresh_id())
            .guard(Guard::ChangeClient { client, version })
            .write(Write::Replace(Box::new(record)));
        if admin.commit(admin.recorded(work, &done), |_| None).await? {
            let mut document = shown(admin, &found.client, found.document).await?;
            document.registration_access_token = Some(Sensitive::new(issued.token));
            return Ok(document);
        }
    }
    Err(AdminError::Contended)
}
