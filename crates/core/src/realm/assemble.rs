//! A realm from what is stored: Keycloak's representation read into settings, defaults filled in.

use std::collections::{BTreeMap, HashMap};

use sekisho_jose::algorithm::Algorithm;
use sekisho_protocol::keycloak::{
    ClientScopeRepresentation, RealmRepresentation, ScopeMappingRepresentation,
};
use uuid::Uuid;

use super::{
    EventSettings, Lifespans, LockoutSettings, LockoutStrategy, LoginSettings, Realm, Resource, SslRequired,
    TokenSettings, UserSettings,
};
use crate::client::complete::{OPENID_CONNECT, OfferedScopes};
use crate::client::read;
use crate::client::registration_policy::RegistrationPolicies;
use crate::keys::RealmKeys;
use crate::policy::{Policies, SecurityProfile};
use crate::role::{Group, Groups, Role, Roles};
use crate::scope::ClientScope;
use crate::user_profile::UserProfile;

/// Attribute of a realm that wants a security profile whatever the server has; ours.
const SECURITY_PROFILE: &str = "sekisho.security-profile";

/// What the store holds of a realm.
pub struct Stored {
    pub id: Uuid,
    pub name: String,
    pub revision: i64,
    /// An import that has not ended answers nothing.
    pub importing: bool,
    pub issuer: String,
    pub representation: RealmRepresentation,
    /// Policies of the server that are about every realm.
    pub security: SecurityProfile,
    pub keys: RealmKeys,
    pub scopes: Vec<(Uuid, ClientScopeRepresentation)>,
    pub roles: Vec<Role>,
    pub groups: Vec<Group>,
    pub resources: Vec<Resource>,
    /// `client_id` of the clients that own roles.
    pub client_ids: HashMap<Uuid, String>,
}

/// The snapshot.
pub fn assemble(stored: Stored) -> Realm {
    let config = &stored.representation;
    let by_id = stored.roles.into_iter().map(|role| (role.id, role)).collect();
    let roles = Roles { by_id, client_ids: stored.client_ids };
    // SAML's scopes are kept and exported, and say nothing in a token.
    let openid = |(_, scope): &&(Uuid, ClientScopeRepresentation)| {
        scope.protocol.as_deref().is_none_or(|protocol| protocol == "openid-connect")
    };
    let security = security(config, stored.security);
    let offered_scopes = offered_scopes(config, &stored.scopes);
    let default_role = config.default_role.as_ref().and_then(|role| role.name.as_deref());
    let default_role = default_role.and_then(|name| roles.realm_role(name)).map(|role| role.id);
    let scopes =
        stored.scopes.iter().filter(openid).map(|(id, scope)| client_scope(*id, scope, config, &roles));
    Realm {
        id: stored.id,
        name: stored.name,
        display_name: config.display_name.clone(),
        revision: stored.revision,
        enabled: config.enabled.unwrap_or(false) && !stored.importing,
        issuer: stored.issuer,
        lifespans: lifespans(config),
        tokens: token_settings(config),
        login: login_settings(config),
        users: user_settings(config),
        lockout: lockout_settings(config),
        events: event_settings(config),
        not_before: config.not_before.map_or(0, i64::from),
        keys: stored.keys,
        scopes: scopes.map(|scope| (scope.name.clone(), scope)).collect(),
        client_role_mappings: client_role_mappings(config, &roles),
        roles,
        groups: Groups { by_id: stored.groups.into_iter().map(|group| (group.id, group)).collect() },
        resources: stored.resources,
        policies: Policies::of(config.client_profiles.as_ref(), config.client_policies.as_ref(), security),
        security,
        registration_policies: RegistrationPolicies::of(config),
        offered_scopes,
        default_role,
    }
}

fn seconds(value: Option<i32>, default: i64) -> i64 {
    value.map_or(default, i64::from)
}

/// Defaults are those of a new realm in Keycloak.
fn lifespans(config: &RealmRepresentation) -> Lifespans {
    let offline_ends = config.offline_session_max_lifespan_enabled == Some(true);
    Lifespans {
        access_token: seconds(config.access_token_lifespan, 300),
        access_code: seconds(config.access_code_lifespan, 60),
        access_code_login: seconds(config.access_code_lifespan_login, 1800),
        access_code_user_action: seconds(config.access_code_lifespan_user_action, 300),
        session_idle: seconds(config.sso_session_idle_timeout, 1800),
        session_max: seconds(config.sso_session_max_lifespan, 36_000),
        session_idle_remember_me: seconds(config.sso_session_idle_timeout_remember_me, 0),
        session_max_remember_me: seconds(config.sso_session_max_lifespan_remember_me, 0),
        client_session_idle: seconds(config.client_session_idle_timeout, 0),
        client_session_max: seconds(config.client_session_max_lifespan, 0),
        offline_idle: seconds(config.offline_session_idle_timeout, 2_592_000),
        offline_max: offline_ends.then(|| seconds(config.offline_session_max_lifespan, 5_184_000)),
    }
}

fn attribute<'a>(config: &'a RealmRepresentation, name: &str) -> Option<&'a str> {
    config.attributes.as_ref()?.get(name).map(String::as_str)
}

/// Keycloak knows one algorithm for all tokens; the attribute `access.token.signed.response.alg` is ours.
fn token_settings(config: &RealmRepresentation) -> TokenSettings {
    let all =
        config.default_signature_algorithm.as_deref().and_then(Algorithm::parse).unwrap_or(Algorithm::Rs256);
    let access = attribute(config, "access.token.signed.response.alg").and_then(Algorithm::parse);
    TokenSettings {
        access_token_algorithm: access.unwrap_or(all),
        id_token_algorithm: all,
        revoke_refresh_token: config.revoke_refresh_token.unwrap_or(false),
        refresh_token_max_reuse: seconds(config.refresh_token_max_reuse, 0),
    }
}

fn login_settings(config: &RealmRepresentation) -> LoginSettings {
    LoginSettings {
        remember_me: config.remember_me.unwrap_or(false),
        with_email: config.login_with_email_allowed.unwrap_or(true),
        duplicate_emails: config.duplicate_emails_allowed.unwrap_or(false),
        password_policy: config.password_policy.clone(),
        ssl_required: match config.ssl_required.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("all") => SslRequired::All,
            Some("none") => SslRequired::None,
            _ => SslRequired::External,
        },
        default_locale: config.default_locale.clone(),
    }
}

fn user_settings(config: &RealmRepresentation) -> UserSettings {
    UserSettings {
        profile: UserProfile::of(config),
        email_as_username: config.registration_email_as_username == Some(true),
        identity_providers: config.identity_providers.as_ref().is_some_and(|all| !all.is_empty()),
    }
}

fn lockout_settings(config: &RealmRepresentation) -> LockoutSettings {
    LockoutSettings {
        enabled: config.brute_force_protected.unwrap_or(false),
        permanent: config.permanent_lockout.unwrap_or(false),
        max_temporary_lockouts: seconds(config.max_temporary_lockouts, 0),
        strategy: match config.brute_force_strategy.as_deref() {
            Some("LINEAR") => LockoutStrategy::Linear,
            _ => LockoutStrategy::Multiple,
        },
        failure_factor: seconds(config.failure_factor, 30),
        wait_increment: seconds(config.wait_increment_seconds, 60),
        max_wait: seconds(config.max_failure_wait_seconds, 900),
        minimum_quick_login_wait: seconds(config.minimum_quick_login_wait_seconds, 60),
        quick_login_check_milliseconds: config.quick_login_check_milli_seconds.unwrap_or(1000),
        max_delta: seconds(config.max_delta_time_seconds, 43_200),
    }
}

fn event_settings(config: &RealmRepresentation) -> EventSettings {
    EventSettings {
        enabled: config.events_enabled.unwrap_or(false),
        expiration: config.events_expiration.unwrap_or(0),
        types: config.enabled_event_types.clone().unwrap_or_default(),
        admin: config.admin_events_enabled.unwrap_or(false),
        admin_details: config.admin_events_details_enabled.unwrap_or(false),
    }
}

/// What counts in a realm: what the server has, or what the realm itself asks for, whichever is stricter.
pub fn security(config: &RealmRepresentation, server: SecurityProfile) -> SecurityProfile {
    server.max(own_security(config))
}

/// What the realm itself asks for. A word that is none asks for the strictest.
fn own_security(config: &RealmRepresentation) -> SecurityProfile {
    let asked = attribute(config, SECURITY_PROFILE).filter(|name| !name.is_empty());
    asked
        .map_or(SecurityProfile::None, |name| SecurityProfile::parse(name).unwrap_or(SecurityProfile::Strict))
}

fn offered_scopes(
    config: &RealmRepresentation,
    scopes: &[(Uuid, ClientScopeRepresentation)],
) -> OfferedScopes {
    let protocols = scopes.iter().filter_map(|(_, scope)| {
        Some((scope.name.clone()?, scope.protocol.clone().unwrap_or_else(|| OPENID_CONNECT.to_owned())))
    });
    OfferedScopes { protocols: protocols.collect(), ..OfferedScopes::of(config) }
}

fn client_scope(
    id: Uuid,
    scope: &ClientScopeRepresentation,
    config: &RealmRepresentation,
    roles: &Roles,
) -> ClientScope {
    let attributes = scope.attributes.clone().unwrap_or_default();
    let is_on = |name: &str, default: bool| attributes.get(name).map_or(default, |value| value == "true");
    let name = scope.name.clone().unwrap_or_default();
    ClientScope {
        id,
        description: scope.description.clone(),
        in_token: is_on("include.in.token.scope", true),
        in_metadata: is_on("include.in.openid.provider.metadata", true),
        on_consent_screen: is_on("display.on.consent.screen", true),
        consent_text: attributes.get("consent.screen.text").filter(|text| !text.is_empty()).cloned(),
        gui_order: attributes.get("gui.order").and_then(|order| order.parse().ok()).unwrap_or(i64::MAX),
        mappers: read::mappers(scope.protocol_mappers.as_deref().unwrap_or_default()),
        role_mappings: mapped_roles(config, roles, |mapping| mapping.client_scope.as_ref() == Some(&name)),
        name,
    }
}

fn client_role_mappings(config: &RealmRepresentation, roles: &Roles) -> HashMap<String, Vec<Uuid>> {
    let of_realm = config.scope_mappings.iter().flatten();
    let of_clients = config.client_scope_mappings.iter().flat_map(BTreeMap::values).flatten();
    let clients: Vec<&String> =
        of_realm.chain(of_clients).filter_map(|mapping| mapping.client.as_ref()).collect();
    let mapped =
        |client: &String| mapped_roles(config, roles, |mapping| mapping.client.as_ref() == Some(client));
    clients.into_iter().map(|client| (client.clone(), mapped(client))).collect()
}

/// Roles that `scopeMappings` (of the realm) and `clientScopeMappings` (of clients) give to the chosen holder.
pub fn mapped_roles(
    config: &RealmRepresentation,
    roles: &Roles,
    chosen: impl Fn(&ScopeMappingRepresentation) -> bool,
) -> Vec<Uuid> {
    let id_of = |owner: Option<&str>, name: &String| {
        roles
            .by_id
            .values()
            .find(|role| role.name == *name && owner_of(roles, role) == owner)
            .map(|role| role.id)
    };
    let mut found = Vec::new();
    for mapping in config.scope_mappings.iter().flatten().filter(|mapping| chosen(mapping)) {
        found.extend(mapping.roles.iter().flatten().filter_map(|name| id_of(None, name)));
    }
    for (owner, mappings) in config.client_scope_mappings.iter().flatten() {
        for mapping in mappings.iter().filter(|mapping| chosen(mapping)) {
            found.extend(mapping.roles.iter().flatten().filter_map(|name| id_of(Some(owner), name)));
        }
    }
    found
}

fn owner_of<'a>(roles: &'a Roles, role: &Role) -> Option<&'a str> {
    role.client.and_then(|client| roles.client_ids.get(&client)).map(String::as_str)
}
