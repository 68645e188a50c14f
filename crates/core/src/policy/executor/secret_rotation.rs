//! `secret-rotation`: client secrets have an end, and the one before goes on for a while.
//!
//! The effect is carried out where clients are made and changed ([`crate::client::secret_life`]). A client from
//! before the policy gets the end of its secret with its next change.

use serde::Deserialize;
use serde_json::Value;

use super::{Executor, Reaction};
use crate::client::{Authenticator, Client, ClientKind};
use crate::policy::configuration::{self, Fault, Preset, Property, PropertyKind, Provider, Text, Whole};
use crate::policy::effect::Effect;
use crate::policy::event::{Event, EventName, EventSet, Occasion};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secret-rotation",
    help: Text {
        en: "Client secrets expire; a new one is made with an update shortly before, and the old one goes on for a while.",
        ja: "クライアントシークレットに有効期限を設け、期限が近い更新時に再生成し、古いものもしばらく有効にします。",
    },
    properties: &[EXPIRATION, ROTATED, REMAINING],
    events: EventSet::of(&[
        EventName::Registered,
        EventName::Updated,
        EventName::AuthorizationRequest,
        EventName::TokenRequest,
    ]),
    configure,
};

const EXPIRATION: Property = Property::new(
    "expiration-period",
    "Secret expiration",
    PropertyKind::String,
    Text { en: "For how many seconds a secret is good.", ja: "シークレットの有効秒数です。" },
)
.preset(Preset::Integer(2_505_600));

const ROTATED: Property = Property::new(
    "rotated-expiration-period",
    "Rotated secret expiration",
    PropertyKind::String,
    Text {
        en: "For how many seconds the old secret goes on after a new one was made.",
        ja: "再生成の後に古いシークレットが有効な秒数です。",
    },
)
.preset(Preset::Integer(172_800));

const REMAINING: Property = Property::new(
    "remaining-rotation-period",
    "Remaining rotation period",
    PropertyKind::String,
    Text {
        en: "How many seconds before its end an update of the client makes a new secret.",
        ja: "クライアントの更新時にシークレットを再生成する、期限までの残り秒数です。",
    },
)
.preset(Preset::Integer(864_000));

/// When a client's secret ends; written by whoever carries out the effect.
const ENDS: &str = "client.secret.expiration.time";

#[derive(Deserialize)]
#[serde(default)]
struct SecretRotation {
    #[serde(rename = "expiration-period")]
    expiration: Whole,
    #[serde(rename = "rotated-expiration-period")]
    rotated: Whole,
    #[serde(rename = "remaining-rotation-period")]
    remaining: Whole,
}

impl Default for SecretRotation {
    fn default() -> Self {
        Self { expiration: Whole(2_505_600), rotated: Whole(172_800), remaining: Whole(864_000) }
    }
}

fn configure(configuration: &Value) -> Result<Box<dyn Executor>, Fault> {
    let rotation: SecretRotation = configuration::read(configuration)?;
    let expiration = rotation.expiration.0;
    if expiration <= 0 {
        return Err(Fault::new("expiration-period", "expected at least a second"));
    }
    for (member, period) in [
        ("rotated-expiration-period", rotation.rotated.0),
        ("remaining-rotation-period", rotation.remaining.0),
    ] {
        if !(0..=expiration).contains(&period) {
            return Err(Fault::new(member, "expected no more than the expiration period"));
        }
    }
    Ok(Box::new(rotation))
}

impl Executor for SecretRotation {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Some(client) = event.client().filter(|client| has_secret(client)) else {
            return Reaction::Pass;
        };
        let changed = matches!(event.occasion, Occasion::Registered(_) | Occasion::Updated(_));
        if !changed && client.attributes.contains_key(ENDS) {
            return Reaction::Pass;
        }
        Reaction::Change(Effect::RotateSecret {
            expiration: self.expiration.0,
            rotated: self.rotated.0,
            remaining: self.remaining.0,
        })
    }
}

fn has_secret(client: &Client) -> bool {
    let by_secret = matches!(client.authenticator, Authenticator::Secret | Authenticator::SecretJwt);
    client.kind == ClientKind::Confidential && by_secret
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{Scene, react};

    fn rotation(expiration: i64, rotated: i64, remaining: i64) -> Reaction {
        Reaction::Change(Effect::RotateSecret { expiration, rotated, remaining })
    }

    #[test]
    fn a_secret_gets_its_end_when_the_client_is_made_or_changed_or_first_used() {
        let configuration = json!({
            "expiration-period": 1000, "rotated-expiration-period": "500", "remaining-rotation-period": 100,
        });
        let due = rotation(1000, 500, 100);
        for (event, ends, expected) in [
            (EventName::Registered, false, &due),
            (EventName::Updated, true, &due),
            (EventName::AuthorizationRequest, false, &due),
            (EventName::AuthorizationRequest, true, &Reaction::Pass),
            (EventName::TokenRequest, false, &due),
            (EventName::TokenRequest, true, &Reaction::Pass),
            (EventName::Register, false, &Reaction::Pass),
        ] {
            let mut scene = Scene::default();
            if ends {
                scene.client.attributes.insert(ENDS.to_owned(), "1".to_owned());
            }
            assert_eq!(&react(&PROVIDER, &configuration, &scene.event(event)), expected, "{event:?} {ends}");
        }
    }

    #[test]
    fn a_client_without_a_secret_is_let_be() {
        let due = rotation(2_505_600, 172_800, 864_000);
        for (kind, authenticator, expected) in [
            (ClientKind::Confidential, Authenticator::Secret, &due),
            (ClientKind::Confidential, Authenticator::SecretJwt, &due),
            (ClientKind::Confidential, Authenticator::PrivateKeyJwt, &Reaction::Pass),
            (ClientKind::Public, Authenticator::Secret, &Reaction::Pass),
            (ClientKind::BearerOnly, Authenticator::Secret, &Reaction::Pass),
        ] {
            let mut scene = Scene::default();
            (scene.client.kind, scene.client.authenticator) = (kind, authenticator);
            let reaction = react(&PROVIDER, &json!({}), &scene.event(EventName::Registered));
            assert_eq!(&reaction, expected, "{kind:?}");
        }
    }

    #[test]
    fn periods_that_make_no_sense_are_refused_when_they_are_saved() {
        for (configuration, member) in [
            (json!({"expiration-period": -1}), "expiration-period"),
            (json!({"expiration-period": "soon"}), "expiration-period"),
            (json!({"expiration-period": 10}), "rotated-expiration-period"),
            (json!({"expiration-period": 10, "rotated-expiration-period": 20}), "rotated-expiration-period"),
            (json!({"expiration-period": 10, "rotated-expiration-period": 5}), "remaining-rotation-period"),
        ] {
            let fault = configure(&configuration).err().expect("refused");
            assert_eq!(fault.member, member, "{configuration}");
        }
    }
}
