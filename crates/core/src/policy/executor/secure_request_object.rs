//! `secure-request-object`: an authorization request is signed, for a short time, and says everything
//! (FAPI 1.0 Advanced §5.2.2).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Executor, Reaction, claims, configure};
use crate::policy::configuration::{Preset, Property, PropertyKind, Provider, Switch, Text, Whole};
use crate::policy::event::{Authorization, Event, EventName, EventSet, RequestObject};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-request-object",
    help: Text {
        en: "Authorization requests come as a signed request object that holds every parameter and soon expires.",
        ja: "認可リクエストを、全パラメーターを含み短期間で失効する署名付きリクエストオブジェクトに限定します。",
    },
    properties: &[NOT_BEFORE, PERIOD, ENCRYPTED, SKEW],
    events: EventSet::of(&[EventName::AuthorizationRequest]),
    configure: configure::<SecureRequestObject>,
};

const NOT_BEFORE: Property = Property::switch(
    "verify-nbf",
    "Verify Not-Before",
    true,
    Text {
        en: "The object says from when it holds (nbf), and the time between nbf and exp is limited.",
        ja: "オブジェクトに有効期間の開始(nbf)を必須とし、nbfからexpまでの期間を制限します。",
    },
);

const PERIOD: Property = Property::new(
    "available-period",
    "Available period",
    PropertyKind::String,
    Text { en: "Most seconds between nbf and exp.", ja: "nbfからexpまでの最大秒数です。" },
)
.preset(Preset::String("3600"))
.at_least(1);

const ENCRYPTED: Property = Property::switch(
    "encryption-required",
    "Encryption Required",
    false,
    Text {
        en: "Objects that are not encrypted are refused.",
        ja: "暗号化されていないオブジェクトを拒否します。",
    },
);

const SKEW: Property = Property::new(
    "allowed-clock-skew",
    "Allowed Clock Skew",
    PropertyKind::String,
    Text {
        en: "How many seconds the client's clock may be ahead (nbf, iat).",
        ja: "クライアントの時計が進んでいてもよい秒数です(nbf、iat)。",
    },
)
.preset(Preset::String("15"));

#[derive(Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct SecureRequestObject {
    verify_nbf: Switch,
    available_period: Whole,
    encryption_required: Switch,
    allowed_clock_skew: Whole,
}

impl Default for SecureRequestObject {
    fn default() -> Self {
        Self {
            verify_nbf: Switch(true),
            available_period: Whole(3600),
            encryption_required: Switch(false),
            allowed_clock_skew: Whole(15),
        }
    }
}

/// Why a request is refused: for the request itself, or for its object.
enum Problem {
    Request(&'static str),
    Object(&'static str),
}

impl Executor for SecureRequestObject {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Some(request) = event.authorization() else { return Reaction::Pass };
        let checked = self.check(event, &request);
        match checked {
            Ok(()) => Reaction::Pass,
            Err(Problem::Request(text)) => Reaction::refuse("invalid_request", text),
            Err(Problem::Object(text)) if request.pushed => Reaction::refuse("invalid_request_uri", text),
            Err(Problem::Object(text)) => Reaction::refuse("invalid_request_object", text),
        }
    }
}

impl SecureRequestObject {
    fn check(&self, event: &Event<'_>, request: &Authorization<'_>) -> Result<(), Problem> {
        let Some(object) = request.object else {
            return Err(Problem::Request(if request.pushed {
                "Invalid parameter: : 'request' or 'request_uri'"
            } else {
                "Missing parameter: 'request' or 'request_uri'"
            }));
        };
        if request.sent.find("scope").is_none() && !object.claims.contains_key("scope") {
            let text = "Parameter 'scope' missing in the request parameters or in 'request' object";
            return Err(Problem::Request(text));
        }
        self.check_time(&object.claims, event.at.seconds()).map_err(Problem::Object)?;
        check_audience(&object.claims, &event.realm.issuer).map_err(Problem::Object)?;
        self.check_encryption(object).map_err(Problem::Object)?;
        if request.sent.pairs().all(|(name, value)| is_inside(&object.claims, name, value)) {
            Ok(())
        } else {
            let text =
                "Invalid parameter. Parameters in 'request' object not matching with request parameters";
            Err(Problem::Request(text))
        }
    }

    fn check_time(&self, claims: &Map<String, Value>, now: i64) -> Result<(), &'static str> {
        let latest = now.saturating_add(self.allowed_clock_skew.0);
        let expires = claims::seconds(claims, "exp");
        let expires = expires.ok_or("Missing parameter in the 'request' object: exp")?;
        if expires <= now {
            return Err("Request Expired");
        }
        if self.verify_nbf.0 {
            let begins = claims::seconds(claims, "nbf");
            let begins = begins.ok_or("Missing parameter in the 'request' object: nbf")?;
            if begins > latest {
                return Err("Request not yet being processed");
            }
            if expires.saturating_sub(begins) > self.available_period.0 {
                return Err("Request's available period is long");
            }
        }
        if claims::seconds(claims, "iat").is_some_and(|issued| issued > latest) {
            return Err("Request issued in the future");
        }
        Ok(())
    }

    fn check_encryption(&self, object: &RequestObject) -> Result<(), &'static str> {
        if self.encryption_required.0 && !object.encrypted {
            Err("Request object not encrypted")
        } else {
            Ok(())
        }
    }
}

fn check_audience(claims: &Map<String, Value>, issuer: &str) -> Result<(), &'static str> {
    if !claims.contains_key("aud") {
        return Err("Missing parameter in the 'request' object: aud");
    }
    let audiences = claims::audiences(claims).unwrap_or_default();
    if audiences.is_empty() {
        return Err("Missing parameter value in the 'request' object: aud");
    }
    if audiences.contains(&issuer) { Ok(()) } else { Err("Invalid parameter in the 'request' object: aud") }
}

/// Whether the object says the same as a parameter that came in the query.
fn is_inside(claims: &Map<String, Value>, name: &str, value: &str) -> bool {
    if matches!(name, "request" | "request_uri") {
        return true;
    }
    match claims.get(name) {
        // The endpoint compares it with the client that signed the object.
        None => name == "client_id",
        Some(Value::String(text)) => text == value,
        Some(other) => serde_json::from_str::<Value>(value).is_ok_and(|value| value == *other),
    }
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Params;
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    const QUERY: &str = "client_id=c&response_type=code&scope=openid&state=st&max_age=300&request=x";

    /// A good object, with these members changed; null takes one away.
    fn object(scene: &Scene, changes: &Value) -> RequestObject {
        let now = scene.at.seconds();
        let mut claims = json!({
            "iss": "c", "aud": scene.realm.issuer, "exp": now + 300, "nbf": now, "iat": now, "client_id": "c",
            "response_type": "code", "scope": "openid", "state": "st", "max_age": 300,
        });
        let claims = claims.as_object_mut().expect("an object");
        for (name, value) in changes.as_object().expect("an object") {
            claims.insert(name.clone(), value.clone());
        }
        claims.retain(|_, value| !value.is_null());
        RequestObject { claims: claims.clone(), encrypted: false }
    }

    fn reaction(configuration: &Value, query: &str, changes: &Value) -> Reaction {
        let mut scene =
            Scene { params: Params::parse(query.as_bytes()).expect("well formed"), ..Scene::default() };
        scene.object = Some(object(&scene, changes));
        react(&PROVIDER, configuration, &scene.event(EventName::AuthorizationRequest))
    }

    #[test]
    fn the_object_holds_for_a_short_time_and_for_this_realm() {
        let now = Scene::default().at.seconds();
        let issuer = Scene::default().realm.issuer;
        let unchecked = json!({"verify-nbf": false});
        for (configuration, changes, refusal) in [
            (json!({}), json!({}), None),
            (json!({}), json!({"exp": null}), Some("Missing parameter in the 'request' object: exp")),
            (json!({}), json!({"exp": now}), Some("Request Expired")),
            (json!({}), json!({"nbf": null}), Some("Missing parameter in the 'request' object: nbf")),
            (unchecked.clone(), json!({"nbf": null}), None),
            (json!({}), json!({"nbf": now + 10, "iat": now + 10}), None),
            (json!({}), json!({"nbf": now + 120}), Some("Request not yet being processed")),
            (json!({"allowed-clock-skew": "120"}), json!({"nbf": now + 120}), None),
            (json!({}), json!({"exp": now + 7200}), Some("Request's available period is long")),
            (unchecked, json!({"exp": now + 7200}), None),
            (json!({"available-period": "10"}), json!({}), Some("Request's available period is long")),
            (json!({}), json!({"iat": now + 120}), Some("Request issued in the future")),
            (json!({}), json!({"aud": null}), Some("Missing parameter in the 'request' object: aud")),
            (json!({}), json!({"aud": []}), Some("Missing parameter value in the 'request' object: aud")),
            (json!({}), json!({"aud": "other"}), Some("Invalid parameter in the 'request' object: aud")),
            (json!({}), json!({"aud": ["other", issuer]}), None),
            (json!({"encryption-required": true}), json!({}), Some("Request object not encrypted")),
        ] {
            let expected =
                refusal.map_or(Reaction::Pass, |text| Reaction::refuse("invalid_request_object", text));
            assert_eq!(reaction(&configuration, QUERY, &changes), expected, "{configuration} {changes}");
        }
    }

    #[test]
    fn the_query_says_nothing_else_than_the_object() {
        let mismatch =
            Some("Invalid parameter. Parameters in 'request' object not matching with request parameters");
        for (query, changes, refusal) in [
            ("client_id=c&request=x", json!({}), None),
            ("client_id=c&request=x", json!({"client_id": null}), None),
            ("client_id=c&state=x&request=x", json!({}), mismatch),
            ("client_id=c&scope=openid+profile&request=x", json!({}), mismatch),
            ("client_id=c&prompt=login&request=x", json!({}), mismatch),
            ("client_id=c&max_age=1&request=x", json!({}), mismatch),
            (QUERY, json!({"scope": null}), mismatch),
            (
                "client_id=c&request=x",
                json!({"scope": null}),
                Some("Parameter 'scope' missing in the request parameters or in 'request' object"),
            ),
        ] {
            let expected = refusal.map_or(Reaction::Pass, |text| Reaction::refuse("invalid_request", text));
            assert_eq!(reaction(&json!({}), query, &changes), expected, "{query} {changes}");
        }
    }

    #[test]
    fn a_request_without_an_object_is_refused() {
        let mut scene = Scene::default();
        let event = EventName::AuthorizationRequest;
        let plain = Reaction::refuse("invalid_request", "Missing parameter: 'request' or 'request_uri'");
        assert_eq!(react(&PROVIDER, &json!({}), &scene.event(event)), plain);
        scene.pushed = Some(Params::empty());
        let pushed = Reaction::refuse("invalid_request", "Invalid parameter: : 'request' or 'request_uri'");
        assert_eq!(react(&PROVIDER, &json!({}), &scene.event(event)), pushed);
        scene.object = Some(object(&scene, &json!({"exp": null})));
        let missing =
            Reaction::refuse("invalid_request_uri", "Missing parameter in the 'request' object: exp");
        assert_eq!(react(&PROVIDER, &json!({}), &scene.event(event)), missing);
    }
}
