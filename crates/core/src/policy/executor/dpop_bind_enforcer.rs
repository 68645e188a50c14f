//! `dpop-bind-enforcer`: tokens are bound to a key that the client holds (RFC 9449).
//!
//! Whether a client must send a proof for its tokens is a setting of the client, which the token endpoint checks
//! itself; this executor sees to the setting, and refuses where a token that is not bound would be used.

use serde::Deserialize;

use super::{Executor, Reaction, auto_configure, configure};
use crate::client::ClientKind;
use crate::policy::configuration::{Property, Provider, Switch, Text};
use crate::policy::effect::{ClientEdit, Effect};
use crate::policy::event::{Binding, Event, EventName, EventSet, Occasion, Proposal, TokenRequest};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "dpop-bind-enforcer",
    help: Text {
        en: "Clients bind their tokens to a key of their own and prove with each use that they have it (DPoP).",
        ja: "クライアントにトークンを自身の鍵へ結び付けさせ、使用のたびに鍵の所持を証明させます(DPoP)。",
    },
    properties: &[auto_configure(false), CODE, REFRESH],
    events: EventSet::of(&[
        EventName::Register,
        EventName::Update,
        EventName::AuthorizationRequest,
        EventName::TokenRequest,
        EventName::BackchannelTokenRequest,
        EventName::TokenRefresh,
        EventName::TokenRevoke,
        EventName::UserInfoRequest,
    ]),
    configure: configure::<DpopBindEnforcer>,
};

const CODE: Property = Property::switch(
    "enforce-authorization-code-binding-to-dpop",
    "Enforce authorization code binding to DPoP key",
    false,
    Text {
        en: "Authorization requests name the key (dpop_jkt), so that a stolen code is worth nothing without it.",
        ja: "認可リクエストで鍵(dpop_jkt)を指定させ、認可コードが盗まれても鍵なしでは使えないようにします。",
    },
);

const REFRESH: Property = Property::switch(
    "allow-only-refresh-token-binding",
    "Only bind refresh tokens",
    false,
    Text {
        en: "For public clients that do not ask for more, only refresh tokens are bound; access tokens are bearer tokens.",
        ja: "パブリッククライアントではリフレッシュトークンだけを鍵に結び付け、アクセストークンはBearerのままにします。",
    },
);

/// What a client says of itself: its tokens are bound.
const BOUND: &str = "dpop.bound.access.tokens";

const MISSING: &str = "DPoP proof is missing";
const MISMATCH: &str = "DPoP proof and token binding verification failed";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct DpopBindEnforcer {
    auto_configure: Switch,
    enforce_authorization_code_binding_to_dpop: Switch,
    allow_only_refresh_token_binding: Switch,
}

impl Executor for DpopBindEnforcer {
    fn react(&self, event: &Event<'_>) -> Reaction {
        match &event.occasion {
            Occasion::Register(proposal) | Occasion::Update(proposal) => self.propose(proposal),
            Occasion::AuthorizationRequest(request) => {
                let named = request.params.find_filled("dpop_jkt").is_some();
                if self.enforce_authorization_code_binding_to_dpop.0 && !named {
                    Reaction::refuse("invalid_request", "Missing parameter: dpop_jkt")
                } else {
                    Reaction::Pass
                }
            }
            Occasion::TokenRequest(request) | Occasion::BackchannelTokenRequest(request) => {
                self.issue(request)
            }
            Occasion::TokenRefresh(request) => self.refresh(request),
            Occasion::TokenRevoke(request) => revoke(request),
            Occasion::UserInfoRequest(request) => use_of(request),
            _ => Reaction::Pass,
        }
    }
}

impl DpopBindEnforcer {
    fn propose(&self, proposal: &Proposal<'_>) -> Reaction {
        let attributes = proposal.result.attributes.as_ref();
        if attributes.and_then(|attributes| attributes.get(BOUND)).is_some_and(|value| value == "true") {
            Reaction::Pass
        } else if self.auto_configure.0 {
            Reaction::Change(Effect::Client(ClientEdit::Attribute(BOUND, "true".to_owned())))
        } else {
            Reaction::refuse("invalid_client_metadata", "Invalid client metadata: DPoP token is disabled")
        }
    }

    fn only_refresh_tokens(&self, request: &TokenRequest<'_>) -> bool {
        let client = request.client;
        self.allow_only_refresh_token_binding.0 && client.kind == ClientKind::Public && !client.is_on(BOUND)
    }

    fn issue(&self, request: &TokenRequest<'_>) -> Reaction {
        match (self.only_refresh_tokens(request), request.proofs.dpop) {
            (_, Some(Err(problem))) => Reaction::refuse("invalid_request", problem),
            (true, None) => Reaction::refuse("invalid_request", MISSING),
            (true, Some(Ok(_))) => Reaction::Change(Effect::BindOnlyRefreshToken),
            (false, _) => Reaction::Pass,
        }
    }

    /// Only the refresh tokens of public clients are bound (RFC 9449 §5); others prove who they are.
    fn refresh(&self, request: &TokenRequest<'_>) -> Reaction {
        if let (ClientKind::Public, Some(Binding::Dpop(key))) = (request.client.kind, request.bound_to) {
            match request.proofs.dpop {
                None => return Reaction::refuse("invalid_grant", MISSING),
                Some(Err(problem)) => return Reaction::refuse("invalid_request", problem),
                Some(Ok(proven)) if proven != key => {
                    return Reaction::refuse("invalid_grant", "DPoP confirmation doesn't match DPoP proof");
                }
                Some(Ok(_)) => {}
            }
            if self.only_refresh_tokens(request) {
                return Reaction::Change(Effect::BindOnlyRefreshToken);
            }
        }
        Reaction::Pass
    }
}

fn revoke(request: &TokenRequest<'_>) -> Reaction {
    match request.proofs.dpop {
        None => Reaction::refuse("invalid_dpop_proof", MISSING),
        Some(Err(problem)) => Reaction::refuse("invalid_dpop_proof", problem),
        Some(Ok(key)) if request.bound_to == Some(Binding::Dpop(key)) => Reaction::Pass,
        Some(Ok(_)) => Reaction::refuse("invalid_token", MISMATCH),
    }
}

/// Keycloak fails with 500 where the token is not bound at all.
fn use_of(request: &TokenRequest<'_>) -> Reaction {
    match request.proofs.dpop {
        Some(Ok(key)) if request.bound_to == Some(Binding::Dpop(key)) => Reaction::Pass,
        Some(Err(problem)) => Reaction::unauthorized("invalid_dpop_proof", problem),
        _ => Reaction::unauthorized("invalid_token", MISMATCH),
    }
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Params;
    use serde_json::json;

    use super::*;
    use crate::policy::event::Proofs;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn a_client_without_bound_tokens_is_refused_or_put_right() {
        let refused =
            Reaction::refuse("invalid_client_metadata", "Invalid client metadata: DPoP token is disabled");
        let changed = Reaction::Change(Effect::Client(ClientEdit::Attribute(BOUND, "true".to_owned())));
        for (configuration, attribute, expected) in [
            (json!({}), None, &refused),
            (json!({"auto-configure": false}), Some("false"), &refused),
            (json!({"auto-configure": true}), Some("false"), &changed),
            (json!({"auto-configure": "true"}), None, &changed),
            (json!({}), Some("true"), &Reaction::Pass),
        ] {
            let mut scene = Scene::default();
            let attributes = attribute.map(|value| (BOUND.to_owned(), value.to_owned()));
            scene.result.attributes = Some(attributes.into_iter().collect());
            for event in [EventName::Register, EventName::Update] {
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(&reaction, expected, "{configuration} {attribute:?}");
            }
        }
    }

    #[test]
    fn the_key_of_a_code_is_named_where_that_is_demanded() {
        let refused = Reaction::refuse("invalid_request", "Missing parameter: dpop_jkt");
        for (demanded, key, expected) in [
            (json!(true), None, &refused),
            (json!("true"), Some(""), &refused),
            (json!(true), Some("thumbprint"), &Reaction::Pass),
            (json!(false), None, &Reaction::Pass),
        ] {
            let configuration = json!({"enforce-authorization-code-binding-to-dpop": demanded});
            let params = Params::from_pairs(key.map(|key| ("dpop_jkt", key)));
            let scene = Scene { params, ..Scene::default() };
            let reaction = react(&PROVIDER, &configuration, &scene.event(EventName::AuthorizationRequest));
            assert_eq!(&reaction, expected, "{demanded} {key:?}");
        }
    }

    fn scene(
        kind: ClientKind,
        dpop: Option<Result<&'static str, &'static str>>,
        bound: Option<&'static str>,
    ) -> Scene {
        let mut scene = Scene {
            proofs: Proofs { dpop, ..Proofs::default() },
            bound_to: bound.map(Binding::Dpop),
            ..Scene::default()
        };
        scene.client.kind = kind;
        scene
    }

    #[test]
    fn only_a_public_client_may_bind_refresh_tokens_alone() {
        use ClientKind::{Confidential, Public};
        let missing = Reaction::refuse("invalid_request", "DPoP proof is missing");
        let only = Reaction::Change(Effect::BindOnlyRefreshToken);
        for (kind, on, demands, proof, expected) in [
            (Public, true, false, None, &missing),
            (Public, true, false, Some(Ok("k")), &only),
            (Public, true, true, Some(Ok("k")), &Reaction::Pass),
            (Public, false, false, None, &Reaction::Pass),
            (Confidential, true, false, None, &Reaction::Pass),
            (Confidential, true, false, Some(Ok("k")), &Reaction::Pass),
        ] {
            let mut scene = scene(kind, proof, None);
            scene.client.attributes.insert(BOUND.to_owned(), demands.to_string());
            let configuration = json!({"allow-only-refresh-token-binding": on});
            for event in [EventName::TokenRequest, EventName::BackchannelTokenRequest] {
                let reaction = react(&PROVIDER, &configuration, &scene.event(event));
                assert_eq!(&reaction, expected, "{kind:?} {on} {demands} {proof:?}");
            }
        }
    }

    #[test]
    fn a_token_is_used_with_the_key_that_it_is_bound_to() {
        use ClientKind::{Confidential, Public};
        let refused = Reaction::refuse;
        let unauthorized = Reaction::unauthorized("invalid_token", MISMATCH);
        for (event, kind, proof, bound, expected) in [
            (EventName::TokenRefresh, Public, None, None, Reaction::Pass),
            (EventName::TokenRefresh, Public, None, Some("k"), refused("invalid_grant", MISSING)),
            (EventName::TokenRefresh, Public, Some(Ok("k")), Some("k"), Reaction::Pass),
            (
                EventName::TokenRefresh,
                Public,
                Some(Ok("other")),
                Some("k"),
                refused("invalid_grant", "DPoP confirmation doesn't match DPoP proof"),
            ),
            (EventName::TokenRefresh, Confidential, None, Some("k"), Reaction::Pass),
            (EventName::TokenRefresh, Confidential, Some(Ok("other")), Some("k"), Reaction::Pass),
            (EventName::TokenRevoke, Public, None, None, refused("invalid_dpop_proof", MISSING)),
            (EventName::TokenRevoke, Confidential, None, Some("k"), refused("invalid_dpop_proof", MISSING)),
            (EventName::TokenRevoke, Confidential, Some(Ok("k")), Some("k"), Reaction::Pass),
            (EventName::TokenRevoke, Public, Some(Ok("k")), None, refused("invalid_token", MISMATCH)),
            (EventName::UserInfoRequest, Public, Some(Ok("k")), Some("k"), Reaction::Pass),
            (EventName::UserInfoRequest, Public, None, Some("k"), unauthorized.clone()),
            (EventName::UserInfoRequest, Public, None, None, unauthorized.clone()),
            (EventName::UserInfoRequest, Public, Some(Ok("other")), Some("k"), unauthorized),
            (
                EventName::UserInfoRequest,
                Public,
                Some(Err("stale")),
                Some("k"),
                Reaction::unauthorized("invalid_dpop_proof", "stale"),
            ),
        ] {
            let scene = scene(kind, proof, bound);
            let reaction = react(&PROVIDER, &json!({}), &scene.event(event));
            assert_eq!(reaction, expected, "{event:?} {kind:?} {proof:?} {bound:?}");
        }
    }
}
