//! Roles, groups, and which roles a user has in the end.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

/// A realm role or a client role.
#[derive(Clone, Debug)]
pub struct Role {
    pub id: Uuid,
    pub name: String,
    /// `None`: a realm role.
    pub client: Option<Uuid>,
    /// Roles that come with this one.
    pub composites: Vec<Uuid>,
}

/// A group of a realm.
#[derive(Clone, Debug)]
pub struct Group {
    pub id: Uuid,
    pub name: String,
    pub path: String,
    pub parent: Option<Uuid>,
    pub roles: Vec<Uuid>,
    pub attributes: HashMap<String, Vec<String>>,
}

/// Roles by id, with the names of the clients that own some.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    pub by_id: HashMap<Uuid, Role>,
    /// `client_id` of the clients that own roles, by the client's id.
    pub client_ids: HashMap<Uuid, String>,
}

/// Groups by id.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    pub by_id: HashMap<Uuid, Group>,
}

impl Roles {
    /// These roles and all that come with them.
    pub fn expand(&self, start: impl IntoIterator<Item = Uuid>) -> HashSet<Uuid> {
        let mut seen = HashSet::new();
        let mut pending: Vec<Uuid> = start.into_iter().collect();
        while let Some(id) = pending.pop() {
            if seen.insert(id)
                && let Some(role) = self.by_id.get(&id)
            {
                pending.extend(&role.composites);
            }
        }
        seen
    }

    /// The realm role with this name.
    pub fn realm_role(&self, name: &str) -> Option<&Role> {
        self.by_id.values().find(|role| role.client.is_none() && role.name == name)
    }

    /// The role with this name of the client with this identifier.
    pub fn client_role(&self, client_id: &str, name: &str) -> Option<&Role> {
        let (owner, _) = self.client_ids.iter().find(|(_, known)| *known == client_id)?;
        self.by_id.values().find(|role| role.client == Some(*owner) && role.name == name)
    }
}

impl Groups {
    /// A group, the one above it, and so on.
    pub fn line(&self, group: Uuid) -> impl Iterator<Item = &Group> {
        let parent = |group: &&Group| group.parent.and_then(|id| self.by_id.get(&id));
        // A path has no loop, but stored data might: no more steps than there are groups.
        std::iter::successors(self.by_id.get(&group), parent).take(self.by_id.len())
    }

    /// The roles of these groups and of the groups above them.
    pub fn roles_of(&self, groups: &[Uuid]) -> Vec<Uuid> {
        groups.iter().flat_map(|id| self.line(*id)).flat_map(|group| &group.roles).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(id: u128, composites: &[u128]) -> (Uuid, Role) {
        let id = Uuid::from_u128(id);
        let composites = composites.iter().copied().map(Uuid::from_u128).collect();
        (id, Role { id, name: id.to_string(), client: None, composites })
    }

    #[test]
    fn composites_are_followed_through_loops() {
        let roles = Roles {
            by_id: HashMap::from([role(1, &[2]), role(2, &[3, 1]), role(3, &[])]),
            ..Roles::default()
        };
        let expanded = roles.expand([Uuid::from_u128(1)]);
        assert_eq!(expanded, HashSet::from([1, 2, 3].map(Uuid::from_u128)));
    }

    #[test]
    fn a_group_inherits_the_roles_above_it() {
        let group = |id: u128, parent: Option<u128>, role: u128| {
            let id = Uuid::from_u128(id);
            let parent = parent.map(Uuid::from_u128);
            let roles = vec![Uuid::from_u128(role)];
            (
                id,
                Group {
                    id,
                    name: String::new(),
                    path: String::new(),
                    parent,
                    roles,
                    attributes: HashMap::new(),
                },
            )
        };
        let groups = Groups {
            by_id: HashMap::from([group(1, None, 10), group(2, Some(1), 20), group(3, Some(3), 30)]),
        };
        assert_eq!(groups.roles_of(&[Uuid::from_u128(2)]), [20, 10].map(Uuid::from_u128));
        assert!(groups.roles_of(&[Uuid::from_u128(3)]).contains(&Uuid::from_u128(30)));
    }
}
