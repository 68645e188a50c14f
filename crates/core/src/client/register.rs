//! How a client comes to be, changes and goes: the one way for Admin REST, dynamic registration and the
//! command line. A draft is shown to the policies, settled with what they change, checked, and becomes a
//! [`Work`].

use sekisho_protocol::keycloak::{ClientRepresentation, Sensitive};
use sekisho_protocol::ports::draw;
use sekisho_protocol::{Entropy, Timestamp};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::BUILT_IN;
use super::complete::{self, OPENID_CONNECT, SERVICE_ACCOUNT_SCOPE};
use super::read::{self, Place};
use super::secret_life::{self, SecretLife};
use super::shape::{self, ClientFault};
use crate::grant::MAX_ACCESS_TOKEN_LIFE;
use crate::ids::{self, row_id};
use crate::policy::effect::Effect;
use crate::policy::event::{Proposal, Standing, Updater};
use crate::secrets::{self, Sealer};
use crate::work::{
    ClientRecord, Deletion, Guard, Record, Registration, RevokedKind, UserRecord, Work, Write,
};
use crate::{Client, Realm, Secret};

/// When the secret was made, in seconds; Keycloak's attribute.
pub const SECRET_CREATED: &str = "client.secret.creation.time";
/// Whether the client belongs to the realm itself; Keycloak's attribute.
const REALM_CLIENT: &str = "realm_client";
/// What a text in its place stands for is not changed by a PUT that sends it back.
const LISTS_WITH_ROUTES_OF_THEIR_OWN: &[&str] = &[
    "id",
    "defaultClientScopes",
    "optionalClientScopes",
    "protocolMappers",
    "access",
    "registrationAccessToken",
];

/// A client as it would be, on which the policies have not spoken yet.
pub struct Draft {
    current: Option<Client>,
    sent: ClientRepresentation,
    result: ClientRepresentation,
}

/// A client that the policies let pass and whose shape is right. Made by [`Draft::settle`] only.
pub struct Settled {
    client: Client,
    result: ClientRepresentation,
    /// It had a service account before.
    had_service_account: bool,
    /// The secret that it had before.
    before: Option<Secret>,
}

impl Draft {
    /// A client that shall be made: what was sent, filled up with what every client has.
    pub fn new(realm: &Realm, sent: ClientRepresentation, entropy: &dyn Entropy, now: Timestamp) -> Self {
        let mut result = sent.clone();
        result.id.get_or_insert_with(|| fresh_id(entropy, now));
        if result.client_id.is_none() {
            result.client_id.clone_from(&result.id);
        }
        result.protocol.get_or_insert_with(|| OPENID_CONNECT.to_owned());
        drop_unknown_scopes(&mut result, realm);
        complete::complete(&mut result, &realm.offered_scopes);
        result
            .attributes
            .get_or_insert_default()
            .entry(REALM_CLIENT.to_owned())
            .or_insert("false".to_owned());
        identify_mappers(&mut result, entropy, now);
        remove_empty_attributes(&mut result);
        keep_mark(&mut result, None);
        Self { current: None, sent, result }
    }

    /// A client that shall be changed: what was sent over what there is. `None` when neither can be written:
    /// a defect.
    pub fn change(
        current: Client,
        document: &ClientRepresentation,
        sent: ClientRepresentation,
    ) -> Option<Self> {
        let mut result = overlay(document, &sent)?;
        remove_empty_attributes(&mut result);
        Some(Self::replace(current, sent, result))
    }

    /// The same change, but of the whole document: mappers and lists of scopes too.
    pub fn replace(current: Client, sent: ClientRepresentation, mut result: ClientRepresentation) -> Self {
        keep_mark(&mut result, Some(&current));
        Self { current: Some(current), sent, result }
    }

    /// What was sent.
    pub const fn sent(&self) -> &ClientRepresentation {
        &self.sent
    }

    /// The client as it would be.
    pub const fn result(&self) -> &ClientRepresentation {
        &self.result
    }

    /// Changes the client as it would be, before the policies judge it.
    pub fn amend(&mut self, change: impl FnOnce(&mut ClientRepresentation)) {
        change(&mut self.result);
    }

    /// What the policies are asked.
    pub const fn proposal<'a>(&'a self, updater: &'a Updater) -> Proposal<'a> {
        Proposal { current: self.current.as_ref(), sent: &self.sent, result: &self.result, updater }
    }

    /// Carries out what the policies change, and checks the shape of what comes of it.
    ///
    /// # Errors
    /// The first member that is wrong.
    pub fn settle(
        mut self,
        effects: &[Effect],
        realm: &Realm,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<Settled, ClientFault> {
        for effect in effects {
            if let Effect::Client(edit) = effect {
                edit.apply(&mut self.result);
            }
        }
        shape::check(&self.result)?;
        settle_secret(&mut self.result, self.current.as_ref(), entropy, now);
        settle_service_account_scope(&mut self.result, self.current.as_ref(), realm);
        let id = row_id(realm.id, self.result.id.as_deref().unwrap_or_default());
        let secret = self.result.secret.as_ref().map(|secret| Secret::new(secret.reveal()));
        let version = self.current.as_ref().map_or(1, |current| current.version);
        let client = read::client(Place { id, realm: realm.id, version }, self.result.clone(), secret);
        let had_service_account = self.current.as_ref().is_some_and(|current| current.service_accounts);
        let before = self.current.and_then(|current| current.secret);
        Ok(Settled { client, result: self.result, had_service_account, before })
    }
}

impl Settled {
    /// The client as it will be.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Its document as it will be, with its secret.
    pub const fn document(&self) -> &ClientRepresentation {
        &self.result
    }

    /// What the policies are asked once more.
    pub const fn standing<'a>(&'a self, updater: &'a Updater) -> Standing<'a> {
        Standing { client: &self.client, updater }
    }

    /// Carries out what the policies change once the client is settled.
    #[must_use]
    pub fn follow(mut self, effects: &[Effect], entropy: &dyn Entropy, now: Timestamp) -> Self {
        for effect in effects {
            if let Effect::RotateSecret { expiration, rotated, remaining } = *effect {
                let life = SecretLife { expiration, rotated, remaining };
                secret_life::renew(&mut self.result, self.before.as_ref(), life, entropy, now);
            }
        }
        self
    }

    /// The work that makes the client, and the user that stands for it where it has a service account. Losing
    /// guard 0 means that the name, or the id, is taken. `None` when the realm cannot seal: a defect.
    pub fn create(
        &self,
        realm: &Realm,
        registration: Registration,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Option<Work> {
        let record = self.record(realm, registration, entropy)?;
        let work = Work::new(ids::time_ordered(now, draw(entropy)));
        let work = work.guard(Guard::Insert(Box::new(Record::Client(record))));
        Some(if self.client.service_accounts {
            self.with_service_account(work, realm, entropy, now)
        } else {
            work
        })
    }

    /// The work that changes the client. It is no longer what it was registered as, so that nobody who registers the
    /// same joins it. Losing guard 0 means that somebody else changed it meanwhile.
    pub fn update(
        &self,
        realm: &Realm,
        registration: Registration,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Option<Work> {
        let record = self.record(realm, Registration { fold: None, ..registration }, entropy)?;
        let (client, version) = (self.client.id, self.client.version);
        let work = Work::new(ids::time_ordered(now, draw(entropy)))
            .guard(Guard::ChangeClient { client, version })
            .write(Write::Replace(Box::new(Record::Client(record))));
        let gains = self.client.service_accounts && !self.had_service_account;
        Some(if gains { self.with_service_account(work, realm, entropy, now) } else { work })
    }

    /// Whether its service account ends with this change.
    pub const fn loses_service_account(&self) -> bool {
        self.had_service_account && !self.client.service_accounts
    }

    fn record(
        &self,
        realm: &Realm,
        registration: Registration,
        entropy: &dyn Entropy,
    ) -> Option<ClientRecord> {
        let sealer = Sealer::of(realm, entropy)?;
        let mut document = serde_json::to_value(&self.result).ok()?;
        let taken = secrets::take(&mut document);
        Some(ClientRecord {
            id: self.client.id,
            realm: realm.id,
            client_id: self.client.client_id.clone(),
            config: document.to_string(),
            secrets: sealer.seal(&taken),
            registration,
        })
    }

    fn with_service_account(&self, work: Work, realm: &Realm, entropy: &dyn Entropy, now: Timestamp) -> Work {
        let user = service_account(&self.client, realm, entropy, now);
        let id = user.id;
        let work = work.guard(Guard::Insert(Box::new(Record::User(user))));
        match realm.default_role {
            Some(role) => work.insert(Record::UserRole { user: id, role }),
            None => work,
        }
    }
}

/// Whether a client came with its realm is not for anybody to say.
fn keep_mark(result: &mut ClientRepresentation, current: Option<&Client>) {
    match current.and_then(|current| current.attribute(BUILT_IN)) {
        Some(mark) => {
            result.attributes.get_or_insert_default().insert(BUILT_IN.to_owned(), mark.to_owned());
        }
        None => {
            if let Some(attributes) = &mut result.attributes {
                attributes.remove(BUILT_IN);
            }
        }
    }
}

/// The work that removes a client with its service account. Losing guard 0 means that somebody else changed it
/// meanwhile.
pub fn removal(
    realm: &Realm,
    (client, version): (Uuid, i64),
    service_account: Option<Uuid>,
    id: Uuid,
    now: Timestamp,
) -> Work {
    let mut work = Work::new(id)
        .guard(Guard::ChangeClient { client, version })
        .write(Write::Delete(Deletion::Client { client }))
        .write(revocation(realm, RevokedKind::Client, client, now));
    // Only roles of a client are part of the realm's snapshot.
    if realm.roles.client_ids.contains_key(&client) {
        work = work.guard(Guard::MoveRealm { realm: realm.id });
    }
    match service_account {
        Some(user) => without_service_account(work, realm, user, now),
        None => work,
    }
}

/// The same work, which also removes the user that stood for the client.
#[must_use]
pub fn without_service_account(work: Work, realm: &Realm, user: Uuid, now: Timestamp) -> Work {
    work.write(Write::Delete(Deletion::User { user })).write(revocation(realm, RevokedKind::User, user, now))
}

/// Tokens of what is gone are refused as long as one could live, on every node.
fn revocation(realm: &Realm, kind: RevokedKind, id: Uuid, now: Timestamp) -> Write {
    Write::Revoke {
        realm: realm.id,
        kind,
        key: id.as_bytes().to_vec(),
        at: now,
        expires: now.plus_seconds(MAX_ACCESS_TOKEN_LIFE),
    }
}

/// The user that stands for a client.
fn service_account(client: &Client, realm: &Realm, entropy: &dyn Entropy, now: Timestamp) -> UserRecord {
    let id = ids::time_ordered(now, draw(entropy));
    let username = format!("service-account-{}", client.client_id.to_lowercase());
    let config = serde_json::json!({
        "id": id,
        "username": username,
        "enabled": true,
        "emailVerified": false,
        "createdTimestamp": now.0,
        "serviceAccountClientId": client.client_id,
    });
    UserRecord {
        id,
        realm: realm.id,
        username,
        email: None,
        first_name: None,
        last_name: None,
        enabled: true,
        service_account_of: Some(client.id),
        created: now,
        config: config.to_string(),
    }
}

/// A confidential client without a secret gets one; another has none. What stands for a hidden secret changes
/// nothing.
fn settle_secret(
    result: &mut ClientRepresentation,
    current: Option<&Client>,
    entropy: &dyn Entropy,
    now: Timestamp,
) {
    let before = current.and_then(|current| current.secret.as_ref());
    let sent = result
        .secret
        .take()
        .filter(|secret| !secret.reveal().is_empty() && !secrets::is_hidden(secret.reveal()));
    if result.public_client == Some(true) {
        if let Some(attributes) = &mut result.attributes {
            attributes.remove(SECRET_CREATED);
        }
        return;
    }
    let kept = sent.or_else(|| before.map(|secret| Sensitive::new(secret.reveal().to_owned())));
    let fresh = kept.as_ref().map(Sensitive::reveal) != before.map(Secret::reveal);
    let secret = kept.unwrap_or_else(|| Sensitive::new(complete::fresh_secret(entropy)));
    let attributes = result.attributes.get_or_insert_default();
    if fresh || before.is_none() {
        attributes.insert(SECRET_CREATED.to_owned(), now.seconds().to_string());
    }
    result.secret = Some(secret);
}

/// Keycloak gives the scope `service_account` to a client whose service account is switched on.
fn settle_service_account_scope(result: &mut ClientRepresentation, current: Option<&Client>, realm: &Realm) {
    let has = result.service_accounts_enabled == Some(true);
    let had = current.is_some_and(|current| current.service_accounts);
    let protocol = result.protocol.as_deref().unwrap_or(OPENID_CONNECT);
    if has == had || !realm.offered_scopes.fits(SERVICE_ACCOUNT_SCOPE, protocol) {
        return;
    }
    let names = result.default_client_scopes.get_or_insert_default();
    names.retain(|name| name != SERVICE_ACCOUNT_SCOPE);
    if has {
        names.push(SERVICE_ACCOUNT_SCOPE.to_owned());
    }
}

/// Names that are no scopes of the realm are left out, as Keycloak does.
fn drop_unknown_scopes(client: &mut ClientRepresentation, realm: &Realm) {
    for names in [&mut client.default_client_scopes, &mut client.optional_client_scopes].into_iter().flatten()
    {
        names.retain(|name| realm.offered_scopes.protocols.contains_key(name));
    }
}

/// An attribute that is set to nothing goes.
fn remove_empty_attributes(client: &mut ClientRepresentation) {
    if let Some(attributes) = &mut client.attributes {
        attributes.retain(|_, value| !value.is_empty());
    }
}

/// Mappers are addressed by their id.
pub fn identify_mappers(client: &mut ClientRepresentation, entropy: &dyn Entropy, now: Timestamp) {
    for mapper in client.protocol_mappers.iter_mut().flatten() {
        mapper.id.get_or_insert_with(|| fresh_id(entropy, now));
    }
}

fn fresh_id(entropy: &dyn Entropy, now: Timestamp) -> String {
    ids::time_ordered(now, draw(entropy)).to_string()
}

/// The members that were sent over those that there are: attributes one by one, lists that have routes of
/// their own not at all.
fn overlay(document: &ClientRepresentation, sent: &ClientRepresentation) -> Option<ClientRepresentation> {
    let mut merged = object(document)?;
    for (name, value) in object(&without_stars(sent)?)? {
        if LISTS_WITH_ROUTES_OF_THEIR_OWN.contains(&name.as_str()) {
            continue;
        }
        match (merged.get_mut(&name), value) {
            (Some(Value::Object(there)), Value::Object(sent)) if name == "attributes" => there.extend(sent),
            (_, value) => {
                merged.insert(name, value);
            }
        }
    }
    serde_json::from_value(Value::Object(merged)).ok()
}

/// A document without the stars that stood for secrets when it was read: they change nothing.
fn without_stars(sent: &ClientRepresentation) -> Option<ClientRepresentation> {
    let mut document = serde_json::to_value(sent).ok()?;
    let mut taken = secrets::take(&mut document);
    taken.retain(|_, secret| !secrets::is_hidden(secret));
    secrets::put_back(&mut document, &taken)?;
    serde_json::from_value(document).ok()
}

fn object(client: &ClientRepresentation) -> Option<Map<String, Value>> {
    match serde_json::to_value(client).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}
