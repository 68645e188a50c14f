//! Authentication flows, their executions, and required actions.

use std::collections::BTreeMap;

use super::representation::representation;

representation! {
    /// A flow: a list of executions.
    AuthenticationFlowRepresentation {
        id: String,
        alias: String,
        description: String,
        provider_id: String,
        top_level: bool,
        built_in: bool,
        authentication_executions: Vec<AuthenticationExecutionExportRepresentation>,
    }

    /// A step of a flow: an authenticator or another flow.
    AuthenticationExecutionExportRepresentation {
        authenticator_config: String,
        authenticator: String,
        authenticator_flow: bool,
        requirement: String,
        priority: i32,
        /// The same once more with Keycloak's slip of the pen, which it reads and writes to this day.
        autheticator_flow: bool,
        flow_alias: String,
        user_setup_allowed: bool,
    }

    /// A step of a flow, as the page of an administrator shows it.
    AuthenticationExecutionInfoRepresentation {
        id: String,
        requirement: String,
        display_name: String,
        alias: String,
        description: String,
        requirement_choices: Vec<String>,
        configurable: bool,
        authentication_flow: bool,
        provider_id: String,
        authentication_config: String,
        flow_id: String,
        level: i32,
        index: i32,
        priority: i32,
    }

    /// The settings of a step.
    AuthenticatorConfigRepresentation {
        id: String,
        alias: String,
        config: BTreeMap<String, String>,
    }

    /// What a user may have to do after signing in.
    RequiredActionProviderRepresentation {
        alias: String,
        name: String,
        provider_id: String,
        enabled: bool,
        default_action: bool,
        priority: i32,
        config: BTreeMap<String, String>,
    }
}
