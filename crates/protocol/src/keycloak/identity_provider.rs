//! Identity providers and the users that come from them.

use std::collections::BTreeMap;

use super::representation::representation;

representation! {
    /// An identity provider. Its secret is the entry `clientSecret` of `config`.
    IdentityProviderRepresentation {
        alias: String,
        display_name: String,
        internal_id: String,
        provider_id: String,
        enabled: bool,
        update_profile_first_login_mode: String,
        trust_email: bool,
        store_token: bool,
        add_read_token_role_on_create: bool,
        authenticate_by_default: bool,
        link_only: bool,
        hide_on_login: bool,
        first_broker_login_flow_alias: String,
        post_broker_login_flow_alias: String,
        organization_id: String,
        config: BTreeMap<String, String>,
        types: Vec<String>,
    }

    /// What is taken over from the provider's claims.
    IdentityProviderMapperRepresentation {
        id: String,
        name: String,
        identity_provider_alias: String,
        identity_provider_mapper: String,
        config: BTreeMap<String, String>,
    }

    /// A user's account at a provider.
    FederatedIdentityRepresentation {
        identity_provider: String,
        user_id: String,
        user_name: String,
    }
}
