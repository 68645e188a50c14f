//! Client policies: profiles are lists of executors, policies say when profiles apply.

use serde_json::Value;

use super::representation::representation;

representation! {
    /// The profiles of a realm; the global ones in answers only.
    ClientProfilesRepresentation {
        profiles: Vec<ClientProfileRepresentation>,
        global_profiles: Vec<ClientProfileRepresentation>,
    }

    /// A profile.
    ClientProfileRepresentation {
        name: String,
        description: String,
        executors: Vec<ClientPolicyExecutorRepresentation>,
    }

    /// An executor and its configuration, which the executor itself reads.
    ClientPolicyExecutorRepresentation {
        executor: String,
        configuration: Value,
    }

    /// The policies of a realm; the global ones in answers only.
    ClientPoliciesRepresentation {
        policies: Vec<ClientPolicyRepresentation>,
        global_policies: Vec<ClientPolicyRepresentation>,
    }

    /// A policy.
    ClientPolicyRepresentation {
        name: String,
        description: String,
        enabled: bool,
        conditions: Vec<ClientPolicyConditionRepresentation>,
        profiles: Vec<String>,
    }

    /// A condition and its configuration, which the condition itself reads.
    ClientPolicyConditionRepresentation {
        condition: String,
        configuration: Value,
    }
}
