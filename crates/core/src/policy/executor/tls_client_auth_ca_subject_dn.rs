//! `tls-client-auth-ca-subject-dn`: who issued the certificates of clients that authenticate by one
//! (`tls_client_auth`, RFC 8705 §2.1).

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Property, PropertyKind, Provider, Switch, Text};
use crate::policy::effect::{ClientEdit, Effect};
use crate::policy::event::{Event, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "tls-client-auth-ca-subject-dn",
    help: Text {
        en: "Clients that authenticate by certificate take those of one certificate authority.",
        ja: "証明書で認証するクライアントに、指定した認証局の証明書を使用させます。",
    },
    properties: &[CA_SUBJECT_DN, ENFORCED],
    events: EventSet::PROPOSALS,
    configure: configure::<TlsClientAuthCaSubjectDn>,
};

const CA_SUBJECT_DN: Property = Property::new(
    "ca-subject-dn",
    "CA Subject DN",
    PropertyKind::String,
    Text {
        en: "Distinguished name of the authority; set where a client names none.",
        ja: "認証局の識別名。クライアントに指定がない場合に設定されます。",
    },
)
.required();

const ENFORCED: Property = Property::switch(
    "enforced",
    "Enforced",
    false,
    Text {
        en: "Refuses a client that names another authority.",
        ja: "別の認証局を指定したクライアントを拒否します。",
    },
);

/// Where a client keeps the name of the authority.
const ATTRIBUTE: &str = "x509.casubjectdn";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct TlsClientAuthCaSubjectDn {
    ca_subject_dn: Option<String>,
    enforced: Switch,
}

impl Executor for TlsClientAuthCaSubjectDn {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let authenticator =
            event.proposal().and_then(|proposal| proposal.result.client_authenticator_type.as_deref());
        let wanted = self.ca_subject_dn.as_deref().filter(|name| !name.is_empty());
        let (Some(wanted), Some("client-x509")) = (wanted, authenticator) else { return Reaction::Pass };
        match event.client_attribute(ATTRIBUTE).filter(|name| !name.is_empty()) {
            None => {
                let edit = ClientEdit::Attribute(ATTRIBUTE, wanted.to_owned());
                Reaction::Change(Effect::Client(edit))
            }
            Some(named) if self.enforced.0 && named != wanted => {
                let text = format!("Certificate Authority subject DN must be {wanted}");
                Reaction::refuse("invalid_request", text)
            }
            Some(_) => Reaction::Pass,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, react};

    #[test]
    fn the_authority_is_set_where_none_is_named_and_another_refused_when_enforced() {
        let changed =
            Reaction::Change(Effect::Client(ClientEdit::Attribute(ATTRIBUTE, "CN=ours".to_owned())));
        let refused = Reaction::refuse("invalid_request", "Certificate Authority subject DN must be CN=ours");
        let (lax, strict) =
            (json!({"ca-subject-dn": "CN=ours"}), json!({"ca-subject-dn": "CN=ours", "enforced": "true"}));
        for (configuration, authenticator, named, expected) in [
            (&lax, "client-x509", None, changed.clone()),
            (&lax, "client-x509", Some(""), changed.clone()),
            (&strict, "client-x509", None, changed),
            (&lax, "client-x509", Some("CN=ours"), Reaction::Pass),
            (&lax, "client-x509", Some("CN=other"), Reaction::Pass),
            (&strict, "client-x509", Some("CN=ours"), Reaction::Pass),
            (&strict, "client-x509", Some("CN=other"), refused),
            (&strict, "client-secret", None, Reaction::Pass),
            (&json!({}), "client-x509", None, Reaction::Pass),
            (&json!({"enforced": true}), "client-x509", Some("CN=other"), Reaction::Pass),
        ] {
            let mut scene = Scene::default();
            scene.result.client_authenticator_type = Some(authenticator.to_owned());
            let named = named.map(|named| (ATTRIBUTE.to_owned(), named.to_owned()));
            scene.result.attributes = Some(named.clone().into_iter().collect());
            for event in [EventName::Register, EventName::Update] {
                let reaction = react(&PROVIDER, configuration, &scene.event(event));
                assert_eq!(reaction, expected, "{configuration} {named:?}");
            }
        }
    }
}
