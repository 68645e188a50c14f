//! Clients, client scopes and what hangs on them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Sensitive, representation::representation};

representation! {
    /// A client.
    ClientRepresentation {
        id: String,
        client_id: String,
        name: String,
        description: String,
        r#type: String,
        root_url: String,
        admin_url: String,
        base_url: String,
        surrogate_auth_required: bool,
        enabled: bool,
        always_display_in_console: bool,
        client_authenticator_type: String,
        secret: Sensitive,
        registration_access_token: Sensitive,
        /// Of imports from before composite default roles.
        default_roles: Vec<String>,
        redirect_uris: Vec<String>,
        /// `+` stands for the origins of the redirect URIs.
        web_origins: Vec<String>,
        not_before: i32,
        bearer_only: bool,
        consent_required: bool,
        standard_flow_enabled: bool,
        implicit_flow_enabled: bool,
        direct_access_grants_enabled: bool,
        service_accounts_enabled: bool,
        /// Written when true, never when false.
        authorization_services_enabled: bool,
        /// The name that `direct_access_grants_enabled` once had, read upside down.
        direct_grants_only: bool,
        public_client: bool,
        frontchannel_logout: bool,
        protocol: String,
        attributes: BTreeMap<String, String>,
        /// `browser` and `direct_grant` to the id of a flow.
        authentication_flow_binding_overrides: BTreeMap<String, String>,
        full_scope_allowed: bool,
        node_re_registration_timeout: i32,
        registered_nodes: BTreeMap<String, i32>,
        protocol_mappers: Vec<ProtocolMapperRepresentation>,
        client_template: String,
        use_template_config: bool,
        use_template_scope: bool,
        use_template_mappers: bool,
        default_client_scopes: Vec<String>,
        optional_client_scopes: Vec<String>,
        /// Resources, policies and permissions of UMA: kept, not looked into.
        authorization_settings: Value,
        access: BTreeMap<String, bool>,
        origin: String,
    }

    /// A rule that puts a claim or an audience into a token.
    ProtocolMapperRepresentation {
        id: String,
        name: String,
        protocol: String,
        protocol_mapper: String,
        consent_required: bool,
        consent_text: String,
        config: BTreeMap<String, String>,
    }

    /// The roles that a client or a client scope may carry into a token: of the realm, or of the client
    /// under whose name the mapping is listed.
    ScopeMappingRepresentation {
        /// Of answers of Admin REST only.
        #[serde(rename = "self")]
        itself: String,
        client: String,
        client_template: String,
        client_scope: String,
        roles: Vec<String>,
    }

    /// A certificate of a client, and its key.
    CertificateRepresentation {
        private_key: Sensitive,
        public_key: String,
        certificate: String,
        kid: String,
    }

    /// What an initial access token is asked for with.
    ClientInitialAccessCreatePresentation {
        expiration: i32,
        count: i32,
        web_origins: Vec<String>,
    }

    /// An initial access token; the token itself in the answer to its creation only.
    ClientInitialAccessPresentation {
        id: String,
        token: Sensitive,
        timestamp: i32,
        expiration: i32,
        count: i32,
        remaining_count: i32,
        web_origins: Vec<String>,
    }
}

representation! {
    /// A client scope. Keycloak ignores members that it does not know here, and only here
    /// (`admin.scope.create.unknown-field`).
    open ClientScopeRepresentation {
        id: String,
        name: String,
        description: String,
        protocol: String,
        attributes: BTreeMap<String, String>,
        protocol_mappers: Vec<ProtocolMapperRepresentation>,
    }
}
