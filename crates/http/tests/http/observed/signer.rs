//! Signs what a client of a recorded case signs, with the keys of the recordings.

use std::collections::BTreeMap;

use sekisho_jose::{Algorithm, Jwk, JwkSet, SigningKey, base64url, jws};
use sekisho_testkit::builders::NOW;
use serde_json::{Map, Value, json};

use crate::http::support::world::fresh;

/// The key set of these names.
pub(super) fn key_set(names: &Value) -> String {
    let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
    let keys = names.map(|name| {
        let algorithm = if name.starts_with("ec") { Algorithm::Es256 } else { Algorithm::Rs256 };
        let public = pem(name, algorithm).public().expect("a key pair");
        Jwk { alg: None, ..public }
    });
    serde_json::to_string(&JwkSet { keys: keys.collect() }).expect("a set")
}

/// A client's assertion, but for what is said otherwise; `null` leaves a claim or a member of the header out.
pub(super) fn assertion(said: &Value, known: &BTreeMap<String, String>) -> String {
    let text = |name: &str, usual: &str| said[name].as_str().unwrap_or(usual).to_owned();
    let now = NOW.seconds();
    let mut claims = json!({
        "iss": text("client", "c"), "sub": text("client", "c"), "aud": known["issuer"],
        "jti": fresh(), "iat": now, "exp": now + 60,
    });
    if let Some(audience) = said.get("aud") {
        claims["aud"] = audience.clone();
    }
    let claims = with(claims, &said["claims"]);
    let (name, algorithm) = (text("key", "rsa1"), text("alg", "RS256"));
    let header = with(json!({"alg": algorithm, "kid": name}), &said["header"]);
    let Some(parsed) = Algorithm::parse(&algorithm) else {
        let part = |members: &Map<String, Value>| base64url::encode(json!(members).to_string().as_bytes());
        return format!("{}.{}.", part(&header), part(&claims));
    };
    let key = match name.strip_prefix("secret:") {
        Some(secret) => SigningKey::symmetric(parsed, "", secret.as_bytes()),
        None => Ok(pem(&name, parsed)),
    };
    // A secret that is too short for its algorithm signs nothing here; the server refuses it all the same.
    let key = key.or_else(|_| SigningKey::symmetric(parsed, "", &[0; 64])).expect("a key");
    let written = |members: &Map<String, Value>| json!(members).to_string();
    jws::sign_parts(&key, written(&header).as_bytes(), written(&claims).as_bytes()).expect("a token")
}

fn with(base: Value, changes: &Value) -> Map<String, Value> {
    let Value::Object(mut members) = base else { panic!("an object") };
    members.extend(changes.as_object().cloned().unwrap_or_default());
    members.retain(|_, value| !value.is_null());
    members
}

fn pem(name: &str, algorithm: Algorithm) -> SigningKey {
    let path = format!("{}/../../tests/observed/tools/keys/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a key of the recordings");
    SigningKey::from_pem(algorithm, &text).expect("a private key").with_kid(name)
}
