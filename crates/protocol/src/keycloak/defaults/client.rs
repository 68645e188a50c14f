//! The clients of a new realm.

use super::{
    super::ClientRepresentation,
    Ids, MASTER, administration_client_id, entries, fresh,
    mapper::{self, Mapper, NOWHERE, attribute, plain},
    scope, texts,
};

/// What a built-in client is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Pages in a browser.
    Pages,
    /// A program with a user's password.
    Terminal,
    /// Roles to be given, nothing to sign in to.
    Roles,
}

struct BuiltIn {
    client_id: &'static str,
    kind: Kind,
    root_url: Option<&'static str>,
    /// The place of its pages; the realm's name stands between the two.
    pages: Option<(&'static str, &'static str)>,
    web_origins: &'static [&'static str],
    full_scope: bool,
    attributes: &'static [(&'static str, &'static str)],
    mappers: &'static [Mapper],
}

const ACCOUNT: BuiltIn = BuiltIn {
    client_id: "account",
    kind: Kind::Pages,
    root_url: Some("${authBaseUrl}"),
    pages: Some(("/realms/", "/account/")),
    web_origins: &[],
    full_scope: false,
    attributes: &[("post.logout.redirect.uris", "+"), ("realm_client", "false")],
    mappers: &[],
};

const ROLES: BuiltIn = BuiltIn {
    client_id: "realm-management",
    kind: Kind::Roles,
    root_url: None,
    pages: None,
    web_origins: &[],
    full_scope: false,
    attributes: &[("realm_client", "true")],
    mappers: &[],
};

const CLIENTS: &[BuiltIn] = &[
    ACCOUNT,
    BuiltIn {
        client_id: "account-console",
        attributes: &[
            ("pkce.code.challenge.method", "S256"),
            ("post.logout.redirect.uris", "+"),
            ("realm_client", "false"),
        ],
        mappers: &[plain("audience resolve", "oidc-audience-resolve-mapper", NOWHERE)],
        ..ACCOUNT
    },
    BuiltIn {
        client_id: "admin-cli",
        kind: Kind::Terminal,
        full_scope: true,
        attributes: &[("client.use.lightweight.access.token.enabled", "true"), ("realm_client", "false")],
        ..ROLES
    },
    BuiltIn { client_id: "broker", ..ROLES },
    ROLES,
    BuiltIn {
        client_id: "security-admin-console",
        root_url: Some("${authAdminUrl}"),
        pages: Some(("/admin/", "/console/")),
        web_origins: &["+"],
        full_scope: true,
        attributes: &[
            ("client.use.lightweight.access.token.enabled", "true"),
            ("pkce.code.challenge.method", "S256"),
            ("post.logout.redirect.uris", "+"),
            ("realm_client", "false"),
        ],
        mappers: &[attribute("locale", "locale", "locale", "String")],
        ..ACCOUNT
    },
];

/// All of them; in master the client that administers master in place of `realm-management`.
pub(super) fn built_in(realm: &str, ids: &mut Ids<'_>) -> Vec<ClientRepresentation> {
    CLIENTS
        .iter()
        .map(|client| match client.client_id {
            "realm-management" if realm == MASTER => administration(MASTER, ids),
            _ => client.representation(realm, ids),
        })
        .collect()
}

/// The client in master whose roles administer `realm`. It has no protocol and no scopes.
pub(super) fn administration(realm: &str, ids: &mut Ids<'_>) -> ClientRepresentation {
    ClientRepresentation {
        client_id: Some(administration_client_id(realm)),
        name: Some(format!("{realm} Realm")),
        protocol: None,
        default_client_scopes: Some(Vec::new()),
        optional_client_scopes: Some(Vec::new()),
        ..ROLES.representation(realm, ids)
    }
}

impl BuiltIn {
    fn representation(&self, realm: &str, ids: &mut Ids<'_>) -> ClientRepresentation {
        let pages = self.pages.map(|(before, behind)| format!("{before}{realm}{behind}"));
        ClientRepresentation {
            id: Some(fresh(ids)),
            client_id: Some(self.client_id.to_owned()),
            name: Some(format!("${{client_{}}}", self.client_id)),
            root_url: self.root_url.map(str::to_owned),
            redirect_uris: Some(pages.iter().map(|pages| format!("{pages}*")).collect()),
            base_url: pages,
            web_origins: Some(texts(self.web_origins)),
            bearer_only: Some(self.kind == Kind::Roles),
            public_client: Some(self.kind != Kind::Roles),
            standard_flow_enabled: Some(self.kind != Kind::Terminal),
            direct_access_grants_enabled: Some(self.kind == Kind::Terminal),
            full_scope_allowed: Some(self.full_scope),
            attributes: Some(entries(self.attributes)),
            protocol_mappers: mapper::representations(self.mappers, scope::OPENID_CONNECT, ids),
            ..common()
        }
    }
}

/// What all of them have.
fn common() -> ClientRepresentation {
    ClientRepresentation {
        surrogate_auth_required: Some(false),
        enabled: Some(true),
        always_display_in_console: Some(false),
        client_authenticator_type: Some("client-secret".to_owned()),
        not_before: Some(0),
        consent_required: Some(false),
        implicit_flow_enabled: Some(false),
        service_accounts_enabled: Some(false),
        frontchannel_logout: Some(false),
        protocol: Some(scope::OPENID_CONNECT.to_owned()),
        authentication_flow_binding_overrides: Some(entries(&[])),
        node_re_registration_timeout: Some(0),
        default_client_scopes: Some(scope::default_names_of_clients()),
        optional_client_scopes: Some(scope::optional_names()),
        ..Default::default()
    }
}
