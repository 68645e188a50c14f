//! A document as rows.

use sekisho_core::role::Group;
use sekisho_core::secrets::{SECRETS_PURPOSE, Secrets};
use sekisho_core::work::{
    ClientRecord, ConfigRecord, GroupRecord, RealmRecord, Record, Registration, RoleRecord, UserRecord, Work,
};
use sekisho_protocol::keycloak::{
    ClientRepresentation, Composites, GroupRepresentation, RealmRepresentation, RoleRepresentation,
};
use sekisho_store::MasterKeys;
use serde::Serialize;
use uuid::Uuid;

use super::{NOW, NewRealm, keys, names};

impl NewRealm {
    /// The realm and all that is in it, as the work that makes it.
    pub fn work(&self, master: &MasterKeys, id: Uuid) -> Work {
        self.records(master).into_iter().fold(Work::new(id), Work::insert)
    }

    /// Every row of the realm.
    pub fn records(&self, master: &MasterKeys) -> Vec<Record> {
        let realm = self.id();
        let keys = keys::records(realm, master).into_iter().map(Record::Key);
        let scopes = self.config.client_scopes.iter().flatten().map(|scope| ConfigRecord {
            id: names::id(scope.id.as_ref()),
            realm,
            name: scope.name.clone().unwrap_or_default(),
            config: written(scope),
        });
        let resources = self.resources.iter().map(|resource| Record::Resource {
            id: resource.id,
            realm,
            uri: resource.uri.clone(),
            config: serde_json::json!({"name": resource.name, "scopes": resource.scopes}).to_string(),
        });
        let mut records = vec![Record::Realm(self.record())];
        records.extend(keys);
        records.extend(scopes.map(Record::Scope));
        records.extend(resources);
        records.extend(roles(&self.config).into_iter().map(Record::Role));
        records.extend(groups(&self.config).into_iter().map(|(record, _)| Record::Group(record)));
        records.extend(self.config.clients.iter().flatten().map(|client| self.client_record(client)));
        for username in self.config.users.iter().flatten().filter_map(|user| user.username.as_deref()) {
            self.user_records(username, &mut records);
        }
        records
    }

    /// The realm without what has tables of its own.
    fn record(&self) -> RealmRecord {
        let config = RealmRepresentation {
            roles: None,
            groups: None,
            clients: None,
            client_scopes: None,
            users: None,
            ..self.config.clone()
        };
        RealmRecord {
            id: self.id(),
            name: self.config.realm.clone().unwrap_or_default(),
            importing: false,
            config: written(&config),
            secrets: None,
            created: NOW,
        }
    }

    fn client_record(&self, client: &ClientRepresentation) -> Record {
        let seal = |secret: &str| {
            let secrets = Secrets::from([("/secret".to_owned(), secret.to_owned())]);
            keys::ready().seal(self.id(), SECRETS_PURPOSE, [0; 12], written(&secrets).as_bytes())
        };
        Record::Client(ClientRecord {
            id: names::id(client.id.as_ref()),
            realm: self.id(),
            client_id: client.client_id.clone().unwrap_or_default(),
            config: written(&ClientRepresentation { secret: None, ..client.clone() }),
            secrets: client.secret.as_ref().and_then(|secret| seal(secret.reveal())),
            registration: Registration::default(),
        })
    }

    fn user_records(&self, username: &str, records: &mut Vec<Record>) {
        let user = self.user(username);
        let mut users = self.config.users.iter().flatten();
        let mut config =
            users.find(|user| user.username.as_deref() == Some(username)).cloned().unwrap_or_default();
        config.realm_roles = None;
        config.client_roles = None;
        config.groups = None;
        config.credentials = None;
        records.push(Record::User(UserRecord {
            id: user.id,
            realm: user.realm,
            username: user.username,
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            enabled: user.enabled,
            service_account_of: user.service_account_of,
            created: NOW,
            config: written(&config),
        }));
        records.extend(user.roles.into_iter().map(|role| Record::UserRole { user: user.id, role }));
        records.extend(user.groups.into_iter().map(|group| Record::UserGroup { user: user.id, group }));
    }
}

pub(super) fn roles(config: &RealmRepresentation) -> Vec<RoleRecord> {
    let realm = names::id(config.id.as_ref());
    let record = |client: Option<Uuid>, role: &RoleRepresentation| {
        let Composites { realm: of_realm, client: of_clients, .. } =
            role.composites.clone().unwrap_or_default();
        RoleRecord {
            id: names::id(role.id.as_ref()),
            realm,
            client,
            name: role.name.clone().unwrap_or_default(),
            config: written(&RoleRepresentation { composites: None, ..role.clone() }),
            composites: names::roles(config, of_realm.as_ref(), of_clients.as_ref()),
        }
    };
    let Some(roles) = &config.roles else { return Vec::new() };
    let mut records: Vec<RoleRecord> = roles.realm.iter().flatten().map(|role| record(None, role)).collect();
    for (id, client_id) in names::client_ids(config) {
        let of_client = roles.client.as_ref().and_then(|clients| clients.get(&client_id));
        records.extend(of_client.into_iter().flatten().map(|role| record(Some(id), role)));
    }
    records
}

/// Every group, as a row and as decisions see it.
pub(super) fn groups(config: &RealmRepresentation) -> Vec<(GroupRecord, Group)> {
    let mut groups = Vec::new();
    for group in config.groups.iter().flatten() {
        add_groups(config, group, None, &mut groups);
    }
    groups
}

fn add_groups(
    config: &RealmRepresentation,
    group: &GroupRepresentation,
    parent: Option<(Uuid, &str)>,
    groups: &mut Vec<(GroupRecord, Group)>,
) {
    let id = names::id(group.id.as_ref());
    let name = group.name.clone().unwrap_or_default();
    let path = format!("{}/{name}", parent.map_or("", |(_, path)| path));
    let parent = parent.map(|(id, _)| id);
    let roles = names::roles(config, group.realm_roles.as_ref(), group.client_roles.as_ref());
    let record = GroupRecord {
        id,
        realm: names::id(config.id.as_ref()),
        parent,
        path: path.clone(),
        config: written(&GroupRepresentation {
            sub_groups: None,
            realm_roles: None,
            client_roles: None,
            ..group.clone()
        }),
        roles: roles.clone(),
    };
    let attributes = group.attributes.clone().unwrap_or_default().into_iter().collect();
    groups.push((record, Group { id, name, path: path.clone(), parent, roles, attributes }));
    for inside in group.sub_groups.iter().flatten() {
        add_groups(config, inside, Some((id, &path)), groups);
    }
}

fn written<T: Serialize>(document: &T) -> String {
    serde_json::to_string(document).expect("a document can be written")
}
