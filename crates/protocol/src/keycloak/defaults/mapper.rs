//! The protocol mappers that built-in scopes and clients have.

use super::{super::ProtocolMapperRepresentation, Ids, entries, fresh};

/// A mapper; what most of them have in common is taken apart.
pub(super) struct Mapper {
    pub(super) name: &'static str,
    pub(super) provider: &'static str,
    /// Into which answers the claim goes.
    pub(super) into: &'static [&'static str],
    /// The entry that says where the value is taken from.
    pub(super) source: Option<(&'static str, &'static str)>,
    /// The claim's name and type.
    pub(super) claim: Option<(&'static str, &'static str)>,
    pub(super) more: &'static [(&'static str, &'static str)],
}

pub(super) const NOWHERE: &[&str] = &[];
pub(super) const ACCESS_TOKEN: &[&str] = &["access.token.claim", "introspection.token.claim"];
pub(super) const TOKENS: &[&str] = &["access.token.claim", "id.token.claim", "introspection.token.claim"];
pub(super) const EVERYWHERE: &[&str] =
    &["access.token.claim", "id.token.claim", "introspection.token.claim", "userinfo.token.claim"];

const MULTIVALUED: &[(&str, &str)] = &[("multivalued", "true")];

/// A mapper that needs no more than to be there.
pub(super) const fn plain(
    name: &'static str,
    provider: &'static str,
    into: &'static [&'static str],
) -> Mapper {
    Mapper { name, provider, into, source: None, claim: None, more: &[] }
}

/// An attribute of the user.
pub(super) const fn attribute(
    name: &'static str,
    attribute: &'static str,
    claim: &'static str,
    json_type: &'static str,
) -> Mapper {
    Mapper {
        name,
        provider: "oidc-usermodel-attribute-mapper",
        into: EVERYWHERE,
        source: Some(("user.attribute", attribute)),
        claim: Some((claim, json_type)),
        more: &[],
    }
}

/// A note of the session.
pub(super) const fn note(
    name: &'static str,
    note: &'static str,
    claim: &'static str,
    json_type: &'static str,
) -> Mapper {
    Mapper {
        name,
        provider: "oidc-usersessionmodel-note-mapper",
        into: TOKENS,
        source: Some(("user.session.note", note)),
        claim: Some((claim, json_type)),
        more: &[],
    }
}

/// The names of roles. The source means nothing; Keycloak has it, so exports have it.
pub(super) const fn roles(
    name: &'static str,
    provider: &'static str,
    into: &'static [&'static str],
    claim: &'static str,
) -> Mapper {
    Mapper {
        name,
        provider,
        into,
        source: Some(("user.attribute", "foo")),
        claim: Some((claim, "String")),
        more: MULTIVALUED,
    }
}

impl Mapper {
    pub(super) fn representation(&self, protocol: &str, ids: &mut Ids<'_>) -> ProtocolMapperRepresentation {
        let mut config = entries(self.more);
        config.extend(self.into.iter().map(|answer| ((*answer).to_owned(), "true".to_owned())));
        config.extend(self.source.map(|(entry, value)| (entry.to_owned(), value.to_owned())));
        if let Some((name, json_type)) = self.claim {
            config.extend(entries(&[("claim.name", name), ("jsonType.label", json_type)]));
        }
        ProtocolMapperRepresentation {
            id: Some(fresh(ids)),
            name: Some(self.name.to_owned()),
            protocol: Some(protocol.to_owned()),
            protocol_mapper: Some(self.provider.to_owned()),
            consent_required: Some(false),
            config: Some(config),
            ..Default::default()
        }
    }
}

/// All of them; absent when there are none, as Keycloak writes it.
pub(super) fn representations(
    mappers: &[Mapper],
    protocol: &str,
    ids: &mut Ids<'_>,
) -> Option<Vec<ProtocolMapperRepresentation>> {
    (!mappers.is_empty()).then(|| mappers.iter().map(|mapper| mapper.representation(protocol, ids)).collect())
}
