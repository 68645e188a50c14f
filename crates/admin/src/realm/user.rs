//! Users of a document as rows, with their credentials, roles and groups. Passwords in the clear are hashed
//! as the realm wants it; Keycloak's hashes stay as they are and are replaced at the next login.

use std::collections::{BTreeMap, HashSet};

use sekisho_core::credential::StoredCredential;
use sekisho_core::secrets::Sealer;
use sekisho_core::user::normalize;
use sekisho_core::work::{ConsentRecord, Record, UserRecord, Write};
use sekisho_credential::{Parameters, Password, StoredPassword};
use sekisho_protocol::Timestamp;
use sekisho_protocol::keycloak::{CredentialRepresentation, Sensitive, UserRepresentation};
use sekisho_protocol::ports::draw;
use uuid::Uuid;

use super::names::{NamedRoles, Names};
use super::plan::{Row, written};
use crate::place::Place;
use crate::{AdminError, Context, Fault};
use sekisho_core::ids::row_id;

pub(crate) const PASSWORD: &str = "password";
pub(crate) const UPDATE_PASSWORD: &str = "UPDATE_PASSWORD";

/// Whether the user has a password that is to be changed at the next sign-in.
pub(crate) fn has_temporary_password(user: &UserRepresentation) -> bool {
    user.credentials.iter().flatten().any(|credential| credential.temporary == Some(true))
}

/// Whether the next sign-in asks for another password.
pub(crate) fn must_change_password(user: &UserRepresentation) -> bool {
    user.required_actions.iter().flatten().any(|action| action == UPDATE_PASSWORD)
}

/// What all users of a realm are read with.
pub(crate) struct Reader<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) names: &'a Names,
    sealer: &'a Sealer<'a>,
    parameters: Parameters,
    /// Two users may have one address.
    pub(crate) addresses_repeat: bool,
    seen_names: HashSet<String>,
    seen_addresses: HashSet<String>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        context: &'a Context<'a>,
        names: &'a Names,
        sealer: &'a Sealer<'a>,
        parameters: Parameters,
    ) -> Self {
        let (seen_names, seen_addresses) = (HashSet::new(), HashSet::new());
        Self { context, names, sealer, parameters, addresses_repeat: false, seen_names, seen_addresses }
    }

    /// The rows of one user.
    pub(crate) async fn rows(
        &mut self,
        mut user: UserRepresentation,
        place: &Place<'_>,
    ) -> Result<Vec<Row>, AdminError> {
        let id_text = user.id.get_or_insert_with(|| self.context.fresh_id().to_string());
        let id = row_id(self.names.realm, id_text);
        let username = self.username(&mut user, place)?;
        let email = self.email(&mut user, place)?;
        let memberships = self.memberships(&mut user, id, place)?;
        let service_account_of = match &user.service_account_client_id {
            Some(client) => Some(self.names.client(client, &place.member("serviceAccountClientId"))?),
            None => None,
        };
        let consents = self.consents(&mut user, id, place)?;
        let credentials = self.credentials(&mut user, id, place).await?;
        let created = *user.created_timestamp.get_or_insert(self.context.now().0);
        let record = UserRecord {
            id,
            realm: self.names.realm,
            username,
            email,
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            enabled: *user.enabled.get_or_insert(false),
            service_account_of,
            created: Timestamp(created),
            config: written(&user, "user")?,
        };
        let mut rows = vec![Row::New(Record::User(record))];
        rows.extend(credentials.into_iter().map(|credential| Row::New(Record::Credential(credential))));
        rows.extend(memberships);
        rows.extend(consents);
        Ok(rows)
    }

    fn username(&mut self, user: &mut UserRepresentation, place: &Place<'_>) -> Result<String, AdminError> {
        let place = place.member("username");
        let name = place.require(user.username.as_deref().map(normalize).filter(|name| !name.is_empty()))?;
        user.username = Some(name.clone());
        if !self.seen_names.insert(name.clone()) {
            return Err(place.repeats("user", &name));
        }
        Ok(name)
    }

    fn email(
        &mut self,
        user: &mut UserRepresentation,
        place: &Place<'_>,
    ) -> Result<Option<String>, AdminError> {
        user.email = user.email.as_deref().map(normalize).filter(|email| !email.is_empty());
        if let Some(email) = &user.email
            && !self.addresses_repeat
            && !self.seen_addresses.insert(email.clone())
        {
            return Err(place.member("email").repeats("address", email));
        }
        Ok(user.email.clone())
    }

    fn memberships(
        &self,
        user: &mut UserRepresentation,
        id: Uuid,
        place: &Place<'_>,
    ) -> Result<Vec<Row>, AdminError> {
        let of_realm = user.realm_roles.take().unwrap_or_default();
        let mut of_clients: BTreeMap<String, Vec<String>> = user.application_roles.take().unwrap_or_default();
        of_clients.extend(user.client_roles.take().unwrap_or_default());
        let given = NamedRoles {
            of_realm: &of_realm,
            of_clients: &of_clients,
            members: ("realmRoles", "clientRoles"),
        };
        let roles = self.names.roles_of(&given, place)?;
        let mut rows: Vec<Row> =
            roles.into_iter().map(|role| Row::link(Record::UserRole { user: id, role })).collect();
        let place = place.member("groups");
        for (index, path) in user.groups.take().into_iter().flatten().enumerate() {
            let group = self.names.group(&path, &place.element(index))?;
            rows.push(Row::link(Record::UserGroup { user: id, group }));
        }
        Ok(rows)
    }

    /// What the user agreed to; written twice, for the first time and for the last.
    fn consents(
        &self,
        user: &mut UserRepresentation,
        id: Uuid,
        place: &Place<'_>,
    ) -> Result<Vec<Row>, AdminError> {
        let place = place.member("clientConsents");
        let mut rows = Vec::new();
        for (index, consent) in user.client_consents.take().into_iter().flatten().enumerate() {
            let place = place.element(index);
            let client = place.member("clientId").require(consent.client_id.as_deref())?;
            let client = self.names.client(client, &place.member("clientId"))?;
            let scopes = consent.granted_client_scopes.unwrap_or_default();
            let first = consent.created_date.unwrap_or(self.context.now().0);
            for at in [first, consent.last_updated_date.unwrap_or(first)] {
                rows.push(Row::Write(Write::SaveConsent(ConsentRecord {
                    realm: self.names.realm,
                    user: id,
                    client,
                    resource: String::new(),
                    scopes: scopes.iter().map(String::as_str).collect(),
                    at: Timestamp(at),
                })));
            }
        }
        Ok(rows)
    }

    async fn credentials(
        &self,
        user: &mut UserRepresentation,
        id: Uuid,
        place: &Place<'_>,
    ) -> Result<Vec<StoredCredential>, AdminError> {
        let place = place.member("credentials");
        let mut stored = Vec::new();
        for (index, credential) in user.credentials.take().into_iter().flatten().enumerate() {
            let place = place.element(index);
            let kept = self.credential(credential, id, stored.len(), &place).await?;
            stored.push(kept);
        }
        Ok(stored)
    }

    async fn credential(
        &self,
        credential: CredentialRepresentation,
        user: Uuid,
        position: usize,
        place: &Place<'_>,
    ) -> Result<StoredCredential, AdminError> {
        let id = credential.id.as_deref().map(|id| row_id(self.names.realm, id));
        let kind =
            credential.r#type.clone().or_else(|| credential.value.is_some().then(|| PASSWORD.to_owned()));
        let kind = place.member("type").require(kind)?;
        let (credential_data, secret_data) = match (&credential.value, kind.as_str()) {
            (Some(value), PASSWORD) => self.hash(value, &place.member("value")).await?,
            (_, PASSWORD) => password_data(&credential, place)?,
            _ => plain_data(&credential, place)?,
        };
        Ok(StoredCredential {
            id: id.unwrap_or_else(|| self.context.fresh_id()),
            user,
            label: credential.user_label,
            secret_data: self.sealer.seal_credential(&kind, secret_data),
            kind,
            created: credential.created_date.unwrap_or(self.context.now().0),
            // Keycloak's own distance, which leaves room in between.
            priority: credential.priority.map_or_else(
                || i64::try_from(position).unwrap_or(0).saturating_add(1).saturating_mul(10),
                i64::from,
            ),
            credential_data,
        })
    }

    async fn hash(&self, value: &Sensitive, place: &Place<'_>) -> Result<(String, String), AdminError> {
        let password =
            Password::parse(value.reveal().to_owned()).map_err(|_| place.has(Fault::PasswordTooLong))?;
        let salt = draw(self.context.entropy);
        let hashed = self.context.passwords.hash(password, self.parameters, salt).await?;
        Ok((hashed.credential_data(), hashed.secret_data()))
    }
}

/// A stored password: of today's form, or of the members that very old documents have.
fn password_data(
    credential: &CredentialRepresentation,
    place: &Place<'_>,
) -> Result<(String, String), AdminError> {
    let (credential_data, secret_data) = match &credential.hashed_salted_value {
        Some(value) => old_password_data(credential, value),
        None => plain_data(credential, place)?,
    };
    StoredPassword::parse(&credential_data, &secret_data)
        .map_err(|error| place.has(Fault::Password(error)))?;
    Ok((credential_data, secret_data))
}

fn old_password_data(credential: &CredentialRepresentation, value: &Sensitive) -> (String, String) {
    let how = serde_json::json!({
        "hashIterations": credential.hash_iterations,
        "algorithm": credential.algorithm.as_deref().unwrap_or("pbkdf2-sha256"),
        "additionalParameters": {},
    });
    let secret = serde_json::json!({
        "value": value.reveal(),
        "salt": credential.salt.as_ref().map(Sensitive::reveal),
        "additionalParameters": {},
    });
    (how.to_string(), secret.to_string())
}

fn plain_data(
    credential: &CredentialRepresentation,
    place: &Place<'_>,
) -> Result<(String, String), AdminError> {
    let secret = place.member("secretData").require(credential.secret_data.as_ref())?;
    let data = place.member("credentialData").require(credential.credential_data.clone())?;
    Ok((data, secret.reveal().to_owned()))
}
