//! `secure-client-authenticator`: how confidential clients prove themselves (OAuth 2.1 §2.4).

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::client::ClientKind;
use crate::policy::configuration::{Preset, Property, PropertyKind, Provider, Text, Texts};
use crate::policy::effect::{ClientEdit, Effect};
use crate::policy::event::{Event, EventName, EventSet, Proposal};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-client-authenticator",
    help: Text {
        en: "Confidential clients authenticate in one of the chosen ways only.",
        ja: "コンフィデンシャルクライアントの認証方式を、選択したものに限定します。",
    },
    properties: &[ALLOWED, DEFAULT],
    // Not at the password and exchange grants, the device endpoint, PAR and CIBA, as recorded.
    events: EventSet::PROPOSALS.and(EventSet::of(&[
        EventName::TokenRequest,
        EventName::TokenRefresh,
        EventName::ServiceAccountTokenRequest,
        EventName::TokenIntrospect,
        EventName::TokenRevoke,
        EventName::LogoutRequest,
    ])),
    configure: configure::<SecureClientAuthenticator>,
};

const AUTHENTICATORS: &[&str] =
    &["client-jwt", "client-secret", "federated-jwt", "client-x509", "client-secret-jwt"];

/// What a client has that chose nothing.
const UNCHOSEN: &str = "client-secret";

const ALLOWED: Property = Property::new(
    "allowed-client-authenticators",
    "Allowed authenticators",
    PropertyKind::MultivaluedList,
    Text {
        en: "Ways in which a client may authenticate. With none chosen, no confidential client is let in.",
        ja: "使用できる認証方式。一つも選択しない場合、コンフィデンシャルクライアントはすべて拒否されます。",
    },
)
.options(AUTHENTICATORS);

const DEFAULT: Property = Property::new(
    "default-client-authenticator",
    "Default authenticator",
    PropertyKind::List,
    Text {
        en: "Set for a client that does not say how it authenticates.",
        ja: "認証方式の指定がないクライアントに設定されます。",
    },
)
.preset(Preset::String("client-jwt"))
.options(AUTHENTICATORS);

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct SecureClientAuthenticator {
    allowed_client_authenticators: Texts,
    default_client_authenticator: Option<String>,
}

impl Executor for SecureClientAuthenticator {
    fn react(&self, event: &Event<'_>) -> Reaction {
        if let Some(proposal) = event.proposal() {
            return self.react_to_proposal(&proposal);
        }
        let Some(client) = event.client() else { return Reaction::Pass };
        if client.kind == ClientKind::Public || self.allows(client.authenticator.name()) {
            return Reaction::Pass;
        }
        Reaction::refuse("invalid_request", "Configured client authentication method not allowed for client")
    }
}

impl SecureClientAuthenticator {
    fn allows(&self, authenticator: &str) -> bool {
        self.allowed_client_authenticators.0.iter().any(|allowed| allowed == authenticator)
    }

    /// Whoever says nothing gets the default. Keycloak gives it to each client whose update does not mention
    /// how it authenticates, and so takes one that is allowed away from it; here that one stays.
    fn react_to_proposal(&self, proposal: &Proposal<'_>) -> Reaction {
        let standing = proposal.result.client_authenticator_type.as_deref().unwrap_or(UNCHOSEN);
        let silent = proposal.sent.client_authenticator_type.is_none();
        let unchosen = silent && proposal.current.is_none() && standing == UNCHOSEN;
        let default = self.default_client_authenticator.as_deref().filter(|default| self.allows(default));
        if self.allows(standing) && !unchosen {
            return Reaction::Pass;
        }
        if let Some(default) = default.filter(|default| silent && *default != standing) {
            return Reaction::Change(Effect::Client(ClientEdit::Authenticator(default.to_owned())));
        }
        if self.allows(standing) || ClientKind::of(proposal.result) == ClientKind::Public {
            return Reaction::Pass;
        }
        let text = "Invalid client metadata: token_endpoint_auth_method";
        Reaction::refuse("invalid_client_metadata", text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::client::Authenticator;
    use crate::policy::tests::{Scene, react};

    fn fapi() -> Value {
        json!({
            "allowed-client-authenticators": ["client-jwt", "client-x509"],
            "default-client-authenticator": "client-jwt",
        })
    }

    /// A client as it would be, with what was said of its authenticator and what it has.
    fn scene(said: Option<&str>, standing: &str, kind: ClientKind) -> Scene {
        let mut scene = Scene::default();
        scene.sent.client_authenticator_type = said.map(str::to_owned);
        scene.result.client_authenticator_type = Some(standing.to_owned());
        scene.result.public_client = Some(kind == ClientKind::Public);
        scene.result.bearer_only = Some(kind == ClientKind::BearerOnly);
        scene
    }

    fn set(authenticator: &str) -> Reaction {
        Reaction::Change(Effect::Client(ClientEdit::Authenticator(authenticator.to_owned())))
    }

    fn refused() -> Reaction {
        let text = "Invalid client metadata: token_endpoint_auth_method";
        Reaction::refuse("invalid_client_metadata", text)
    }

    #[test]
    fn a_new_client_authenticates_as_allowed_and_one_that_says_nothing_by_default() {
        use ClientKind::{BearerOnly, Confidential, Public};
        let only = |allowed: &str| json!({ "allowed-client-authenticators": [allowed] });
        let mismatch = json!({
            "allowed-client-authenticators": ["client-x509"],
            "default-client-authenticator": "client-jwt",
        });
        let lax = json!({
            "allowed-client-authenticators": ["client-secret", "client-jwt"],
            "default-client-authenticator": "client-jwt",
        });
        for (configuration, said, kind, expected) in [
            (fapi(), None, Confidential, set("client-jwt")),
            (fapi(), None, Public, set("client-jwt")),
            (fapi(), None, BearerOnly, set("client-jwt")),
            (fapi(), Some("client-secret"), Confidential, refused()),
            (fapi(), Some("client-jwt"), Confidential, Reaction::Pass),
            (fapi(), Some("client-x509"), Confidential, Reaction::Pass),
            (fapi(), Some("nothing"), Confidential, refused()),
            (fapi(), Some("none"), Public, Reaction::Pass),
            (only("client-jwt"), None, Confidential, refused()),
            (only("client-secret"), None, Confidential, Reaction::Pass),
            (json!({}), None, Confidential, refused()),
            (mismatch, None, Confidential, refused()),
            (lax.clone(), None, Confidential, set("client-jwt")),
            (lax, Some("client-secret"), Confidential, Reaction::Pass),
        ] {
            let scene = scene(said, said.unwrap_or("client-secret"), kind);
            let reaction = react(&PROVIDER, &configuration, &scene.event(EventName::Register));
            assert_eq!(reaction, expected, "{configuration} {said:?} {kind:?}");
        }
    }

    #[test]
    fn an_update_keeps_an_authenticator_that_is_allowed() {
        for (said, standing, expected) in [
            (None, "client-secret", set("client-jwt")),
            (None, "client-x509", Reaction::Pass),
            (Some("client-jwt"), "client-jwt", Reaction::Pass),
            (Some("client-secret"), "client-secret", refused()),
        ] {
            let scene = scene(said, standing, ClientKind::Confidential);
            let reaction = react(&PROVIDER, &fapi(), &scene.event(EventName::Update));
            assert_eq!(reaction, expected, "{said:?} {standing}");
        }
    }

    #[test]
    fn a_confidential_client_that_authenticates_otherwise_is_refused_where_keycloak_looks() {
        use ClientKind::{Confidential, Public};
        let text = "Configured client authentication method not allowed for client";
        for (kind, authenticator, refused) in [
            (Confidential, Authenticator::Secret, true),
            (Confidential, Authenticator::PrivateKeyJwt, false),
            (Confidential, Authenticator::SecretJwt, true),
            (Public, Authenticator::Secret, false),
        ] {
            let mut scene = Scene::default();
            (scene.client.kind, scene.client.authenticator) = (kind, authenticator);
            for event in PROVIDER.events.without(EventSet::PROPOSALS).iter() {
                let expected =
                    if refused { Reaction::refuse("invalid_request", text) } else { Reaction::Pass };
                assert_eq!(react(&PROVIDER, &fapi(), &scene.event(event)), expected, "{event:?} {kind:?}");
            }
            for event in [
                EventName::ResourceOwnerPasswordCredentialsRequest,
                EventName::TokenExchangeRequest,
                EventName::PushedAuthorizationRequest,
                EventName::DeviceAuthorizationRequest,
                EventName::BackchannelAuthenticationRequest,
            ] {
                assert_eq!(react(&PROVIDER, &fapi(), &scene.event(event)), Reaction::Pass, "{event:?}");
            }
        }
    }
}
