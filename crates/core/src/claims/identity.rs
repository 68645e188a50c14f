//! Mappers of what a user is: attributes, properties, names, groups.

use serde_json::{Map, Value, json};

use super::{Claims, Context, Mapper, Provider, value};
use crate::User;

pub(super) const SUBJECT: Provider =
    Provider::new("oidc-sub-mapper", |_, context, claims| claims.set_path("sub", json!(context.user.id)))
        .at(-10);

pub(super) const ATTRIBUTE: Provider = Provider::new("oidc-usermodel-attribute-mapper", attribute);

pub(super) const PROPERTY: Provider = Provider::new("oidc-usermodel-property-mapper", attribute);

pub(super) const FULL_NAME: Provider = Provider::new("oidc-full-name-mapper", |_, context, claims| {
    if let Some(name) = context.user.full_name() {
        claims.set_path("name", json!(name));
    }
});

pub(super) const HARDCODED: Provider = Provider::new("oidc-hardcoded-claim-mapper", |mapper, _, claims| {
    let values = mapper.setting("claim.value").map(str::to_owned);
    if let Some(value) = value::convert(mapper, values.as_slice()) {
        claims.set(mapper, value);
    }
});

pub(super) const GROUPS: Provider =
    Provider::new("oidc-group-membership-mapper", |mapper, context, claims| {
        let groups = context.user.groups.iter().filter_map(|id| context.realm.groups.by_id.get(id));
        let full_path = mapper.is_on("full.path");
        let mut names: Vec<&str> =
            groups.map(|group| if full_path { &*group.path } else { &*group.name }).collect();
        names.sort_unstable();
        claims.set(mapper, json!(names));
    });

pub(super) const ADDRESS: Provider = Provider::new("oidc-address-mapper", address);

/// A property of the user under its Keycloak name, or an attribute: the user's own, else that of the first
/// group that has it, and with `aggregate.attrs` all of them together.
fn attribute(mapper: &Mapper, context: &Context<'_>, claims: &mut Claims) {
    let Some(name) = mapper.setting("user.attribute") else { return };
    let own = values_of(context.user, name);
    let values = if mapper.is_on("aggregate.attrs") {
        own.into_iter().chain(inherited(context, name).flatten().cloned()).fold(Vec::new(), add)
    } else if own.is_empty() {
        inherited(context, name).next().cloned().unwrap_or_default()
    } else {
        own
    };
    if let Some(value) = value::convert(mapper, &values) {
        claims.set(mapper, value);
    }
}

/// The values that groups of the user have, each group before the one above it.
fn inherited<'a>(context: &Context<'a>, name: &str) -> impl Iterator<Item = &'a Vec<String>> {
    let groups = context.user.groups.iter().flat_map(|id| context.realm.groups.line(*id));
    groups.filter_map(move |group| group.attributes.get(name)).filter(|values| !values.is_empty())
}

fn add(mut values: Vec<String>, value: String) -> Vec<String> {
    if !values.contains(&value) {
        values.push(value);
    }
    values
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
