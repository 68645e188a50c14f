//! Who administers what: the admin roles of Keycloak, and the proof that somebody holds some.

use std::collections::HashSet;
use std::sync::Arc;

use uuid::Uuid;

use crate::policy::event::{Updater, UpdaterKind};
use crate::scope::GrantedScopes;
use crate::{Client, Realm, User, token};

/// The realm whose administrators administer every realm.
pub const MASTER: &str = "master";
/// The client of a realm that owns its admin roles.
const MANAGEMENT_CLIENT: &str = "realm-management";
/// The realm role of master that lets make realms.
const CREATE_REALM: &str = "create-realm";

macro_rules! admin_roles {
    ($($(#[$meta:meta])* $name:ident = $bit:literal $role:literal;)+) => {
        impl AdminRoles {
            $($(#[$meta])* pub const $name: Self = Self(1 << $bit);)+

            /// Every role with its name in Keycloak.
            pub const NAMED: &'static [(Self, &'static str)] = &[$((Self::$name, $role)),+];
        }
    };
}

/// A set of admin roles for one realm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdminRoles(u32);

admin_roles! {
    CREATE_CLIENT = 0 "create-client";
    IMPERSONATION = 1 "impersonation";
    MANAGE_AUTHORIZATION = 2 "manage-authorization";
    MANAGE_CLIENTS = 3 "manage-clients";
    MANAGE_EVENTS = 4 "manage-events";
    MANAGE_IDENTITY_PROVIDERS = 5 "manage-identity-providers";
    MANAGE_ORGANIZATIONS = 6 "manage-organizations";
    MANAGE_REALM = 7 "manage-realm";
    MANAGE_USERS = 8 "manage-users";
    QUERY_CLIENTS = 9 "query-clients";
    QUERY_GROUPS = 10 "query-groups";
    QUERY_ORGANIZATIONS = 11 "query-organizations";
    QUERY_REALMS = 12 "query-realms";
    QUERY_USERS = 13 "query-users";
    REALM_ADMIN = 14 "realm-admin";
    VIEW_AUTHORIZATION = 15 "view-authorization";
    VIEW_CLIENTS = 16 "view-clients";
    VIEW_EVENTS = 17 "view-events";
    VIEW_IDENTITY_PROVIDERS = 18 "view-identity-providers";
    VIEW_ORGANIZATIONS = 19 "view-organizations";
    VIEW_REALM = 20 "view-realm";
    VIEW_USERS = 21 "view-users";
}

/// Proof that an access token was good and that everything behind it still is. Made by [`check`] only.
#[derive(Clone)]
pub struct Caller {
    realm: Arc<Realm>,
    client: Arc<Client>,
    user: Arc<User>,
    /// What the user has and the token may carry, with all that comes with it.
    roles: HashSet<Uuid>,
    address: String,
}

/// The caller behind a token that was verified: its client and user are enabled, neither was revoked, and the
/// roles are those that the token may carry today (attack 81).
pub fn check(
    realm: Arc<Realm>,
    client: Arc<Client>,
    user: Arc<User>,
    scopes: &GrantedScopes,
    address: String,
) -> Caller {
    let roles = token::effective_roles(&realm, &client, &user, scopes);
    Caller { realm, client, user, roles, address }
}

impl AdminRoles {
    /// None.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self((1 << 22) - 1);

    /// These and those.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether there is one that is in both.
    pub const fn meets(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// The role of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, known)| *known == name).map(|(role, _)| *role)
    }
}

impl Caller {
    /// The realm that the caller is of.
    pub fn realm(&self) -> &Realm {
        &self.realm
    }

    /// The client that the token was issued to.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The user, or the one that stands for a client.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The peer's address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Admin roles for a realm: its own users' come of its client `realm-management`, master's of the client
    /// `<realm>-realm` in master.
    pub fn admin_roles(&self, target: &str) -> AdminRoles {
        let owner = if self.realm.name == MASTER {
            format!("{target}-realm")
        } else if self.realm.name == target {
            MANAGEMENT_CLIENT.to_owned()
        } else {
            return AdminRoles::NONE;
        };
        let roles = &self.realm.roles;
        let Some((owner, _)) = roles.client_ids.iter().find(|(_, name)| **name == owner) else {
            return AdminRoles::NONE;
        };
        let held = self.roles.iter().filter_map(|id| roles.by_id.get(id));
        let of_owner = held.filter(|role| role.client == Some(*owner));
        of_owner.filter_map(|role| AdminRoles::parse(&role.name)).fold(AdminRoles::NONE, AdminRoles::and)
    }

    /// Whether the caller may make realms.
    pub fn may_create_realms(&self) -> bool {
        self.realm.name == MASTER
            && self.realm.roles.realm_role(CREATE_REALM).is_some_and(|role| self.roles.contains(&role.id))
    }

    /// The caller as conditions of policies see one who changes clients of the realm of this name: roles and
    /// groups of another realm say nothing there.
    pub fn updater(&self, target: &str) -> Updater {
        let (kind, address) = (UpdaterKind::AuthenticatedUser, self.address.clone());
        if self.realm.name != target {
            return Updater { kind, address, ..Updater::operator() };
        }
        let roles = &self.realm.roles;
        let name = |id: &Uuid| {
            let role = roles.by_id.get(id)?;
            match role.client {
                None => Some(role.name.clone()),
                Some(owner) => Some(format!("{}.{}", roles.client_ids.get(&owner)?, role.name)),
            }
        };
        let groups = self.user.groups.iter().filter_map(|id| self.realm.groups.by_id.get(id));
        Updater {
            kind,
            address,
            roles: self.roles.iter().filter_map(name).collect(),
            groups: groups.map(|group| group.name.clone()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_a_bit_of_its_own() {
        let mut seen = AdminRoles::NONE;
        for (role, name) in AdminRoles::NAMED {
            assert!(!seen.meets(*role), "{name}");
            assert_eq!(AdminRoles::parse(name), Some(*role));
            seen = seen.and(*role);
        }
        assert_eq!(seen, AdminRoles::ALL);
    }
}
