//! Secrets apart from the documents they stand in (DESIGN §5.12): a document is stored readable, its
//! secrets beside it, sealed, by the place they are taken from (JSON pointer, RFC 6901).

use std::collections::BTreeMap;

use sekisho_jose::base64url;
use sekisho_jose::seal::{self, Purpose, SealingKey};
use sekisho_protocol::Entropy;
use sekisho_protocol::ports::draw;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::Realm;
use crate::credential::StoredCredential;

/// Secrets of a document by their JSON pointer (RFC 6901).
pub type Secrets = BTreeMap<String, String>;

/// The purpose under which secrets of documents are sealed.
pub const SECRETS_PURPOSE: &str = "secrets";

/// Entries of a `config` or of attributes that are secret, whoever's they are.
const SECRET_ENTRIES: &[&str] = &[
    "privateKey",
    "ecdsaPrivateKey",
    "eddsaPrivateKey",
    "ecdhPrivateKey",
    "secret",
    "clientSecret",
    "keystorePassword",
    "keyPassword",
    "bindCredential",
    "password",
    "authTokenClientSecret",
    "secret.key",
    "client.secret.rotated",
    "jwt.credential.private.key",
    "saml.signing.private.key",
    "saml.encryption.private.key",
];

/// Members of representations that are secret by their place.
const SECRET_MEMBERS: &[&str] = &["secret", "registrationAccessToken", "codeSecret", "privateKey"];

/// Objects whose entries are settings by name.
const SETTINGS: &[&str] = &["config", "attributes", "smtpServer"];

/// What stands where a secret is not shown, here as in Keycloak.
pub const HIDDEN: &str = "**********";

/// Credentials whose secret half must be read again; that of all others is a hash or public.
const SEALED_CREDENTIALS: &[&str] = &["otp"];

/// The purpose under which credentials are sealed.
const CREDENTIAL_PURPOSE: &str = "credential";

/// Seals what one realm must be able to show again.
pub struct Sealer<'a> {
    pub realm: Uuid,
    pub epoch: u32,
    pub key: SealingKey,
    pub entropy: &'a dyn Entropy,
}

impl<'a> Sealer<'a> {
    /// What seals for a realm that is there; `None` when it has no key for it.
    pub fn of(realm: &Realm, entropy: &'a dyn Entropy) -> Option<Self> {
        let (epoch, key) = realm.keys.sealing.first()?;
        Some(Self { realm: realm.id, epoch: *epoch, key: key.clone(), entropy })
    }

    /// The secrets as a column holds them; nothing when there are none.
    pub fn seal(&self, secrets: &Secrets) -> Option<Vec<u8>> {
        if secrets.is_empty() {
            return None;
        }
        let text = serde_json::to_vec(secrets).ok()?;
        let purpose = Purpose { name: SECRETS_PURPOSE, realm: self.realm };
        Some(seal::seal(&self.key, self.epoch, draw(self.entropy), &purpose, &text))
    }

    /// `secretData` of a credential as a column holds it.
    pub fn seal_credential(&self, kind: &str, secret_data: String) -> String {
        if !SEALED_CREDENTIALS.contains(&kind) {
            return secret_data;
        }
        let purpose = Purpose { name: CREDENTIAL_PURPOSE, realm: self.realm };
        base64url::encode(&seal::seal(
            &self.key,
            self.epoch,
            draw(self.entropy),
            &purpose,
            secret_data.as_bytes(),
        ))
    }
}

/// `secretData` of a stored credential as a document has it.
pub fn open_credential(realm: &Realm, credential: &StoredCredential) -> Option<String> {
    if !SEALED_CREDENTIALS.contains(&credential.kind.as_str()) {
        return Some(credential.secret_data.clone());
    }
    let sealed = base64url::decode(&credential.secret_data)?;
    String::from_utf8(realm.keys.open(realm.id, CREDENTIAL_PURPOSE, &sealed)?).ok()
}

/// Secrets that were sealed with a document; none when there was nothing to seal.
pub fn open(realm: &Realm, sealed: Option<&[u8]>) -> Option<Secrets> {
    let Some(sealed) = sealed else { return Some(Secrets::new()) };
    serde_json::from_slice(&realm.keys.open(realm.id, SECRETS_PURPOSE, sealed)?).ok()
}

/// Whether a text stands for a secret that was not shown.
pub fn is_hidden(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

/// Takes the secrets out of a document. In a list an empty text keeps the place.
pub fn take(document: &mut Value) -> Secrets {
    let mut secrets = Secrets::new();
    walk(document, "", SECRET_MEMBERS, &mut secrets);
    secrets
}

/// Puts secrets back where they were taken from; `None` when a place is no longer there.
pub fn put_back(document: &mut Value, secrets: &Secrets) -> Option<()> {
    for (pointer, secret) in secrets {
        let (parent, last) = pointer.rsplit_once('/')?;
        match document.pointer_mut(parent)? {
            Value::Object(members) => {
                members.insert(unescape(last), Value::String(secret.clone()));
            }
            Value::Array(elements) => {
                *elements.get_mut(last.parse::<usize>().ok()?)? = Value::String(secret.clone());
            }
            _ => return None,
        }
    }
    Some(())
}

/// The document with stars for its secrets; `None` when it cannot be written: a defect.
pub fn hidden<T: Serialize + DeserializeOwned>(document: T) -> Option<T> {
    let mut document = serde_json::to_value(document).ok()?;
    let mut hidden = take(&mut document);
    for secret in hidden.values_mut() {
        HIDDEN.clone_into(secret);
    }
    put_back(&mut document, &hidden)?;
    serde_json::from_value(document).ok()
}

fn walk(value: &mut Value, at: &str, secret: &[&str], found: &mut Secrets) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                let place = format!("{at}/{}", escape(name));
                if secret.contains(&name.as_str()) {
                    blank(member, &place, found);
                } else {
                    let inside =
                        if SETTINGS.contains(&name.as_str()) { SECRET_ENTRIES } else { SECRET_MEMBERS };
                    walk(member, &place, inside, found);
                }
            }
            members.retain(|name, _| !found.contains_key(&format!("{at}/{}", escape(name))));
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                walk(element, &format!("{at}/{index}"), secret, found);
            }
        }
        _ => {}
    }
}

/// A secret is a text, or a list of texts as components have it.
fn blank(value: &mut Value, at: &str, found: &mut Secrets) {
    match value {
        Value::String(text) => {
            found.insert(at.to_owned(), std::mem::take(text));
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter_mut().enumerate() {
                blank(element, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn unescape(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn realm() -> Value {
        json!({
            "smtpServer": {"host": "mail", "password": "hush"},
            "clients": [{"clientId": "web", "secret": "hush", "attributes": {"a/b": "c", "client.secret.rotated": "hush"}}],
            "components": {"org.keycloak.keys.KeyProvider": [{"config": {"privateKey": ["hush"], "priority": ["1"]}}]},
            "localizationTexts": {"en": {"password": "Password"}},
        })
    }

    #[test]
    fn secrets_leave_nothing_behind_and_come_back_where_they_were() {
        let mut document = realm();
        let secrets = take(&mut document);
        assert!(!document.to_string().contains("hush"), "{document}");
        assert_eq!(secrets.len(), 4);
        assert_eq!(document["localizationTexts"]["en"]["password"], "Password");
        put_back(&mut document, &secrets).expect("every place is there");
        assert_eq!(document, realm());
    }

    #[test]
    fn a_secret_without_its_place_is_not_lost_in_silence() {
        let secrets = Secrets::from([("/gone/config/secret".to_owned(), "hush".to_owned())]);
        assert_eq!(put_back(&mut json!({}), &secrets), None);
    }
}
