//! Redeems the code (OAuth 2.1 §4.1.3) and reads the token response (§3.2.3, errors §3.2.4).

use anyhow::{Context, bail};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::authorization::Code;
use super::discovery::{AuthorizationServer, SecretMethod};
use super::http::{Answer, Http};
use super::{Refused, Secret};

/// Who asks: a client that was registered beforehand.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: Option<Secret>,
}

/// A token response, kept whole.
pub(crate) struct TokenResponse {
    members: Map<String, Value>,
    access_token: Secret,
}

#[derive(Deserialize)]
struct ErrorResponse {
    error: String,
    error_description: Option<String>,
}

/// Redeems the code for tokens.
pub(crate) async fn redeem(
    http: &Http,
    server: &AuthorizationServer,
    client: &Client,
    code: &Code,
    redirect_uri: &str,
    resources: &[String],
) -> anyhow::Result<TokenResponse> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code.code()),
        ("redirect_uri", redirect_uri),
        ("code_verifier", code.code_verifier()),
    ];
    form.extend(resources.iter().map(|resource| ("resource", resource.as_str())));
    let authorization = client.authenticate(server.secret_method, &mut form);
    let answer = http.submit(&server.token_endpoint, &form, authorization.as_ref()).await?;
    if answer.status.is_success() {
        let members = answer.json().context("the token endpoint did not answer with JSON")?;
        return TokenResponse::check(members);
    }
    match answer.json::<ErrorResponse>() {
        Ok(ErrorResponse { error, error_description }) => {
            bail!(Refused::new(&error, error_description.as_deref()))
        }
        Err(_) => bail!("the token endpoint answered {}", status(&answer)),
    }
}

fn status(answer: &Answer) -> String {
    answer.status.to_string()
}

impl Client {
    /// Adds what the method wants in the form and returns what it wants in `Authorization`.
    fn authenticate<'a>(
        &'a self,
        method: SecretMethod,
        form: &mut Vec<(&'static str, &'a str)>,
    ) -> Option<Secret> {
        match (&self.secret, method) {
            (Some(secret), SecretMethod::Basic) => return Some(basic(&self.id, secret)),
            (Some(secret), SecretMethod::Post) => {
                form.extend([("client_id", &*self.id), ("client_secret", secret.expose())]);
            }
            (None, _) => form.push(("client_id", &self.id)),
        }
        None
    }
}

/// Both halves are form-encoded before they are joined (RFC 6749 §2.3.1), so that a colon stays readable.
fn basic(id: &str, secret: &Secret) -> Secret {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let joined = format!("{}:{}", encode(id), encode(secret.expose()));
    Secret::new(format!("Basic {}", BASE64_STANDARD.encode(joined)))
}

impl TokenResponse {
    fn check(members: Map<String, Value>) -> anyhow::Result<Self> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let access_token = text("access_token").filter(|token| !token.is_empty());
        let access_token = Secret::new(access_token.context("the token response has no access_token")?);
        let token_type = text("token_type").context("the token response has no token_type")?;
        if !token_type.eq_ignore_ascii_case("bearer") {
            bail!("the token is of type {token_type:?}; this command knows Bearer only");
        }
        Ok(Self { members, access_token })
    }

    pub(crate) fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// The scope of the response; the server may leave it out where it granted what was asked (§3.2.3).
    pub(crate) fn scope(&self) -> Option<&str> {
        self.members.get("scope").and_then(Value::as_str)
    }

    pub(crate) fn expires_in(&self) -> Option<u64> {
        self.members.get("expires_in").and_then(Value::as_u64)
    }

    /// The whole response as it came, tokens and all.
    pub(crate) fn to_json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(&self.members)?)
    }
}

/// What a JWT says of itself, for display only: nothing here is verified. `None` for an opaque token.
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    pub(crate) fn peek(token: &Secret) -> Option<Self> {
        let mut parts = token.expose().split('.');
        let (_header, payload) = (parts.next()?, parts.next()?);
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok().map(Self)
    }

    /// `aud`, be it one or many.
    pub(crate) fn audience(&self) -> Vec<&str> {
        match self.0.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn scope(&self) -> Option<&str> {
        self.0.get("scope").and_then(Value::as_str)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn client(secret: Option<&str>) -> Client {
        Client { id: "m:cp".into(), secret: secret.map(Secret::new) }
    }

    #[test]
    fn client_authentication_is_one_of_three() {
        for (secret, method, header, form) in [
            (None, SecretMethod::Basic, None, vec![("client_id", "m:cp")]),
            (None, SecretMethod::Post, None, vec![("client_id", "m:cp")]),
            // base64("m%3Acp:s+%26+t")
            (Some("s & t"), SecretMethod::Basic, Some("Basic bSUzQWNwOnMrJTI2K3Q="), vec![]),
            (Some("s"), SecretMethod::Post, None, vec![("client_id", "m:cp"), ("client_secret", "s")]),
        ] {
            let (client, mut sent) = (client(secret), Vec::new());
            let authorization = client.authenticate(method, &mut sent);
            assert_eq!(authorization.as_ref().map(Secret::expose), header, "{secret:?} {method:?}");
            assert_eq!(sent, form, "{secret:?} {method:?}");
        }
    }

    #[test]
    fn a_token_response_needs_a_bearer_token() {
        for (members, usable) in [
            (json!({"access_token": "a", "token_type": "Bearer"}), true),
            (json!({"access_token": "a", "token_type": "bearer", "expires_in": 300}), true),
            (json!({"access_token": "", "token_type": "Bearer"}), false),
            (json!({"access_token": "a"}), false),
            (json!({"access_token": "a", "token_type": "DPoP"}), false),
            (json!({"token_type": "Bearer"}), false),
            (json!({"error": "invalid_grant"}), false),
        ] {
            let map = members.as_object().unwrap().clone();
            assert_eq!(TokenResponse::check(map).is_ok(), usable, "{members}");
        }
    }

    #[test]
    fn audience_is_read_from_a_jwt_and_from_nothing_else() {
        let jwt = |claims: Value| {
            Secret::new(format!("e30.{}.signature", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string())))
        };
        for (token, expected) in [
            (jwt(json!({"aud": "a"})), Some(vec!["a".to_owned()])),
            (jwt(json!({"aud": ["a", "b"]})), Some(vec!["a".to_owned(), "b".to_owned()])),
            (jwt(json!({})), Some(vec![])),
            (Secret::new("opaque"), None),
            (Secret::new("a.b.c"), None),
        ] {
            let claims = Claims::peek(&token);
            let audience = claims.map(|claims| claims.audience().into_iter().map(String::from).collect());
            assert_eq!(audience, expected, "{}", token.expose());
        }
    }
}
