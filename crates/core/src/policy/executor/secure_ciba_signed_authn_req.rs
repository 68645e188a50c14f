//! `secure-ciba-signed-authn-req`: a backchannel authentication request is signed (CIBA Core §7.1.1).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Executor, Reaction, claims, configure};
use crate::policy::configuration::{Preset, Property, PropertyKind, Provider, Text, Whole};
use crate::policy::event::{Authorization, Event, EventName, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-ciba-signed-authn-req",
    help: Text {
        en: "Backchannel authentication requests are signed and soon expire.",
        ja: "バックチャネル認証リクエストを、短期間で失効する署名付きのものに限定します。",
    },
    properties: &[PERIOD],
    events: EventSet::of(&[EventName::BackchannelAuthenticationRequest]),
    configure: configure::<SecureCibaSignedAuthnReq>,
};

const PERIOD: Property = Property::new(
    "available-period",
    "Available period",
    PropertyKind::String,
    Text { en: "Most seconds between nbf and exp.", ja: "nbfからexpまでの最大秒数です。" },
)
.preset(Preset::String("3600"))
.at_least(1);

#[derive(Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct SecureCibaSignedAuthnReq {
    available_period: Whole,
}

impl Default for SecureCibaSignedAuthnReq {
    fn default() -> Self {
        Self { available_period: Whole(3600) }
    }
}

impl Executor for SecureCibaSignedAuthnReq {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Some(request) = event.authorization() else { return Reaction::Pass };
        match self.check(event, &request) {
            Ok(()) => Reaction::Pass,
            Err(text) => Reaction::refuse("invalid_request", text),
        }
    }
}

impl SecureCibaSignedAuthnReq {
    fn check(&self, event: &Event<'_>, request: &Authorization<'_>) -> Result<(), &'static str> {
        let object = request.object.ok_or("Missing parameter: 'request' or 'request_uri'")?;
        self.check_time(&object.claims, event.at.seconds())?;
        let audiences = claims::audiences(&object.claims).unwrap_or_default();
        if audiences.is_empty() {
            return Err("Missing parameter in the 'request' object: aud");
        }
        if !audiences.contains(&event.realm.issuer.as_str()) {
            return Err("Invalid parameter in the 'request' object: aud");
        }
        let issuer = object.claims.get("iss").ok_or("Missing parameter in the 'request' object: iss")?;
        if issuer.as_str() != Some(request.client.client_id.as_str()) {
            return Err("Invalid parameter in the 'request' object: iss");
        }
        claims::seconds(&object.claims, "iat")
            .ok_or("Missing parameter in the signed authentication request: iat")?;
        let id = object.claims.get("jti").and_then(Value::as_str).filter(|id| !id.is_empty());
        id.map(|_| ()).ok_or("Missing parameter in the signed authentication request: jti")
    }

    fn check_time(&self, claims: &Map<String, Value>, now: i64) -> Result<(), &'static str> {
        let expires = claims::seconds(claims, "exp");
        let expires = expires.ok_or("Missing parameter in the signed authentication request: exp")?;
        if expires <= now {
            return Err("Request Expired");
        }
        let begins = claims::seconds(claims, "nbf");
        let begins = begins.ok_or("Missing parameter in the signed authentication request: nbf")?;
        if begins > now {
            return Err("Request not yet being processed");
        }
        if expires.saturating_sub(begins) > self.available_period.0 {
            return Err("signed authentication request's available period is long");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::RequestObject;
    use crate::policy::tests::{Scene, react};

    fn reaction(configuration: &Value, changes: Option<&Value>) -> Reaction {
        let mut scene = Scene::default();
        let now = scene.at.seconds();
        scene.object = changes.map(|changes| {
            let mut claims = json!({
                "iss": scene.client.client_id, "aud": scene.realm.issuer, "exp": now + 300, "nbf": now,
                "iat": now, "jti": "j",
            });
            let claims = claims.as_object_mut().expect("an object");
            for (name, value) in changes.as_object().expect("an object") {
                claims.insert(name.clone(), value.clone());
            }
            claims.retain(|_, value| !value.is_null());
            RequestObject { claims: claims.clone(), encrypted: false }
        });
        react(&PROVIDER, configuration, &scene.event(EventName::BackchannelAuthenticationRequest))
    }

    #[test]
    fn the_request_is_signed_and_holds_for_a_short_time() {
        let now = Scene::default().at.seconds();
        let signed = "Missing parameter in the signed authentication request: ";
        let object = "parameter in the 'request' object: ";
        for (changes, refusal) in [
            (json!({}), None),
            (json!({"exp": now}), Some("Request Expired".to_owned())),
            (json!({"nbf": now + 300}), Some("Request not yet being processed".to_owned())),
            (
                json!({"exp": now + 7200}),
                Some("signed authentication request's available period is long".to_owned()),
            ),
            (json!({"exp": null}), Some(format!("{signed}exp"))),
            (json!({"nbf": null}), Some(format!("{signed}nbf"))),
            (json!({"iat": null}), Some(format!("{signed}iat"))),
            (json!({"jti": null}), Some(format!("{signed}jti"))),
            (json!({"aud": null}), Some(format!("Missing {object}aud"))),
            (json!({"aud": "https://other.example"}), Some(format!("Invalid {object}aud"))),
            (json!({"iss": null}), Some(format!("Missing {object}iss"))),
            (json!({"iss": "other"}), Some(format!("Invalid {object}iss"))),
        ] {
            let expected = refusal.map_or(Reaction::Pass, |text| Reaction::refuse("invalid_request", text));
            assert_eq!(reaction(&json!({}), Some(&changes)), expected, "{changes}");
        }
    }

    #[test]
    fn the_longest_time_is_configured() {
        let long =
            Reaction::refuse("invalid_request", "signed authentication request's available period is long");
        assert_eq!(reaction(&json!({"available-period": "10"}), Some(&json!({}))), long);
        assert_eq!(reaction(&json!({"available-period": 300}), Some(&json!({}))), Reaction::Pass);
    }

    #[test]
    fn a_request_that_is_not_signed_is_refused() {
        let missing = Reaction::refuse("invalid_request", "Missing parameter: 'request' or 'request_uri'");
        assert_eq!(reaction(&json!({}), None), missing);
    }
}
