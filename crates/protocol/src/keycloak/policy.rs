//! Client policies: profiles are lists of executors, policies say when profiles apply.

use serde_json::Value;

use super::client::ClientRepresentation;
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

representation! {
    /// A request that is described, so that the client policies say what they would answer; ours, not Keycloak's.
    PolicyExplainRequest {
        /// Where in a request the policies are asked: Keycloak's name of the event, in lower case and with dashes if
        /// you like; `authorization`, `introspect`, `logout`, `refresh`, `revoke`, `token` and `userinfo` stand for the
        /// requests of these endpoints.
        event: String,
        /// The client that sends the request by its `clientId`, which may be a member of that name as well; an object is the client that shall be made or changed.
        client: Value,
        client_id: String,
        /// The parameters: an object whose values are texts or lists of texts, or a list of pairs of name and value.
        params: Value,
        /// The parameter `scope`.
        scope: String,
        /// What came in the query or form, where `params` were pushed or signed; written like `params`.
        sent: Value,
        /// `params` were pushed before (RFC 9126).
        pushed: bool,
        /// The request object (RFC 9101): `claims` and `encrypted`.
        object: Value,
        /// Scopes of the code or the token, parted by spaces; absent: what `scope` would be granted.
        granted: String,
        /// Absent: the parameter of that name.
        redirect_uri: String,
        /// What is known of PKCE at the token endpoint: `none`, `right` or `wrong`.
        pkce: String,
        /// How the client proved itself: `assertion`, `dpop` and `certificate`.
        proofs: Value,
        /// Thumbprint of the key that the token is bound to: `dpop` or `certificate`.
        bound_to: Value,
        /// The token that is exchanged: `claims`, `access_token` and `identity_provider`.
        subject: Value,
        /// How the one was let in who makes or changes a client, as the condition client-updater-context names it.
        updater: String,
        /// The address of that one.
        address: String,
        /// The roles of that one.
        roles: Vec<String>,
        /// The groups of that one.
        groups: Vec<String>,
        /// What was said of a client that is changed; absent: everything.
        mentioned: ClientRepresentation,
    }

    /// Profiles and policies that are not saved yet, to be tried on what was recorded; ours, not Keycloak's.
    PolicyDryRunRequest {
        /// Absent: those of the realm; so with `policies`.
        profiles: ClientProfilesRepresentation,
        policies: ClientPoliciesRepresentation,
        /// Days of recorded events; 7 where it is absent.
        days: i64,
    }
}
