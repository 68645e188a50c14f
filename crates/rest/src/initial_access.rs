//! `clients-initial-access` and `client-registration-policy/providers`: who may register clients.

use sekisho_admin::initial_access;
use sekisho_core::access::AdminRoles;
use sekisho_core::client::registration_policy::{Options, PROVIDERS, Preset, Property, Provider};
use sekisho_protocol::keycloak::{ClientInitialAccessCreatePresentation, ClientInitialAccessPresentation};
use serde_json::{Map, Value, json};

use crate::call::RealmCall;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

const VIEW: AdminRoles = AdminRoles::VIEW_CLIENTS.and(AdminRoles::MANAGE_CLIENTS);
const MANAGE: AdminRoles = AdminRoles::MANAGE_CLIENTS;
const VIEW_REALM: AdminRoles = AdminRoles::VIEW_REALM.and(AdminRoles::MANAGE_REALM);

pub(crate) const ROUTES: &[Route] = &[
    route!(Get "/clients-initial-access", VIEW, list; answers = Vec<ClientInitialAccessPresentation>),
    route!(
        Post "/clients-initial-access", MANAGE, create;
        takes = ClientInitialAccessCreatePresentation; creates = ClientInitialAccessPresentation
    ),
    route!(Delete "/clients-initial-access/{id}", MANAGE, delete; done),
    route!(Get "/client-registration-policy/providers", VIEW_REALM, providers; answers = Vec<Value>),
];

async fn list(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    Reply::document(&initial_access::list(&call.admin).await?)
}

async fn create(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let made = initial_access::create(&call.admin, call.body()?).await?;
    let id = made.id.clone().unwrap_or_default();
    let path = [call.admin.realm.name.as_str(), "clients-initial-access", &id];
    let document = serde_json::to_value(&made).map_err(|_| Problem::Unwritable)?;
    Ok(Reply::Created { path: path.map(str::to_owned).to_vec(), document: Some(document) })
}

async fn delete(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    initial_access::delete(&call.admin, call.part("id")).await?;
    Ok(Reply::NoContent)
}

/// For forms: what each registration policy is configured with.
async fn providers(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let mut scopes: Vec<String> = call.admin.realm.offered_scopes.protocols.keys().cloned().collect();
    // No scope of the realm, and asked for all the same (OpenID Connect Core §3.1.2.1).
    scopes.push("openid".to_owned());
    scopes.sort();
    scopes.dedup();
    let shown = |provider: &Provider| {
        let properties = provider.properties.iter().map(|property| shown(property, &scopes));
        json!({
            "id": provider.id,
            "helpText": provider.help,
            "properties": properties.collect::<Vec<_>>(),
        })
    };
    Ok(Reply::Document(Value::Array(PROVIDERS.iter().map(shown).collect())))
}

fn shown(property: &Property, scopes: &[String]) -> Value {
    let mut shown = Map::new();
    let mut say = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    say("name", json!(property.name));
    say("label", json!(format!("{}.label", property.key)));
    say("helpText", json!(format!("{}.tooltip", property.key)));
    say("type", json!(property.kind));
    match property.preset {
        Preset::None => None,
        Preset::Switch(on) => say("defaultValue", json!(on)),
        Preset::Text(text) => say("defaultValue", json!(text)),
    };
    match property.options {
        Options::None => None,
        Options::Scopes => say("options", json!(scopes)),
        Options::These(these) => say("options", json!(these)),
    };
    for switch in ["secret", "required", "readOnly"] {
        say(switch, json!(false));
    }
    Value::Object(shown)
}
