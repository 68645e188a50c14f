//! Mappers that change roles before other mappers write them. They have no switches: whether a role is
//! written, and where, is said by those that write it.

use super::{Claims, Context, Destination, Mapper, Provider};

/// The ID token is not among them, as in Keycloak.
const WHERE_ROLES_ARE: &[Destination] =
    &[Destination::AccessToken, Destination::LightweightAccessToken, Destination::UserInfo];

/// `role` takes the name, and the place, that `new.role.name` says.
pub(super) const RENAMED: Provider =
    Provider::new("oidc-role-name-mapper", renamed).at(10).unless_said(WHERE_ROLES_ARE);

/// `role` is in every token, whether the user has it or not.
pub(super) const HARDCODED: Provider = Provider::new("oidc-hardcoded-role-mapper", hardcoded)
    .at(20)
    .unless_said(&[Destination::AccessToken, Destination::LightweightAccessToken]);

fn renamed(mapper: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    let (Some(from), Some(to)) = (mapper.setting("role"), mapper.setting("new.role.name")) else { return };
    let roles = claims.roles(context);
    let (client, name) = split(from);
    if roles.remove(client, name) {
        let (client, name) = split(to);
        roles.add(client, name);
    }
}

fn hardcoded(mapper: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    let Some(role) = mapper.setting("role") else { return };
    let (client, name) = split(role);
    claims.roles(context).add(client, name);
}

/// `client.role`, parted at the last dot, or a role of the realm.
fn split(role: &str) -> (Option<&str>, &str) {
    role.rsplit_once('.').map_or((None, role), |(client, name)| (Some(client), name))
}
