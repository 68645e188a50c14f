//! What the tokens of an answer say (`plan`), before they are signed. Layout as Keycloak writes it.

use std::collections::HashSet;

use sekisho_jose::algorithm::Algorithm;
use sekisho_protocol::{GrantType, Scopes, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::claims::{self, Claims, Context, Destination};
use crate::client::Client;
use crate::grant::{Grant, MAX_ACCESS_TOKEN_LIFE};
use crate::ids::GrantId;
use crate::realm::Realm;
use crate::scope::GrantedScopes;
use crate::user::User;

/// Everything that decides what the tokens say.
pub struct Issue<'a> {
    pub realm: &'a Realm,
    pub client: &'a Client,
    pub user: &'a User,
    pub grant_type: GrantType,
    pub scopes: &'a GrantedScopes,
    pub resources: &'a [String],
    pub grant: GrantId,
    /// The number of the access token within its grant.
    pub number: u32,
    pub session: Option<SessionFacts>,
    pub nonce: Option<&'a str>,
    /// The family, where a refresh token is part of the answer.
    pub refresh: Option<&'a Grant>,
    /// A policy wants the access token lightweight, whatever the client's own setting.
    pub lightweight: bool,
    /// The address of the caller, for `clientAddress` of service accounts.
    pub address: &'a str,
    pub now: Timestamp,
}

/// What a token says of its session.
#[derive(Clone, Copy, Debug)]
pub struct SessionFacts {
    pub sid: Uuid,
    pub auth_time: Timestamp,
}

/// Tokens to be signed, and the answer around them.
pub struct TokenPlan {
    pub access: Map<String, Value>,
    pub access_algorithm: Algorithm,
    /// `typ` of the header: `JWT`, or `at+jwt` (RFC 9068 §2.1) where the client asks for it.
    pub access_type: &'static str,
    pub id: Option<Map<String, Value>>,
    pub id_algorithm: Algorithm,
    pub refresh: Option<Map<String, Value>>,
    /// `token_type` of the answer, and `typ` of the access token's claims.
    pub token_type: &'static str,
    pub expires_in: i64,
    pub refresh_expires_in: i64,
    pub not_before: i64,
    pub session_state: Option<Uuid>,
    pub scope: Scopes,
    /// What mappers add to the answer beside the tokens (`access.tokenResponse.claim`).
    pub response: Map<String, Value>,
}

impl TokenPlan {
    /// The answer keeps to the refresh token that the client has.
    pub fn leave_out_refresh_token(&mut self) {
        self.refresh = None;
        self.refresh_expires_in = 0;
    }
}

/// Plans the tokens of an answer.
pub fn plan(issue: &Issue<'_>) -> TokenPlan {
    let scopes = permitted_scopes(issue.realm, issue.user, issue.scopes);
    let life = access_token_life(issue);
    let roles = effective_roles(issue.realm, issue.client, issue.user, &scopes);
    let context = context(issue, &scopes, &roles);
    let access = access_claims(issue, &context, life);
    TokenPlan {
        access_algorithm: algorithm(issue.client, "access.token.signed.response.alg")
            .unwrap_or(issue.realm.tokens.access_token_algorithm),
        access_type: if issue.client.is_on("access.token.header.type.rfc9068") { "at+jwt" } else { "JWT" },
        id: scopes.openid.then(|| id_claims(issue, &context, life)),
        id_algorithm: algorithm(issue.client, "id.token.signed.response.alg")
            .unwrap_or(issue.realm.tokens.id_token_algorithm),
        refresh: issue.refresh.map(|grant| refresh_claims(issue, grant, &access)),
        token_type: token_type(issue.client),
        expires_in: life,
        refresh_expires_in: issue
            .refresh
            .and_then(|grant| shown_end(issue.realm, grant))
            .map_or(0, |expires| expires.seconds_since(issue.now)),
        not_before: issue.realm.not_before,
        session_state: issue.session.map(|session| session.sid),
        scope: scopes.in_token(issue.realm),
        response: response_claims(&context),
        access,
    }
}

/// A password says nothing of when a browser was signed in.
fn context<'a>(issue: &Issue<'a>, scopes: &'a GrantedScopes, roles: &'a HashSet<Uuid>) -> Context<'a> {
    let session = issue.session.filter(|_| issue.grant_type != GrantType::Password);
    Context {
        realm: issue.realm,
        client: issue.client,
        user: issue.user,
        scopes,
        roles,
        auth_time: session.map(|session| session.auth_time),
        grant_type: issue.grant_type,
        address: issue.address,
    }
}

fn token_type(client: &Client) -> &'static str {
    if client.is_on("token.response.type.bearer.lower-case") { "bearer" } else { "Bearer" }
}

fn is_lightweight(issue: &Issue<'_>) -> bool {
    issue.lightweight || issue.client.is_on("client.use.lightweight.access.token.enabled")
}

/// A scope that maps roles is only for users who have one of them.
pub fn permitted_scopes(realm: &Realm, user: &User, scopes: &GrantedScopes) -> GrantedScopes {
    let held = user_roles(realm, user);
    let permitted = |name: &str| {
        realm.scopes.get(name).is_some_and(|scope| {
            scope.role_mappings.is_empty() || scope.role_mappings.iter().any(|role| held.contains(role))
        })
    };
    GrantedScopes { names: scopes.names.filter(permitted), openid: scopes.openid }
}

/// The end that a family shows: without a longest life an offline one shows none, as in Keycloak.
fn shown_end(realm: &Realm, grant: &Grant) -> Option<Timestamp> {
    grant.expires.filter(|_| !grant.offline || realm.lifespans.offline_max.is_some())
}

/// Roles that the user has: its own, those of its groups, and what comes with them.
pub fn user_roles(realm: &Realm, user: &User) -> HashSet<Uuid> {
    let own = user.roles.iter().copied();
    realm.roles.expand(own.chain(realm.groups.roles_of(&user.groups)))
}

/// Roles that the token may carry: what the user has, within what the client and its scopes may see.
pub fn effective_roles(realm: &Realm, client: &Client, user: &User, scopes: &GrantedScopes) -> HashSet<Uuid> {
    let held = user_roles(realm, user);
    if client.full_scope_allowed {
        return held;
    }
    let by_scopes = scopes.client_scopes(realm).flat_map(|scope| scope.role_mappings.iter().copied());
    let by_client = realm.client_role_mappings.get(&client.client_id).into_iter().flatten().copied();
    let mut visible = realm.roles.expand(by_client.chain(by_scopes));
    let own = realm.roles.by_id.values().filter(|role| role.client == Some(client.id)).map(|role| role.id);
    visible.extend(own);
    held.intersection(&visible).copied().collect()
}

fn algorithm(client: &Client, attribute: &str) -> Option<Algorithm> {
    Algorithm::parse(client.attribute(attribute)?)
}

/// The client's own lifespan, else the realm's; never beyond what the session has left, nor beyond what
/// revocations are remembered for.
fn access_token_life(issue: &Issue<'_>) -> i64 {
    let wanted = issue.client.seconds("access.token.lifespan").unwrap_or(issue.realm.lifespans.access_token);
    let left = issue.refresh.filter(|grant| !grant.offline).and_then(|grant| grant.expires);
    let left = left.map_or(i64::MAX, |expires| expires.seconds_since(issue.now));
    wanted.min(left).clamp(1, MAX_ACCESS_TOKEN_LIFE)
}

fn access_claims(issue: &Issue<'_>, context: &Context<'_>, life: i64) -> Map<String, Value> {
    let lightweight = is_lightweight(issue);
    let destination =
        if lightweight { Destination::LightweightAccessToken } else { Destination::AccessToken };
    let mut mapped = claims::apply(context, destination);
    let audience = audience(issue, &mapped);
    let mut token = Map::new();
    let now = issue.now.seconds();
    token.insert("exp".to_owned(), json!(now + life));
    token.insert("iat".to_owned(), json!(now));
    mapped.take("auth_time", &mut token);
    token.insert("jti".to_owned(), json!(access_jti(issue)));
    token.insert("iss".to_owned(), json!(issue.realm.issuer));
    if let Some(audience) = audience {
        token.insert("aud".to_owned(), audience);
    }
    if lightweight && issue.session.is_none() {
        // No session can tell later whose token it is.
        token.insert("sub".to_owned(), json!(issue.user.id));
    }
    mapped.take("sub", &mut token);
    token.insert("typ".to_owned(), json!(token_type(issue.client)));
    token.insert("azp".to_owned(), json!(issue.client.client_id));
    if let Some(nonce) = issue.nonce.filter(|_| mapped.is_asked("nonce")) {
        token.insert("nonce".to_owned(), json!(nonce));
    }
    insert_session(issue, &mut token);
    for name in ["acr", "allowed-origins", "realm_access", "resource_access"] {
        mapped.take(name, &mut token);
    }
    token.insert("scope".to_owned(), json!(context.scopes.in_token(issue.realm).to_string()));
    take_rest(issue, mapped, &mut token);
    token
}

/// Resources that were asked for are the audience, and nothing else is (RFC 8707 §2.2); without one,
/// what the mappers say.
fn audience(issue: &Issue<'_>, mapped: &Claims) -> Option<Value> {
    if issue.resources.is_empty() {
        one_or_several(mapped.audience())
    } else {
        one_or_several(issue.resources.iter().map(String::as_str))
    }
}

/// One name is written as a text, several as a list (RFC 7519 §4.1.3).
fn one_or_several<'a>(names: impl Iterator<Item = &'a str>) -> Option<Value> {
    let names: Vec<&str> = names.collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(json!(one)),
        several => Some(json!(several)),
    }
}

/// Keycloak's `<session><token><grant>:<uuid>`: online, offline or transient; regular or lightweight token.
fn access_jti(issue: &Issue<'_>) -> String {
    let session = match (issue.session, issue.refresh) {
        (_, Some(grant)) if grant.offline => "of",
        (None, _) => "tr",
        (Some(_), _) => "on",
    };
    let token = if is_lightweight(issue) { "lt" } else { "rt" };
    format!("{session}{token}{}:{}", issue.grant_type.shortcut(), issue.grant.numbered(issue.number))
}

fn insert_session(issue: &Issue<'_>, token: &mut Map<String, Value>) {
    if let Some(session) = issue.session {
        token.insert("sid".to_owned(), json!(session.sid));
    }
}

fn take_rest(issue: &Issue<'_>, mut mapped: Claims, token: &mut Map<String, Value>) {
    if let Some(session) = issue.session.filter(|_| mapped.is_asked("session_state")) {
        token.insert("session_state".to_owned(), json!(session.sid));
    }
    mapped.take_rest(token);
}

fn id_claims(issue: &Issue<'_>, context: &Context<'_>, life: i64) -> Map<String, Value> {
    let mut mapped = claims::apply(context, Destination::IdToken);
    let client_id = issue.client.client_id.as_str();
    let others = mapped.audience().filter(|name| *name != client_id);
    let audience = one_or_several(std::iter::once(client_id).chain(others));
    let mut token = Map::new();
    let now = issue.now.seconds();
    token.insert("exp".to_owned(), json!(now + life));
    token.insert("iat".to_owned(), json!(now));
    mapped.take("auth_time", &mut token);
    if let Some(auth_time) = context.auth_time {
        token.insert("auth_time".to_owned(), json!(auth_time.seconds()));
    }
    token.insert("jti".to_owned(), json!(issue.grant.numbered(issue.number)));
    token.insert("iss".to_owned(), json!(issue.realm.issuer));
    token.insert("aud".to_owned(), json!(audience));
    token.insert("sub".to_owned(), json!(issue.user.id));
    mapped.take("sub", &mut token);
    token.insert("typ".to_owned(), json!("ID"));
    token.insert("azp".to_owned(), json!(client_id));
    if let Some(nonce) = issue.nonce {
        token.insert("nonce".to_owned(), json!(nonce));
    }
    insert_session(issue, &mut token);
    // Filled in when the access token is signed; its place is here.
    token.insert("at_hash".to_owned(), Value::Null);
    mapped.take("acr", &mut token);
    take_rest(issue, mapped, &mut token);
    token
}

/// Follows from the family's row and the request, so that a repetition gives the same bytes. Subject and audience
/// follow the access token, as in Keycloak: a pairwise subject stays one.
fn refresh_claims(issue: &Issue<'_>, grant: &Grant, access: &Map<String, Value>) -> Map<String, Value> {
    let mut token = Map::new();
    if let Some(expires) = shown_end(issue.realm, grant) {
        token.insert("exp".to_owned(), json!(expires.seconds()));
    }
    token.insert("iat".to_owned(), json!(grant.issued.seconds()));
    let generation = u32::try_from(grant.generation).unwrap_or_default();
    token.insert("jti".to_owned(), json!(grant.id.numbered(generation)));
    token.insert("iss".to_owned(), json!(issue.realm.issuer));
    token.insert("aud".to_owned(), json!(issue.realm.issuer));
    if let Some(subject) = access.get("sub") {
        token.insert("sub".to_owned(), subject.clone());
    }
    token.insert("typ".to_owned(), json!(if grant.offline { "Offline" } else { "Refresh" }));
    token.insert("azp".to_owned(), json!(issue.client.client_id));
    token.insert("sid".to_owned(), json!(grant.sid));
    token.insert("scope".to_owned(), json!(grant.scopes.to_string()));
    if let Some(audience) = access.get("aud") {
        token.insert("aud_x".to_owned(), audience.clone());
    }
    token.insert("prov".to_owned(), json!("default"));
    token
}

fn response_claims(context: &Context<'_>) -> Map<String, Value> {
    let mut response = Map::new();
    claims::apply(context, Destination::TokenResponse).take_rest(&mut response);
    response
}

/// What UserInfo says (OpenID Connect Core §5.3.2), `sub` first.
pub fn user_info(context: &Context<'_>) -> Map<String, Value> {
    let mut mapped = claims::apply(context, Destination::UserInfo);
    let mut info = Map::new();
    info.insert("sub".to_owned(), json!(context.user.id));
    mapped.take("sub", &mut info);
    mapped.take_rest(&mut info);
    info
}

/// What introspection says of an access token (RFC 7662 §2.2): what the token says, and what mappers add.
/// A token that is for resources is for nobody else (RFC 8707 §2.2).
pub fn introspection(context: &Context<'_>, token: &Map<String, Value>) -> Map<String, Value> {
    let mut answer = token.clone();
    let lightweight = token.get("jti").and_then(Value::as_str).is_some_and(|jti| jti.get(2..4) == Some("lt"));
    if !claims::introspection_adds(context, lightweight) {
        return answer;
    }
    let mut mapped = claims::apply(context, Destination::Introspection);
    let own = audiences(token);
    if own.iter().all(|audience| context.realm.resource(audience).is_none()) {
        let others = mapped.audience().filter(|audience| !own.contains(audience));
        if let Some(audience) = one_or_several(own.iter().copied().chain(others)) {
            answer.insert("aud".to_owned(), audience);
        }
    }
    answer.entry("sub").or_insert_with(|| json!(context.user.id));
    mapped.take_rest(&mut answer);
    answer
}

fn audiences(token: &Map<String, Value>) -> Vec<&str> {
    match token.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
