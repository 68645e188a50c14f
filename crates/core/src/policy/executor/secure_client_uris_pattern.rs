//! `secure-client-uris-pattern`: the chosen addresses of a client match one of the given expressions.

use sekisho_protocol::keycloak::ClientRepresentation;
use serde::Deserialize;
use serde_json::Value;

use super::client_uris::Place;
use super::{Executor, Reaction};
use crate::client::origin_of;
use crate::policy::configuration::{Fault, Patterns, Property, PropertyKind, Provider, Text, Texts, read};
use crate::policy::event::{Event, EventSet};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "secure-client-uris-pattern",
    help: Text {
        en: "The chosen addresses of a client match one of the regular expressions, whole. With none given, a client that has such an address is refused.",
        ja: "選択したURIの全体を、いずれかの正規表現に一致させます。正規表現の指定がない場合、該当するURIを持つクライアントは拒否されます。",
    },
    properties: &[ALLOWED_PATTERNS, CLIENT_URI_FIELDS],
    events: EventSet::PROPOSALS,
    configure,
};

const ALLOWED_PATTERNS: Property = Property::new(
    "allowed-patterns",
    "Allowed patterns",
    PropertyKind::MultivaluedString,
    Text {
        en: "Regular expressions of Java, each for a whole address.",
        ja: "URI全体に対するJavaの正規表現。",
    },
);

const CLIENT_URI_FIELDS: Property = Property::new(
    "client-uri-fields",
    "Fields",
    PropertyKind::MultivaluedList,
    Text {
        en: "Which addresses are judged; all when none is chosen.",
        ja: "検査するURI。一つも選択しない場合はすべてを検査します。",
    },
)
.options(FIELDS);

const FIELDS: &[&str] = &[
    "rootUrl",
    "adminUrl",
    "baseUrl",
    "redirectUris",
    "webOrigins",
    "jwksUri",
    "requestUris",
    "backchannelLogoutUrl",
    "postLogoutRedirectUris",
    "cibaClientNotificationEndpoint",
    "logoUri",
    "policyUri",
    "tosUri",
    "sectorIdentifierUri",
    "saml_assertion_consumer_url_post",
    "saml_assertion_consumer_url_redirect",
    "saml_artifact_binding_url",
    "saml_single_logout_service_url_post",
    "saml_single_logout_service_url_artifact",
    "saml_single_logout_service_url_redirect",
    "saml_single_logout_service_url_soap",
    "saml_artifact_resolution_service_url",
    "saml.metadataDescriptorUrl",
];

/// Where the addresses of a field are.
fn place(field: &'static str) -> Place {
    match field {
        "rootUrl" => Place::Root,
        "adminUrl" => Place::Admin,
        "baseUrl" => Place::Base,
        "redirectUris" => Place::Redirects,
        "webOrigins" => Place::WebOrigins,
        "jwksUri" => Place::Attribute("jwks.url"),
        "requestUris" => Place::Attribute("request.uris"),
        "backchannelLogoutUrl" => Place::Attribute("backchannel.logout.url"),
        "postLogoutRedirectUris" => Place::Attribute("post.logout.redirect.uris"),
        "cibaClientNotificationEndpoint" => Place::Attribute("ciba.backchannel.client.notification.endpoint"),
        // Of mappers for pairwise subjects.
        "sectorIdentifierUri" => Place::Mapper("sectorIdentifierUri"),
        "saml.metadataDescriptorUrl" => Place::Attribute("saml.metadata.descriptor.url"),
        // The others are attributes of that name.
        name => Place::Attribute(name),
    }
}

struct SecureClientUrisPattern {
    fields: Vec<&'static str>,
    allowed: Patterns,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Configuration {
    allowed_patterns: Patterns,
    client_uri_fields: Texts,
}

/// A field that nobody knows is refused: it would be judged nowhere.
fn configure(configuration: &Value) -> Result<Box<dyn Executor>, Fault> {
    let Configuration { allowed_patterns: allowed, client_uri_fields } = read(configuration)?;
    let known = |field: &String| {
        let fault = || Fault::new("client-uri-fields", format!("no such field: {field}"));
        FIELDS.iter().copied().find(|known| known == field).ok_or_else(fault)
    };
    let mut fields = client_uri_fields.0.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    if fields.is_empty() {
        fields = FIELDS.to_vec();
    }
    Ok(Box::new(SecureClientUrisPattern { fields, allowed }))
}

impl Executor for SecureClientUrisPattern {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Some(proposal) = event.proposal() else { return Reaction::Pass };
        match self.fields.iter().find(|field| !self.allows(field, proposal.result)) {
            None => Reaction::Pass,
            Some(field) => {
                let why =
                    if self.allowed.0.is_empty() { ": No valid allowed patterns configured" } else { "" };
                Reaction::refuse("invalid_client_metadata", format!("Invalid {field}{why}"))
            }
        }
    }
}

impl SecureClientUrisPattern {
    /// An origin of the redirect URIs, which a client gets unasked, is judged with those where they are judged: no
    /// expression for their paths could match it.
    fn allows(&self, field: &'static str, client: &ClientRepresentation) -> bool {
        let mut uris = place(field).uris(client);
        if field == "webOrigins" && self.fields.contains(&"redirectUris") {
            let origins: Vec<String> =
                Place::Redirects.uris(client).into_iter().filter_map(origin_of).collect();
            uris.retain(|uri| !origins.iter().any(|origin| origin == uri));
        }
        uris.into_iter().all(|uri| self.allowed.0.iter().any(|pattern| pattern.matches(uri)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::event::EventName;
    use crate::policy::tests::{Scene, react};

    fn check(configuration: &Value, client: &Value) -> Option<String> {
        let result = serde_json::from_value(client.clone()).expect("a client");
        let scene = Scene { result, ..Scene::default() };
        let reactions = [EventName::Register, EventName::Update]
            .map(|event| react(&PROVIDER, configuration, &scene.event(event)));
        let [reaction, same] = reactions;
        assert_eq!(reaction, same);
        match reaction {
            Reaction::Pass => None,
            Reaction::Refuse(refusal) => {
                assert_eq!((refusal.code, refusal.status), ("invalid_client_metadata", 400));
                Some(refusal.text)
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_chosen_address_must_match_an_expression_whole() {
        let chosen = |patterns: &[&str]| json!({"client-uri-fields": ["redirectUris", "rootUrl"], "allowed-patterns": patterns});
        let strict = chosen(&["https://[a-z]+\\.example/.*"]);
        let redirect = |uri: &str| json!({ "redirectUris": [uri] });
        let none = "Invalid redirectUris: No valid allowed patterns configured";
        for (configuration, client, refused) in [
            (strict.clone(), redirect("https://app.example/cb"), None),
            (strict.clone(), redirect("https://a.other/cb"), Some("Invalid redirectUris")),
            (strict.clone(), json!({"rootUrl": "https://a.other"}), Some("Invalid rootUrl")),
            (strict, json!({"adminUrl": "http://x"}), None),
            (chosen(&["app\\.example"]), redirect("https://app.example/cb"), Some("Invalid redirectUris")),
            (chosen(&["nothing", "https://.*"]), redirect("https://b.other/cb"), None),
            (chosen(&[]), redirect("https://app.example/cb"), Some(none)),
            (json!({}), redirect("https://app.example/cb"), Some(none)),
            (json!({}), json!({}), None),
            (
                json!({"allowed-patterns": "https://.*"}),
                redirect("http://x/cb"),
                Some("Invalid redirectUris"),
            ),
        ] {
            assert_eq!(check(&configuration, &client).as_deref(), refused, "{configuration} {client}");
        }
    }

    #[test]
    fn every_field_is_found_where_clients_keep_it() {
        for field in FIELDS {
            let uri = "http://x/";
            let client = match place(field) {
                Place::Root | Place::Admin | Place::Base => json!({ *field: uri }),
                Place::Redirects | Place::WebOrigins => json!({ *field: [uri] }),
                Place::Attribute(name) => json!({ "attributes": { name: uri } }),
                Place::Mapper(name) => json!({ "protocolMappers": [{ "config": { name: uri } }] }),
            };
            let configuration = json!({"client-uri-fields": [field], "allowed-patterns": ["https://.*"]});
            assert_eq!(check(&configuration, &client), Some(format!("Invalid {field}")));
        }
    }

    #[test]
    fn origins_of_redirect_uris_that_are_judged_are_not_judged_again() {
        let client = |origin: &str| json!({"redirectUris": ["https://a.example/cb"], "webOrigins": [origin]});
        let patterns = json!(["https://a\\.example/.*"]);
        let all = json!({ "allowed-patterns": patterns });
        let only = json!({"allowed-patterns": patterns, "client-uri-fields": ["webOrigins"]});
        let refused = Some("Invalid webOrigins".to_owned());
        assert_eq!(check(&all, &client("https://a.example")), None);
        assert_eq!(check(&all, &client("+")), None);
        assert_eq!(check(&all, &client("https://b.example")), refused);
        assert_eq!(check(&all, &client("*")), refused);
        assert_eq!(check(&only, &client("https://a.example")), refused);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (configuration, member) in [
            (json!({"allowed-patterns": ["https://.*", "("]}), "allowed-patterns"),
            (json!({"allowed-patterns": {"a": "b"}}), "allowed-patterns"),
            (json!({"client-uri-fields": ["redirectUri"]}), "client-uri-fields"),
        ] {
            let fault = (PROVIDER.configure)(&configuration).err().expect("a fault");
            assert_eq!(fault.member, member, "{fault}");
        }
    }
}
