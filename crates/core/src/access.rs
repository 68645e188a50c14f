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
pub const MANAGEMENT_CLIENT: &str = "realm-management";
/// The realm role of master that lets make realms.
const CREATE_REALM: &str = "create-realm";
/// Roles of master that are about every realm.
const SERVER_ROLES: &[&str] = &["admin", CREATE_REALM];

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

/// What somebody may do without its role, by the role that lets do more.
const IMPLIED: &[(AdminRoles, AdminRoles)] = &[
    (AdminRoles::MANAGE_AUTHORIZATION, AdminRoles::VIEW_AUTHORIZATION),
    (
        AdminRoles::MANAGE_CLIENTS,
        AdminRoles::VIEW_CLIENTS.and(AdminRoles::QUERY_CLIENTS).and(AdminRoles::CREATE_CLIENT),
    ),
    (AdminRoles::MANAGE_EVENTS, AdminRoles::VIEW_EVENTS),
    (AdminRoles::MANAGE_IDENTITY_PROVIDERS, AdminRoles::VIEW_IDENTITY_PROVIDERS),
    (AdminRoles::MANAGE_ORGANIZATIONS, AdminRoles::VIEW_ORGANIZATIONS.and(AdminRoles::QUERY_ORGANIZATIONS)),
    (AdminRoles::MANAGE_REALM, AdminRoles::VIEW_REALM),
    (
        AdminRoles::MANAGE_USERS,
        AdminRoles::VIEW_USERS.and(AdminRoles::QUERY_USERS).and(AdminRoles::QUERY_GROUPS),
    ),
    (AdminRoles::VIEW_CLIENTS, AdminRoles::QUERY_CLIENTS),
    (AdminRoles::VIEW_ORGANIZATIONS, AdminRoles::QUERY_ORGANIZATIONS),
    (AdminRoles::VIEW_USERS, AdminRoles::QUERY_USERS.and(AdminRoles::QUERY_GROUPS)),
];

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

    /// These without those.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Whether there is one that is in both.
    pub const fn meets(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Whether whoever has these may do all that those let do: who manages may view, who views may ask.
    pub fn cover(self, others: Self) -> bool {
        // The role for all of a realm is the others together: master's clients do not have it.
        let others =
            if others.meets(Self::REALM_ADMIN) { Self::ALL.without(Self::REALM_ADMIN) } else { others };
        let implied = IMPLIED.iter().filter(|(role, _)| self.meets(*role));
        let all = implied.fold(self, |all, (_, implied)| all.and(*implied));
        all.0 & others.0 == others.0
    }

    /// The role of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, known)| *known == name).map(|(role, _)| *role)
    }
}

/// A right over a realm that a role carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right<'a> {
    /// Over the realm of this name.
    Over(&'a str, AdminRoles),
    /// To make realms, or over all of them: master's own roles.
    Server,
}

/// The right that a role of this name carries where this client, or else the realm itself, owns it (attack 80): what
/// nobody may give who lacks it.
pub fn right<'a>(realm: &'a str, owner: Option<&'a str>, name: &str) -> Option<Right<'a>> {
    match owner {
        None => (realm == MASTER && SERVER_ROLES.contains(&name)).then_some(Right::Server),
        Some(owner) => Some(Right::Over(administered_by(realm, owner)?, AdminRoles::parse(name)?)),
    }
}

/// The realm that the roles of this client administer.
pub fn administered_by<'a>(realm: &'a str, client_id: &'a str) -> Option<&'a str> {
    if realm == MASTER {
        client_id.strip_suffix("-realm")
    } else {
        (client_id == MANAGEMENT_CLIENT).then_some(realm)
    }
}

/// The rights that come with a role, with all that it contains.
pub fn rights(realm: &Realm, role: Uuid) -> Vec<Right<'_>> {
    let roles = &realm.roles;
    let inside = roles.expand([role]);
    let held = inside.iter().filter_map(|id| roles.by_id.get(id));
    held.filter_map(|role| {
        let owner = role.client.map(|id| roles.client_ids.get(&id).map_or("", String::as_str));
        right(&realm.name, owner, &role.name)
    })
    .collect()
}

impl Caller {
    /// Whether the caller has the right.
    pub fn holds(&self, right: Right<'_>) -> bool {
        match right {
            Right::Over(realm, roles) => self.admin_roles(realm).cover(roles),
            Right::Server => {
                self.realm.name == MASTER
                    && SERVER_ROLES.iter().all(|name| {
                        self.realm.roles.realm_role(name).is_some_and(|role| self.roles.contains(&role.id))
                    })
            }
        }
    }

    /// Whether the caller has every right that comes with these roles of a realm. Whoever lacks one neither gives such a
    /// role nor takes over an account that has it (attack 80).
    pub fn covers(&self, realm: &Realm, roles: impl IntoIterator<Item = Uuid>) -> bool {
        roles.into_iter().flat_map(|role| rights(realm, role)).all(|right| self.holds(right))
    }

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

    /// Whether the caller administers anything at all: has an admin role for any realm, or may make realms.
    pub fn is_administrator(&self) -> bool {
        let roles = &self.realm.roles;
        let owns_admin_roles = |client: &String| {
            if self.realm.name == MASTER { client.ends_with("-realm") } else { client == MANAGEMENT_CLIENT }
        };
        let mut held = self.roles.iter().filter_map(|id| roles.by_id.get(id));
        let has_one = held.any(|role| {
            let owner = role.client.and_then(|owner| roles.client_ids.get(&owner));
            owner.is_some_and(owns_admin_roles) && AdminRoles::parse(&role.name).is_some()
        });
        has_one || self.may_create_realms()
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

    #[test]
    fn who_manages_may_view_and_nothing_beyond() {
        for (held, wanted, covered) in [
            (AdminRoles::MANAGE_USERS, AdminRoles::VIEW_USERS, true),
            (AdminRoles::MANAGE_USERS, AdminRoles::QUERY_GROUPS, true),
            (AdminRoles::VIEW_USERS, AdminRoles::MANAGE_USERS, false),
            (AdminRoles::MANAGE_USERS, AdminRoles::IMPERSONATION, false),
            (AdminRoles::MANAGE_REALM, AdminRoles::REALM_ADMIN, false),
            (AdminRoles::ALL.without(AdminRoles::REALM_ADMIN), AdminRoles::REALM_ADMIN, true),
            (AdminRoles::ALL.without(AdminRoles::IMPERSONATION), AdminRoles::REALM_ADMIN, false),
        ] {
            assert_eq!(held.cover(wanted), covered, "{held:?} {wanted:?}");
        }
    }

    #[test]
    fn only_roles_of_the_managing_client_carry_rights() {
        let users = AdminRoles::MANAGE_USERS;
        for (realm, owner, name, expected) in [
            ("r", Some("realm-management"), "manage-users", Some(Right::Over("r", users))),
            ("r", Some("web"), "manage-users", None),
            ("r", None, "manage-users", None),
            ("r", None, "admin", None),
            ("r", Some("realm-management"), "reader", None),
            (MASTER, Some("r-realm"), "manage-users", Some(Right::Over("r", users))),
            (MASTER, Some("realm-management"), "manage-users", None),
            (MASTER, None, "admin", Some(Right::Server)),
            (MASTER, None, "create-realm", Some(Right::Server)),
        ] {
            assert_eq!(right(realm, owner, name), expected, "{realm} {owner:?} {name}");
        }
    }
}
