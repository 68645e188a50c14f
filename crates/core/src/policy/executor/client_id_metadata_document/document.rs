//! The document (draft §4): whose it is, what it may not hold, and where its addresses lead.

use serde_json::{Map, Value};
use url::Url;

use super::ClientIdMetadataDocument;
use crate::redirect;

/// What the request says, which the document must bear out.
pub(super) struct Claimed<'a> {
    pub(super) client_id: &'a str,
    /// The host of the `client_id`.
    pub(super) host: &'a str,
    pub(super) redirect_uri: &'a str,
}

/// Members that are a web address.
const ADDRESSES: &[&str] = &[
    "client_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "jwks_uri",
    "sector_identifier_uri",
    "initiate_login_uri",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
];

/// Members that are lists of addresses; those of programs have schemes of their own.
const LISTS: &[&str] = &["redirect_uris", "post_logout_redirect_uris", "request_uris"];

/// How a client proves itself without a secret that it would have to share.
const METHODS: &[&str] = &["none", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"];

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

impl ClientIdMetadataDocument {
    /// Checks a document in Keycloak's order and words.
    pub(super) fn check_document(
        &self,
        document: &Map<String, Value>,
        claimed: &Claimed<'_>,
    ) -> Result<(), &'static str> {
        check_owner(document, claimed.client_id)?;
        let method = check_method(document)?;
        check_redirect(document, claimed.redirect_uri)?;
        if self.only_allow_confidential_client.0 && method == "none" {
            return Err("Invalid Client Metadata: confidential client is only allowed.");
        }
        let hosts = self.hosts(document)?;
        if !hosts.iter().all(|host| self.permits(host)) {
            return Err("Invalid Client ID: domain not allowed.");
        }
        if self.cimd_restrict_same_domain.0 {
            self.check_same_domain(claimed, &hosts)?;
        }
        let has = |name: &String| document.get(name).is_some_and(|value| !value.is_null());
        if !self.cimd_required_properties.0.iter().all(has) {
            return Err("Invalid Client Metadata: it does not include all required properties.");
        }
        check_keys(document, method)
    }

    /// The host of every address in the document.
    fn hosts(&self, document: &Map<String, Value>) -> Result<Vec<String>, &'static str> {
        let mut hosts = Vec::new();
        for name in ADDRESSES {
            let Some(value) = document.get(*name) else { continue };
            let url = parse(value)?;
            // They become links and are fetched: no scheme that runs code.
            let web = url.scheme() == "https" || (url.scheme() == "http" && self.cimd_allow_http_scheme.0);
            hosts.push(if web { host(&url)? } else { return Err(MALFORMED) });
        }
        for name in LISTS {
            let Some(value) = document.get(*name) else { continue };
            for value in value.as_array().ok_or(MALFORMED)? {
                hosts.push(host(&parse(value)?)?);
            }
        }
        Ok(hosts)
    }

    fn check_same_domain(&self, claimed: &Claimed<'_>, hosts: &[String]) -> Result<(), &'static str> {
        let asked = Url::parse(claimed.redirect_uri).ok().and_then(|url| host(&url).ok()).unwrap_or_default();
        let shared: Vec<&str> = self
            .domains_of(claimed.host)
            .filter(|domain| self.domains_of(&asked).any(|other| other == *domain))
            .collect();
        if shared.is_empty() {
            return Err(
                "Invalid Client Metadata: client_id parameter, redirect_uri parameter and at least one of redirect_uris properties in client metadata should be under the same domain.",
            );
        }
        let covers = |domain: &str| hosts.iter().all(|host| self.domains_of(host).any(|own| own == domain));
        if shared.into_iter().any(covers) {
            Ok(())
        } else {
            Err("Invalid Client Metadata: some uri property is not under the same permitted domain.")
        }
    }
}

const MALFORMED: &str = "Invalid Client Metadata: malformed URL.";

fn parse(value: &Value) -> Result<Url, &'static str> {
    value.as_str().and_then(|text| Url::parse(text).ok()).ok_or(MALFORMED)
}

fn host(url: &Url) -> Result<String, &'static str> {
    let host = url.host_str().filter(|host| !host.is_empty());
    host.map(str::to_owned).ok_or("Invalid Client ID / Metadata: host unresolved.")
}

/// Whoever serves a document speaks for the address that it is served at, and no other.
fn check_owner(document: &Map<String, Value>, client_id: &str) -> Result<(), &'static str> {
    match document.get("client_id") {
        None | Some(Value::Null) => Err("Invalid Client Metadata: no client_id."),
        Some(Value::String(own)) if own == client_id => Ok(()),
        Some(_) => {
            Err("Invalid Client Metadata: client_id property does not exactly match client_id parameter.")
        }
    }
}

/// Anybody can read the document, so it can hold no secret. A client that names no method has none.
fn check_method(document: &Map<String, Value>) -> Result<&str, &'static str> {
    let method = match document.get("token_endpoint_auth_method") {
        None => "none",
        Some(value) => value.as_str().unwrap_or_default(),
    };
    if !METHODS.contains(&method) {
        return Err(
            "Invalid Client Metadata: token_endpoint_auth_method property in client metadata is not-allowed authentication method..",
        );
    }
    if document.contains_key("client_secret") || document.contains_key("client_secret_expires_at") {
        return Err(
            "Invalid Client Metadata: client_secret or client_secret_expires_at property in client metadata is must not included.",
        );
    }
    Ok(method)
}

fn check_redirect(document: &Map<String, Value>, asked: &str) -> Result<(), &'static str> {
    let registered = document.get("redirect_uris").and_then(Value::as_array).into_iter().flatten();
    if registered.filter_map(Value::as_str).any(|registered| redirect::is_same(registered, asked)) {
        Ok(())
    } else {
        Err(
            "Invalid Client Metadata: redirect_uri parameter does not exactly match the one of redirect_uris property in client metadata.",
        )
    }
}

/// What Keycloak notices only when it stores the client.
fn check_keys(document: &Map<String, Value>, method: &str) -> Result<(), &'static str> {
    let keys = document.contains_key("jwks") || document.contains_key("jwks_uri");
    let grants = document.get("grant_types").and_then(Value::as_array).into_iter().flatten();
    let asserts = grants.filter_map(Value::as_str).any(|grant| grant == JWT_BEARER);
    if (method == "private_key_jwt" && !keys) || (method == "none" && asserts) {
        return Err("invalid request");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sekisho_protocol::Params;
    use serde_json::json;

    use super::super::PROVIDER;
    use crate::policy::effect::Effect;
    use crate::policy::event::EventName;
    use crate::policy::executor::Reaction;
    use crate::policy::lookup::{Finding, Findings, Lookup};
    use crate::policy::tests::{Scene, react};

    use super::*;

    const URL: &str = "https://client.example/client.json";

    fn configuration(changes: &Value) -> Value {
        let domains = json!(["client.example", "app.example", "*.example.org"]);
        changed(json!({"cimd-allow-permitted-domains": domains}), changes)
    }

    fn good(changes: &Value) -> Value {
        let document = json!({
            "client_id": URL, "client_name": "Document client", "redirect_uris": ["https://app.example/cb"],
            "token_endpoint_auth_method": "none", "grant_types": ["authorization_code"],
        });
        changed(document, changes)
    }

    /// With these members changed; null takes one away.
    fn changed(mut value: Value, changes: &Value) -> Value {
        let members = value.as_object_mut().expect("an object");
        for (name, value) in changes.as_object().expect("an object") {
            members.insert(name.clone(), value.clone());
        }
        members.retain(|_, value| !value.is_null());
        value
    }

    fn reaction(configuration: &Value, redirect_uri: Option<&str>, finding: Option<Finding>) -> Reaction {
        let params = Params::from_pairs(redirect_uri.map(|uri| ("redirect_uri", uri)));
        let mut scene = Scene { client_id: URL.to_owned(), params, ..Scene::default() };
        scene.findings = Findings::default();
        let lookup = Lookup::ClientMetadata { url: URL.to_owned() };
        if let Some(finding) = finding {
            scene.findings.add(lookup, finding);
        }
        react(&PROVIDER, configuration, &scene.event(EventName::PreAuthorizationRequest))
    }

    fn judged(configuration: &Value, document: &Value) -> Reaction {
        let found = Finding::Document(document.as_object().expect("an object").clone());
        reaction(configuration, Some("https://app.example/cb"), Some(found))
    }

    #[test]
    fn the_document_is_fetched_and_becomes_the_client() {
        let configuration = configuration(&json!({}));
        let asked = Some("https://app.example/cb");
        let need = Reaction::Need(Lookup::ClientMetadata { url: URL.to_owned() });
        assert_eq!(reaction(&configuration, asked, None), need);
        let failed = Reaction::refuse("invalid_request", "Client Metadata fetch failed");
        assert_eq!(reaction(&configuration, asked, Some(Finding::Failed)), failed);
        let text = "Invalid Authorization Request: it does not include redirect_uri parameter";
        assert_eq!(reaction(&configuration, None, None), Reaction::refuse("invalid_request", text));
        let document = good(&json!({"unknown": "member"}));
        let effect = Effect::ClientMetadata(Box::new(document.as_object().expect("an object").clone()));
        assert_eq!(judged(&configuration, &document), Reaction::Change(effect));
    }

    #[test]
    fn a_document_is_refused_for_what_is_wrong_with_it() {
        let secret =
            "client_secret or client_secret_expires_at property in client metadata is must not included.";
        let method =
            "token_endpoint_auth_method property in client metadata is not-allowed authentication method..";
        let redirect = "redirect_uri parameter does not exactly match the one of redirect_uris property in client metadata.";
        let owner = "client_id property does not exactly match client_id parameter.";
        let malformed = "malformed URL.";
        for (changes, text) in [
            (json!({"client_id": null}), "no client_id."),
            (json!({"client_id": "https://x.example/c"}), owner),
            (json!({"client_id": "HTTPS://client.example/client.json"}), owner),
            (json!({"token_endpoint_auth_method": "client_secret_basic"}), method),
            (json!({"token_endpoint_auth_method": 1}), method),
            (json!({"client_secret": "x"}), secret),
            (json!({"client_secret_expires_at": 0}), secret),
            (json!({"redirect_uris": null}), redirect),
            (json!({"redirect_uris": []}), redirect),
            (json!({"redirect_uris": ["https://b.example/cb"]}), redirect),
            (json!({"redirect_uris": ["https://app.example/*"]}), redirect),
            (json!({"logo_uri": "javascript://app.example/%0aalert(1)"}), malformed),
            (json!({"logo_uri": "http://app.example/"}), malformed),
            (json!({"post_logout_redirect_uris": "https://app.example/"}), malformed),
        ] {
            let reaction = judged(&configuration(&json!({})), &good(&changes));
            let expected = Reaction::refuse("invalid_request", format!("Invalid Client Metadata: {text}"));
            assert_eq!(reaction, expected, "{changes}");
        }
    }

    #[test]
    fn a_document_that_could_not_be_stored_is_refused() {
        for (changes, passes) in [
            (json!({"token_endpoint_auth_method": null}), true),
            (json!({"token_endpoint_auth_method": "private_key_jwt"}), false),
            (json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}}), true),
            (
                json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.example/jwks"}),
                true,
            ),
            (json!({"grant_types": ["authorization_code", JWT_BEARER]}), false),
            (json!({"grant_types": ["authorization_code", "refresh_token"]}), true),
        ] {
            let reaction = judged(&configuration(&json!({})), &good(&changes));
            if passes {
                assert!(matches!(reaction, Reaction::Change(_)), "{changes} {reaction:?}");
            } else {
                assert_eq!(reaction, Reaction::refuse("invalid_request", "invalid request"), "{changes}");
            }
        }
    }

    #[test]
    fn the_configuration_narrows_what_is_taken() {
        let domain = Some("Invalid Client ID: domain not allowed.");
        let same = Some(
            "Invalid Client Metadata: client_id parameter, redirect_uri parameter and at least one of redirect_uris properties in client metadata should be under the same domain.",
        );
        let required = Some("Invalid Client Metadata: it does not include all required properties.");
        let confidential = Some("Invalid Client Metadata: confidential client is only allowed.");
        let elsewhere = json!({"client_uri": "https://www.example.org/"});
        for (configured, changes, refusal) in [
            (json!({"cimd-allow-permitted-domains": ["client.example"]}), json!({}), domain),
            (json!({}), json!({"client_uri": "https://x.example/"}), domain),
            (json!({}), elsewhere.clone(), None),
            (json!({"cimd-restrict-same-domain": true}), json!({}), same),
            (
                json!({
                    "cimd-restrict-same-domain": true,
                    "cimd-allow-permitted-domains": ["*.example", "*.example.org"]
                }),
                elsewhere.clone(),
                Some("Invalid Client Metadata: some uri property is not under the same permitted domain."),
            ),
            (
                json!({"cimd-restrict-same-domain": true, "cimd-allow-permitted-domains": ["*.example"]}),
                json!({}),
                None,
            ),
            (json!({"cimd-required-properties": ["logo_uri"]}), json!({}), required),
            (json!({"cimd-required-properties": ["client_name"]}), json!({}), None),
            (json!({"only-allow-confidential-client": true}), json!({}), confidential),
        ] {
            let reaction = judged(&configuration(&configured), &good(&changes));
            match refusal {
                None => assert!(matches!(reaction, Reaction::Change(_)), "{configured} {reaction:?}"),
                Some(text) => {
                    assert_eq!(reaction, Reaction::refuse("invalid_request", text), "{configured}");
                }
            }
        }
    }
}
