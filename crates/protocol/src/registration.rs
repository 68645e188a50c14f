//! Client metadata (RFC 7591 §2, OpenID Connect Dynamic Client Registration 1.0 §2) to and from Keycloak's
//! representation of a client. Members that are not known here are ignored, as both demand.

mod answer;
mod flows;
mod members;

use serde_json::{Map, Value};

use self::members::{Form, MEMBERS};
use crate::keycloak::{self, ClientRepresentation, Fault, ProtocolMapperRepresentation};

pub use answer::{Registered, describe};
pub use members::{DESCRIBED, METHODS};

/// Longest name of a client, as its column in Keycloak takes it.
const MAX_NAME: usize = 255;
/// What stands between the elements of a list that is an attribute.
const SEPARATOR: &str = "##";
/// The mapper that makes subjects pairwise.
pub const PAIRWISE_MAPPER: &str = "oidc-sha256-pairwise-sub-mapper";
/// Keycloak's words for all that is wrong and has no words of its own.
const INVALID: &str = "Client metadata invalid";

/// The client metadata document as it was sent: members that are known, each of its type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientMetadata(Map<String, Value>);

/// Why a document is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not JSON.
    NotJson,
    /// It is no object, or a member has a value of another type.
    WrongType,
}

/// A member whose value is not one that a client may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataFault {
    /// The member.
    pub member: &'static str,
    /// What is wrong, in Keycloak's words where it has some.
    pub text: String,
}

impl ClientMetadata {
    /// Reads a document.
    ///
    /// # Errors
    /// That it is not JSON, or of the wrong type.
    pub fn parse(json: &[u8]) -> Result<Self, Unreadable> {
        let document: Map<String, Value> = keycloak::parse(json).map_err(|error| match error.fault {
            Fault::NotJson { .. } => Unreadable::NotJson,
            Fault::WrongType { .. } | Fault::UnknownMember { .. } => Unreadable::WrongType,
        })?;
        let mut known = Map::new();
        for (name, value) in document {
            // `null` is the same as absent.
            let Some(form) = members::form_of(&name).filter(|_| !value.is_null()) else { continue };
            if !form.fits(&value) {
                return Err(Unreadable::WrongType);
            }
            known.insert(name, value);
        }
        Ok(Self(known))
    }

    /// A member that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// A member that is a list of texts.
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        let list = self.0.get(name)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// The client that it describes; what it does not mention is not in it.
    ///
    /// # Errors
    /// The first member that no client may have so.
    pub fn client(&self) -> Result<ClientRepresentation, MetadataFault> {
        let mut client = ClientRepresentation {
            client_id: self.text("client_id").map(str::to_owned),
            name: self.text("client_name").map(str::to_owned),
            base_url: self.text("client_uri").map(str::to_owned),
            redirect_uris: self.texts("redirect_uris"),
            ..ClientRepresentation::default()
        };
        if client.name.as_ref().is_some_and(|name| name.chars().count() > MAX_NAME) {
            let text = format!("The name of a client has at most {MAX_NAME} characters");
            return Err(MetadataFault { member: "client_name", text });
        }
        if let Some(scope) = self.text("scope") {
            let names = scope.split(' ').filter(|name| !name.is_empty());
            client.optional_client_scopes = Some(names.map(str::to_owned).collect());
        }
        self.write_attributes(&mut client);
        self.write_keys(&mut client)?;
        self.write_method(&mut client)?;
        self.write_subject(&mut client)?;
        flows::write(self, &mut client)?;
        if self.0.contains_key("frontchannel_logout_uri") {
            client.frontchannel_logout = Some(true);
        }
        Ok(client)
    }

    /// Members that are attributes and nothing else.
    fn write_attributes(&self, client: &mut ClientRepresentation) {
        let attributes = client.attributes.get_or_insert_default();
        for member in MEMBERS {
            let Some(value) = self.0.get(member.name) else { continue };
            let text = match (member.form, value) {
                (Form::Text, Value::String(text)) => text.clone(),
                (Form::Switch, Value::Bool(on)) => on.to_string(),
                (Form::Texts, _) => self.texts(member.name).unwrap_or_default().join(SEPARATOR),
                _ => continue,
            };
            attributes.insert(member.attribute.to_owned(), text);
        }
    }

    /// RFC 7591 §2: `jwks` and `jwks_uri` exclude each other.
    fn write_keys(&self, client: &mut ClientRepresentation) -> Result<(), MetadataFault> {
        let attributes = client.attributes.get_or_insert_default();
        match (self.0.get("jwks"), self.text("jwks_uri")) {
            (Some(_), Some(_)) => return Err(fault("jwks", INVALID)),
            (Some(keys), None) => {
                check_public(keys)?;
                attributes.insert("jwks.string".to_owned(), keys.to_string());
                attributes.insert("use.jwks.string".to_owned(), "true".to_owned());
                attributes.insert("use.jwks.url".to_owned(), "false".to_owned());
            }
            (None, Some(address)) => {
                attributes.insert("jwks.url".to_owned(), address.to_owned());
                attributes.insert("use.jwks.url".to_owned(), "true".to_owned());
                attributes.insert("use.jwks.string".to_owned(), "false".to_owned());
            }
            (None, None) => {}
        }
        Ok(())
    }

    fn write_method(&self, client: &mut ClientRepresentation) -> Result<(), MetadataFault> {
        let Some(asked) = self.text("token_endpoint_auth_method") else { return Ok(()) };
        let method = METHODS.iter().find(|method| method.name == asked);
        let method = method.ok_or_else(|| fault("token_endpoint_auth_method", INVALID))?;
        let has_keys = self.0.contains_key("jwks") || self.0.contains_key("jwks_uri");
        if method.needs_keys && !has_keys {
            return Err(fault("token_endpoint_auth_method", INVALID));
        }
        client.public_client = Some(method.authenticator.is_none());
        if let Some(authenticator) = method.authenticator {
            client.client_authenticator_type = Some(authenticator.to_owned());
        }
        if method.is_secret {
            let attributes = client.attributes.get_or_insert_default();
            attributes.insert(members::SECRET_METHOD.to_owned(), method.name.to_owned());
        }
        Ok(())
    }

    /// OpenID Connect Core §8. A sector identifier would have to be fetched before it is believed
    /// (Registration §5), and nothing that somebody registers is fetched here (attacks 45, 46).
    fn write_subject(&self, client: &mut ClientRepresentation) -> Result<(), MetadataFault> {
        if self.text("sector_identifier_uri").is_some_and(|uri| !uri.is_empty()) {
            let text = "Failed to get redirect URIs from the Sector Identifier URI.";
            return Err(fault("sector_identifier_uri", text));
        }
        match self.text("subject_type") {
            None => {}
            Some("public") => client.protocol_mappers = Some(Vec::new()),
            Some("pairwise") => client.protocol_mappers = Some(vec![pairwise_mapper()]),
            Some(_) => return Err(fault("subject_type", "A subject type is public or pairwise")),
        }
        Ok(())
    }
}

fn pairwise_mapper() -> ProtocolMapperRepresentation {
    ProtocolMapperRepresentation {
        name: Some("pairwise subject identifier".to_owned()),
        protocol: Some("openid-connect".to_owned()),
        protocol_mapper: Some(PAIRWISE_MAPPER.to_owned()),
        ..ProtocolMapperRepresentation::default()
    }
}

/// OpenID Connect Dynamic Client Registration §2: no private keys and none that two share; they would be stored
/// and shown like public ones.
fn check_public(keys: &Value) -> Result<(), MetadataFault> {
    const PRIVATE: [&str; 2] = ["d", "k"];
    let list = keys.get("keys").and_then(Value::as_array).ok_or_else(|| fault("jwks", INVALID))?;
    let is_private = |key: &Value| PRIVATE.iter().any(|member| key.get(member).is_some());
    if list.iter().any(is_private) {
        return Err(fault("jwks", "A key set of a client has public keys only"));
    }
    Ok(())
}

fn fault(member: &'static str, text: &str) -> MetadataFault {
    MetadataFault { member, text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(document: &Value) -> ClientMetadata {
        ClientMetadata::parse(document.to_string().as_bytes()).expect("a metadata document")
    }

    #[test]
    fn what_is_not_known_is_ignored_and_what_is_has_its_type() {
        let ignored = parsed(&json!({"foo": 1, "client_name#ja": "日本", "software_statement": "x.y.z"}));
        assert_eq!(ignored, ClientMetadata::default());
        for (text, outcome) in [
            ("{", Unreadable::NotJson),
            ("", Unreadable::NotJson),
            ("[]", Unreadable::WrongType),
            (r#"{"redirect_uris": "https://a"}"#, Unreadable::WrongType),
            (r#"{"redirect_uris": [1]}"#, Unreadable::WrongType),
            (r#"{"client_name": {"a": 1}}"#, Unreadable::WrongType),
            (r#"{"dpop_bound_access_tokens": "yes"}"#, Unreadable::WrongType),
        ] {
            assert_eq!(ClientMetadata::parse(text.as_bytes()), Err(outcome), "{text}");
        }
    }

    #[test]
    fn what_no_client_may_have_is_refused() {
        for (document, member) in [
            (json!({"token_endpoint_auth_method": "nothing"}), "token_endpoint_auth_method"),
            (json!({"token_endpoint_auth_method": "private_key_jwt"}), "token_endpoint_auth_method"),
            (json!({"jwks": {"keys": []}, "jwks_uri": "https://a"}), "jwks"),
            (json!({"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}), "jwks"),
            (json!({"jwks": {"keys": [{"kty": "EC", "d": "AAAA"}]}}), "jwks"),
            (json!({"response_types": ["nothing"]}), "response_types"),
            (json!({"subject_type": "nothing"}), "subject_type"),
            (json!({"sector_identifier_uri": "http://10.0.0.1"}), "sector_identifier_uri"),
            (json!({"client_name": "n".repeat(256)}), "client_name"),
        ] {
            let refused = parsed(&document).client().err().map(|fault| fault.member);
            assert_eq!(refused, Some(member), "{document}");
        }
    }

    /// What was stored is said again, and only that (RFC 7591 §3.2.1).
    #[test]
    fn what_was_registered_comes_back() {
        for document in [
            json!({"redirect_uris": ["https://a/cb"], "client_name": "n", "client_uri": "https://a"}),
            json!({"token_endpoint_auth_method": "none"}),
            json!({"token_endpoint_auth_method": "client_secret_post"}),
            json!({"token_endpoint_auth_method": "client_secret_jwt"}),
            json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://a/keys"}),
            json!({"grant_types": ["client_credentials"], "response_types": []}),
            json!({"grant_types": ["authorization_code", "refresh_token"]}),
            json!({"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"]}),
            json!({"scope": "a b", "logo_uri": "https://a/l", "request_uris": ["https://a/r"]}),
            json!({"dpop_bound_access_tokens": true, "id_token_signed_response_alg": "ES256"}),
            json!({"backchannel_logout_uri": "https://a/bc", "backchannel_logout_session_required": true}),
            json!({"subject_type": "pairwise", "default_acr_values": ["1"]}),
        ] {
            let client = parsed(&document).client().expect("a client");
            let answered = Value::Object(describe(&client));
            for (name, value) in document.as_object().expect("an object") {
                assert_eq!(answered.get(name), Some(value), "{name} of {document}");
            }
        }
    }
}
