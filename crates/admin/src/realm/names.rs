//! Names of a document and the ids of the rows they become.

use std::collections::{HashMap, HashSet};

use sekisho_core::Realm;
use sekisho_core::ids::row_id;
use sekisho_protocol::keycloak::defaults::Ids;
use sekisho_protocol::keycloak::{GroupRepresentation, RealmRepresentation, RoleRepresentation};
use uuid::Uuid;

use crate::place::Place;
use crate::{AdminError, Fault};

/// Every name that another part of the document may use.
#[derive(Default)]
pub(crate) struct Names {
    pub(super) realm: Uuid,
    pub(super) scopes: HashSet<String>,
    pub(super) clients: HashMap<String, Uuid>,
    /// By the client that owns them; `None` is the realm.
    roles: HashMap<Option<String>, HashMap<String, Uuid>>,
    pub(super) groups: HashMap<String, Uuid>,
}

/// The id that is written, made up where it is missing.
pub(super) fn settle_id(id: &mut Option<String>, realm: Uuid, ids: &mut Ids<'_>) -> Uuid {
    let text = id.get_or_insert_with(|| ids().to_string());
    row_id(realm, text)
}

impl Names {
    /// The names of a realm that is there.
    pub(crate) fn of(realm: &Realm) -> Self {
        let mut names = Self { realm: realm.id, ..Self::default() };
        names.scopes = realm.scopes.keys().cloned().collect();
        names.clients = realm.roles.client_ids.iter().map(|(id, name)| (name.clone(), *id)).collect();
        names.groups = realm.groups.by_id.values().map(|group| (group.path.clone(), group.id)).collect();
        for role in realm.roles.by_id.values() {
            let owner = role.client.and_then(|id| realm.roles.client_ids.get(&id)).cloned();
            if owner.is_some() || role.client.is_none() {
                names.roles.entry(owner).or_default().insert(role.name.clone(), role.id);
            }
        }
        names
    }

    /// Gives everything its id and learns its name; a name that is there twice is an error.
    pub(super) fn learn(realm: &mut RealmRepresentation, ids: &mut Ids<'_>) -> Result<Self, AdminError> {
        let mut names = Self { realm: settle_id(&mut realm.id, Uuid::nil(), ids), ..Self::default() };
        names.learn_scopes(realm, ids)?;
        names.learn_clients(realm, ids)?;
        names.learn_roles(realm, ids)?;
        let groups = Place::Top("groups");
        names.learn_groups(realm.groups.as_deref_mut().unwrap_or_default(), &groups, "", ids)?;
        Ok(names)
    }

    fn learn_scopes(&mut self, realm: &mut RealmRepresentation, ids: &mut Ids<'_>) -> Result<(), AdminError> {
        let place = Place::Top("clientScopes");
        for (index, scope) in realm.client_scopes.iter_mut().flatten().enumerate() {
            settle_id(&mut scope.id, self.realm, ids);
            let place = place.element(index);
            let name = place.member("name").require(scope.name.clone())?;
            if !self.scopes.insert(name.clone()) {
                return Err(place.member("name").repeats("client scope", &name));
            }
        }
        Ok(())
    }

    fn learn_clients(
        &mut self,
        realm: &mut RealmRepresentation,
        ids: &mut Ids<'_>,
    ) -> Result<(), AdminError> {
        let place = Place::Top("clients");
        for (index, client) in realm.clients.iter_mut().flatten().enumerate() {
            let place = place.element(index);
            let id = settle_id(&mut client.id, self.realm, ids);
            let name = place.member("clientId").require(client.client_id.clone())?;
            if self.clients.insert(name.clone(), id).is_some() {
                return Err(place.member("clientId").repeats("client", &name));
            }
        }
        Ok(())
    }

    fn learn_roles(&mut self, realm: &mut RealmRepresentation, ids: &mut Ids<'_>) -> Result<(), AdminError> {
        let place = Place::Top("roles");
        let roles = realm.roles.get_or_insert_default();
        let of_realm = roles.realm.as_deref_mut().unwrap_or_default();
        self.learn_roles_of(None, of_realm, &place.member("realm"), ids)?;
        let place = place.member("client");
        for (client, roles) in roles.client.iter_mut().flatten() {
            let place = place.member(client);
            if !self.clients.contains_key(client) {
                return Err(place.lacks("client", client));
            }
            self.learn_roles_of(Some(client), roles, &place, ids)?;
        }
        Ok(())
    }

    fn learn_roles_of(
        &mut self,
        owner: Option<&String>,
        roles: &mut [RoleRepresentation],
        place: &Place<'_>,
        ids: &mut Ids<'_>,
    ) -> Result<(), AdminError> {
        let realm = self.realm;
        let known = self.roles.entry(owner.cloned()).or_default();
        for (index, role) in roles.iter_mut().enumerate() {
            let place = place.element(index);
            let id = settle_id(&mut role.id, realm, ids);
            let name = place.member("name").require(role.name.clone())?;
            if known.insert(name.clone(), id).is_some() {
                return Err(place.member("name").repeats("role", &name));
            }
        }
        Ok(())
    }

    fn learn_groups(
        &mut self,
        groups: &mut [GroupRepresentation],
        place: &Place<'_>,
        above: &str,
        ids: &mut Ids<'_>,
    ) -> Result<(), AdminError> {
        for (index, group) in groups.iter_mut().enumerate() {
            let place = place.element(index);
            let id = settle_id(&mut group.id, self.realm, ids);
            let name = place.member("name").require(group.name.as_deref())?;
            let path = format!("{above}/{}", name.replace('/', "~/"));
            if self.groups.insert(path.clone(), id).is_some() {
                return Err(place.member("name").repeats("group", &path));
            }
            let inside = group.sub_groups.as_deref_mut().unwrap_or_default();
            self.learn_groups(inside, &place.member("subGroups"), &path, ids)?;
            group.path = Some(path);
        }
        Ok(())
    }

    /// The id of a role, by the client that owns it (`None`: the realm).
    pub(super) fn role(
        &self,
        owner: Option<&str>,
        name: &str,
        place: &Place<'_>,
    ) -> Result<Uuid, AdminError> {
        let owner = owner.map(str::to_owned);
        let known = self.roles.get(&owner).and_then(|roles| roles.get(name));
        known.copied().ok_or_else(|| place.lacks("role", name))
    }

    /// The ids of realm roles and client roles named at two members of one thing.
    pub(super) fn roles_of(
        &self,
        named: &NamedRoles<'_>,
        place: &Place<'_>,
    ) -> Result<Vec<Uuid>, AdminError> {
        let mut found = Vec::new();
        let (realm_member, client_member) = named.members;
        let at = place.member(realm_member);
        for (index, name) in named.of_realm.iter().enumerate() {
            found.push(self.role(None, name, &at.element(index))?);
        }
        let at = place.member(client_member);
        for (client, names) in named.of_clients {
            let at = at.member(client);
            for (index, name) in names.iter().enumerate() {
                found.push(self.role(Some(client), name, &at.element(index))?);
            }
        }
        Ok(found)
    }

    /// The id of a group by its path, which may lack the first slash.
    pub(super) fn group(&self, path: &str, place: &Place<'_>) -> Result<Uuid, AdminError> {
        let id = self.groups.get(path).or_else(|| self.groups.get(&format!("/{path}")));
        id.copied().ok_or_else(|| place.lacks("group", path))
    }

    /// The scopes of a list are all there.
    pub(super) fn check_scopes(
        &self,
        names: Option<&Vec<String>>,
        place: &Place<'_>,
    ) -> Result<(), AdminError> {
        for (index, name) in names.into_iter().flatten().enumerate() {
            if !self.scopes.contains(name) {
                return Err(place.element(index).lacks("client scope", name));
            }
        }
        Ok(())
    }

    /// The client is there.
    pub(super) fn client(&self, name: &str, place: &Place<'_>) -> Result<Uuid, AdminError> {
        self.clients.get(name).copied().ok_or_else(|| place.lacks("client", name))
    }
}

/// Roles by name, and the members of the document that list them.
pub(super) struct NamedRoles<'a> {
    pub(super) of_realm: &'a [String],
    pub(super) of_clients: &'a std::collections::BTreeMap<String, Vec<String>>,
    pub(super) members: (&'a str, &'a str),
}

/// The realm's name, which a document must have.
pub(super) fn of_realm(realm: &RealmRepresentation) -> Result<String, AdminError> {
    let place = Place::Top("realm");
    let name = place.require(realm.realm.clone())?;
    if !stands_in_path(&name) {
        return Err(place.has(Fault::Unreadable("not a name that can stand in a path")));
    }
    Ok(name)
}

/// Whether a realm of this name has a path of its own.
pub(crate) fn stands_in_path(name: &str) -> bool {
    let in_paths = |c: char| (c.is_ascii_graphic() || c == ' ') && !"/?#%\\;\"<>^`{|}".contains(c);
    !name.trim().is_empty()
        && name.trim() == name
        && name.chars().all(in_paths)
        && name != "."
        && name != ".."
}
