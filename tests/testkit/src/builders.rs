//! What tests start from: a realm as Keycloak makes a new one, and what is put into it. The same realm can be
//! had as the snapshot that decisions read ([`NewRealm::snapshot`]) and as rows ([`NewRealm::records`]).
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that starts from nonsense fails by panicking"
)]

mod keys;
mod names;
mod rows;

use sekisho_core::client::read::{self, Memberships, Place};
use sekisho_core::grant::Grant;
use sekisho_core::ids::GrantId;
use sekisho_core::policy::SecurityProfile;
use sekisho_core::realm::Resource;
use sekisho_core::realm::assemble::{Stored, assemble};
use sekisho_core::role::{Group, Role};
use sekisho_core::session::{Session, SessionState};
use sekisho_core::{Client, Realm, Secret, User};
use sekisho_protocol::keycloak::defaults::{default_role_name, new_realm};
use sekisho_protocol::keycloak::{
    self, ClientRepresentation, GroupRepresentation, RealmRepresentation, RoleRepresentation,
    UserRepresentation,
};
use sekisho_protocol::{Scopes, Timestamp, ports};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::SeededEntropy;

/// The time at which things are made: 2026-01-01T00:00:00Z, as on a [`crate::ManualClock`].
pub const NOW: Timestamp = Timestamp(1_767_225_600_000);

/// A realm in the making. Its settings may be changed as one likes.
pub struct NewRealm {
    pub config: RealmRepresentation,
    pub resources: Vec<Resource>,
    entropy: SeededEntropy,
}

impl NewRealm {
    /// A realm that nobody has changed yet, switched on.
    pub fn named(name: &str) -> Self {
        let entropy = SeededEntropy::default();
        let mut config = new_realm(name, &mut || fresh(&entropy));
        config.enabled = Some(true);
        config.users.get_or_insert_default();
        config.groups.get_or_insert_default();
        Self { config, resources: Vec::new(), entropy }
    }

    /// Adds a role of the realm.
    pub fn add_role(&mut self, name: &str) {
        let role = RoleRepresentation {
            id: Some(self.fresh_text()),
            name: Some(name.to_owned()),
            ..RoleRepresentation::default()
        };
        self.config.roles.get_or_insert_default().realm.get_or_insert_default().push(role);
    }

    /// Adds a group with the groups inside it.
    pub fn add_group(&mut self, document: &Value) {
        let mut group: GroupRepresentation = parse(document);
        self.identify(&mut group);
        self.config.groups.get_or_insert_default().push(group);
    }

    /// Adds a resource that clients may ask for.
    pub fn add_resource(&mut self, uri: &str) {
        let id = fresh(&self.entropy);
        self.resources.push(Resource { id, uri: uri.to_owned(), name: None, scopes: Vec::new() });
    }

    /// Adds a client, filled up as Keycloak does when one is created: scopes of the realm, origins of the
    /// redirect URIs, a user for the service account.
    pub fn add_client(&mut self, document: &Value) -> Uuid {
        let mut client: ClientRepresentation = parse(document);
        let id = fresh(&self.entropy);
        client.id = Some(id.to_string());
        client.enabled.get_or_insert(true);
        let service_account = client.service_accounts_enabled == Some(true);
        let scopes = client.default_client_scopes.get_or_insert_with(|| {
            names::of_openid_connect(&self.config, self.config.default_default_client_scopes.as_ref())
        });
        if service_account {
            scopes.push("service_account".to_owned());
        }
        client.optional_client_scopes.get_or_insert_with(|| {
            names::of_openid_connect(&self.config, self.config.default_optional_client_scopes.as_ref())
        });
        client.web_origins.get_or_insert_with(|| names::origins(client.redirect_uris.as_ref()));
        if service_account {
            self.add_service_account(client.client_id.as_deref().expect("a client has a clientId"));
        }
        self.config.clients.get_or_insert_default().push(client);
        id
    }

    fn add_service_account(&mut self, client_id: &str) {
        let realm = self.config.realm.clone().expect("a realm has a name");
        let user = UserRepresentation {
            id: Some(self.fresh_text()),
            username: Some(format!("service-account-{client_id}")),
            enabled: Some(true),
            service_account_client_id: Some(client_id.to_owned()),
            realm_roles: Some(vec![default_role_name(&realm)]),
            ..UserRepresentation::default()
        };
        self.config.users.get_or_insert_default().push(user);
    }

    /// Adds a user; what it has, roles and groups too, is what the document says.
    pub fn add_user(&mut self, document: &Value) -> Uuid {
        let mut user: UserRepresentation = parse(document);
        let id = fresh(&self.entropy);
        user.id = Some(id.to_string());
        user.enabled.get_or_insert(true);
        self.config.users.get_or_insert_default().push(user);
        id
    }

    /// The id.
    pub fn id(&self) -> Uuid {
        names::id(self.config.id.as_ref())
    }

    /// The realm as decisions see it.
    pub fn snapshot(&self) -> Realm {
        let name = self.config.realm.clone().expect("a realm has a name");
        let scopes = self.config.client_scopes.iter().flatten().cloned();
        assemble(Stored {
            security: SecurityProfile::None,
            id: self.id(),
            revision: 1,
            importing: false,
            issuer: format!("https://as.example/realms/{name}"),
            name,
            keys: keys::ready(),
            scopes: scopes.map(|scope| (names::id(scope.id.as_ref()), scope)).collect(),
            roles: self.roles(),
            groups: self.groups(),
            resources: self.resources.clone(),
            client_ids: names::role_owners(&self.config),
            representation: self.config.clone(),
        })
    }

    /// A client as decisions see it.
    pub fn client(&self, client_id: &str) -> Client {
        let config = self.client_config(client_id);
        let secret = config.secret.as_ref().map(|secret| Secret::new(secret.reveal()));
        read::client(self.place(names::id(config.id.as_ref())), config, secret)
    }

    fn client_config(&self, client_id: &str) -> ClientRepresentation {
        let mut clients = self.config.clients.iter().flatten();
        clients.find(|client| client.client_id.as_deref() == Some(client_id)).expect("no such client").clone()
    }

    /// A user as decisions see one.
    pub fn user(&self, username: &str) -> User {
        let mut users = self.config.users.iter().flatten();
        let config = users.find(|user| user.username.as_deref() == Some(username)).expect("no such user");
        let memberships = Memberships {
            roles: names::roles(&self.config, config.realm_roles.as_ref(), config.client_roles.as_ref()),
            groups: config.groups.iter().flatten().map(|path| self.group_at(path)).collect(),
            service_account_of: config
                .service_account_client_id
                .as_ref()
                .map(|client_id| names::id(self.client_config(client_id).id.as_ref())),
        };
        read::user(self.place(names::id(config.id.as_ref())), config.clone(), memberships)
    }

    fn group_at(&self, path: &str) -> Uuid {
        self.groups().into_iter().find(|group| group.path == path).expect("no such group").id
    }

    fn place(&self, id: Uuid) -> Place {
        Place { id, realm: self.id(), version: 1 }
    }

    fn roles(&self) -> Vec<Role> {
        let role = |record: sekisho_core::work::RoleRecord| Role {
            id: record.id,
            name: record.name,
            client: record.client,
            composites: record.composites,
        };
        rows::roles(&self.config).into_iter().map(role).collect()
    }

    fn groups(&self) -> Vec<Group> {
        rows::groups(&self.config).into_iter().map(|(_, group)| group).collect()
    }

    fn fresh_text(&self) -> String {
        fresh(&self.entropy).to_string()
    }

    fn identify(&self, group: &mut GroupRepresentation) {
        group.id = Some(self.fresh_text());
        group.sub_groups.iter_mut().flatten().for_each(|inside| self.identify(inside));
    }
}

/// An active session of a user, as signed in at [`NOW`].
pub fn session(realm: &Realm, user: Uuid, n: u128) -> Session {
    let mut cookie_hash = [0; 32];
    cookie_hash.iter_mut().zip(n.to_be_bytes()).for_each(|(byte, of_n)| *byte = of_n);
    Session {
        id: Uuid::from_u128(n),
        realm: realm.id,
        user,
        cookie_hash,
        state: SessionState::Active,
        created: NOW,
        auth_time: NOW,
        seen: NOW,
        expires: NOW.plus_seconds(realm.lifespans.session_max),
        remember_me: false,
        amr: vec!["pwd".to_owned()],
        ip_address: "192.0.2.1".to_owned(),
    }
}

/// The first generation of a family under a session.
pub fn grant(session: &Session, client: Uuid, n: u64) -> Grant {
    Grant {
        id: GrantId::new(NOW, n.to_be_bytes()),
        realm: session.realm,
        client,
        user: session.user,
        session: Some(session.id),
        sid: session.id,
        scopes: Scopes::parse("openid profile email"),
        resources: Vec::new(),
        offline: false,
        auth_time: session.auth_time,
        created: NOW,
        generation: 1,
        issued: NOW,
        repeats: 0,
        expires: Some(NOW.plus_seconds(1800)),
        revoked: None,
    }
}

fn parse<T: DeserializeOwned>(document: &Value) -> T {
    keycloak::parse(document.to_string().as_bytes()).expect("a document of this kind")
}

fn fresh(entropy: &SeededEntropy) -> Uuid {
    Uuid::from_bytes(ports::draw(entropy))
}
