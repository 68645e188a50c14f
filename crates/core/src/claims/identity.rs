//! Mappers of what a user is: attributes, properties, names, groups.

use serde_json::{Map, Value, json};

use super::{Claims, Context, Mapper, Provider, value};
use crate::User;

pub(super) const SUBJECT: Provider = Provider {
    id: "oidc-sub-mapper",
    apply: |_, context, claims| claims.set_path("sub", json!(context.user.id)),
};

pub(super) const ATTRIBUTE: Provider = Provider { id: "oidc-usermodel-attribute-mapper", apply: attribute };

pub(super) const PROPERTY: Provider = Provider { id: "oidc-usermodel-property-mapper", apply: attribute };

pub(super) const FULL_NAME: Provider = Provider {
    id: "oidc-full-name-mapper",
    apply: |_, context, claims| {
        if let Some(name) = context.user.full_name() {
            claims.set_path("name", json!(name));
        }
    },
};

pub(super) const HARDCODED: Provider = Provider {
    id: "oidc-hardcoded-claim-mapper",
    apply: |mapper, _, claims| {
        let values = mapper.setting("claim.value").map(str::to_owned);
        if let Some(value) = value::convert(mapper, values.as_slice()) {
            claims.set(mapper, value);
        }
    },
};

pub(super) const GROUPS: Provider = Provider {
    id: "oidc-group-membership-mapper",
    apply: |mapper, context, claims| {
        let groups = context.user.groups.iter().filter_map(|id| context.realm.groups.by_id.get(id));
        let full_path = mapper.setting("full.path") != Some("false");
        let names: Vec<&str> =
            groups.map(|group| if full_path { &*group.path } else { &*group.name }).collect();
        claims.set(mapper, json!(names));
    },
};

pub(super) const ADDRESS: Provider = Provider { id: "oidc-address-mapper", apply: address };

/// A property of the user under its Keycloak name, or one of its attributes.
fn attribute(mapper: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    let Some(name) = mapper.setting("user.attribute") else { return };
    if let Some(value) = value::convert(mapper, &values_of(context.user, name)) {
        claims.set(mapper, value);
    }
}

fn values_of(user: &User, name: &str) -> Vec<String> {
    let property = match name {
        "username" => Some(user.username.clone()),
        "email" => user.email.clone(),
        "firstName" => user.first_name.clone(),
        "lastName" => user.last_name.clone(),
        "emailVerified" => Some(user.email_verified.to_string()),
        "id" => Some(user.id.to_string()),
        "enabled" => Some(user.enabled.to_string()),
        _ => return user.attributes.get(name).cloned().unwrap_or_default(),
    };
    property.into_iter().filter(|value| !value.is_empty()).collect()
}

/// `address` (OpenID Connect Core §5.1.1); which attribute holds which part is configured.
fn address(mapper: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    const PARTS: [(&str, &str); 6] = [
        ("formatted", "formatted"),
        ("street", "street_address"),
        ("locality", "locality"),
        ("region", "region"),
        ("postal_code", "postal_code"),
        ("country", "country"),
    ];
    let mut parts = Map::new();
    for (setting, member) in PARTS {
        let attribute = mapper.setting(&format!("user.attribute.{setting}")).unwrap_or(setting);
        if let Some(value) = values_of(context.user, attribute).into_iter().next() {
            parts.insert(member.to_owned(), Value::String(value));
        }
    }
    if !parts.is_empty() {
        claims.set_path("address", Value::Object(parts));
    }
}
