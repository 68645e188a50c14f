//! Authorization server metadata (RFC 8414 §3; OpenID Connect Discovery §4), read as MCP asks of a client.

use anyhow::{Context, bail};
use serde::Deserialize;
use url::Url;

use super::address;
use super::http::Http;

/// An authorization server whose document passed every check. Made by [`load`] only.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AuthorizationServer {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    /// `authorization_response_iss_parameter_supported` (RFC 9207 §3).
    pub(crate) iss: Iss,
    pub(crate) secret_method: SecretMethod,
}

/// Whether the server promised `iss` in its authorization responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Iss {
    Promised,
    NotPromised,
}

/// How a client with a secret authenticates (OAuth 2.1 §2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretMethod {
    Basic,
    Post,
}

/// The members that a client of the code flow needs; all others are the server's own business.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// Why a document is not used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("its issuer is {found:?}, not {expected:?}; they must be equal, character by character")]
    Issuer { expected: String, found: String },
    #[error("it has no {0}")]
    Missing(&'static str),
    #[error("it does not offer PKCE with S256 (code_challenge_methods_supported)")]
    NoS256,
    #[error(transparent)]
    Address(#[from] address::Unusable),
}

/// Finds the document of an issuer in the three places it may be in, and checks it.
pub(crate) async fn load(http: &Http, issuer: &str) -> anyhow::Result<AuthorizationServer> {
    let places = places(&address::parse(issuer)?);
    let mut tried = Vec::with_capacity(places.len());
    for place in places {
        let answer = http.fetch(&place).await?;
        if !answer.status.is_success() {
            tried.push(format!("{place} ({})", answer.status.as_u16()));
            continue;
        }
        let document =
            answer.json::<Document>().with_context(|| format!("{place} is not a metadata document"))?;
        return check(document, issuer).with_context(|| format!("the document {place} cannot be used"));
    }
    bail!("no authorization server metadata for {issuer}; tried {}", tried.join(", "))
}

/// Inserted form of RFC 8414 §3.1, the same with OpenID's suffix, and OpenID's own appended form.
fn places(issuer: &Url) -> Vec<Url> {
    let path = issuer.path().trim_end_matches('/');
    let mut paths = vec![
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
    ];
    if !path.is_empty() {
        paths.push(format!("{path}/.well-known/openid-configuration"));
    }
    let at = |path: String| {
        let mut place = issuer.clone();
        place.set_path(&path);
        place.set_query(None);
        place.set_fragment(None);
        place
    };
    paths.into_iter().map(at).collect()
}

fn check(document: Document, issuer: &str) -> Result<AuthorizationServer, Unfit> {
    if document.issuer != issuer {
        return Err(Unfit::Issuer { expected: issuer.to_owned(), found: document.issuer });
    }
    if !document.code_challenge_methods_supported.iter().any(|method| method == "S256") {
        return Err(Unfit::NoS256);
    }
    Ok(AuthorizationServer {
        issuer: document.issuer,
        authorization_endpoint: endpoint(document.authorization_endpoint, "authorization_endpoint")?,
        token_endpoint: endpoint(document.token_endpoint, "token_endpoint")?,
        iss: if document.authorization_response_iss_parameter_supported {
            Iss::Promised
        } else {
            Iss::NotPromised
        },
        secret_method: secret_method(document.token_endpoint_auth_methods_supported.as_deref()),
    })
}

fn endpoint(value: Option<String>, name: &'static str) -> Result<Url, Unfit> {
    Ok(address::parse(&value.ok_or(Unfit::Missing(name))?)?)
}

/// Basic is the default of RFC 8414 §2; the body only where the server says that it takes nothing else.
fn secret_method(supported: Option<&[String]>) -> SecretMethod {
    let offers = |method: &str| supported.is_some_and(|list| list.iter().any(|entry| entry == method));
    if offers("client_secret_post") && !offers("client_secret_basic") {
        SecretMethod::Post
    } else {
        SecretMethod::Basic
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://as.example/realms/a";

    fn document(change: impl FnOnce(&mut Value)) -> Document {
        let mut document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://as.example/realms/a/auth",
            "token_endpoint": "https://as.example/realms/a/token",
            "code_challenge_methods_supported": ["plain", "S256"],
        });
        change(&mut document);
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn metadata_is_looked_for_in_the_order_of_mcp() {
        for (issuer, expected) in [
            (
                "https://as.example/realms/a",
                &[
                    "https://as.example/.well-known/oauth-authorization-server/realms/a",
                    "https://as.example/.well-known/openid-configuration/realms/a",
                    "https://as.example/realms/a/.well-known/openid-configuration",
                ][..],
            ),
            (
                "https://as.example",
                &[
                    "https://as.example/.well-known/oauth-authorization-server",
                    "https://as.example/.well-known/openid-configuration",
                ],
            ),
            (
                "https://as.example:8443/t1/",
                &[
                    "https://as.example:8443/.well-known/oauth-authorization-server/t1",
                    "https://as.example:8443/.well-known/openid-configuration/t1",
                    "https://as.example:8443/t1/.well-known/openid-configuration",
                ],
            ),
        ] {
            let found: Vec<String> =
                places(&Url::parse(issuer).unwrap()).into_iter().map(String::from).collect();
            assert_eq!(found, expected, "{issuer}");
        }
    }

    #[test]
    fn issuer_is_compared_character_by_character() {
        for issuer in [
            "https://as.example/realms/a/",
            "https://AS.example/realms/a",
            "https://as.example:443/realms/a",
            "https://as.example/realms/%61",
            "https://evil.example/realms/a",
        ] {
            let unfit = check(document(|_| ()), issuer).unwrap_err();
            assert_eq!(unfit, Unfit::Issuer { expected: issuer.into(), found: ISSUER.into() });
        }
        assert!(check(document(|_| ()), ISSUER).is_ok());
    }

    #[test]
    fn servers_without_s256_are_refused() {
        for methods in [json!([]), json!(["plain"]), json!(["s256"])] {
            let document = document(|d| d["code_challenge_methods_supported"] = methods.clone());
            assert_eq!(check(document, ISSUER), Err(Unfit::NoS256), "{methods}");
        }
        let silent = document(|d| {
            d.as_object_mut().unwrap().remove("code_challenge_methods_supported");
        });
        assert_eq!(check(silent, ISSUER), Err(Unfit::NoS256));
    }

    #[test]
    fn endpoints_must_be_there_and_safe_to_use() {
        let unsafe_one = document(|d| d["token_endpoint"] = json!("http://as.example/token"));
        assert!(matches!(check(unsafe_one, ISSUER), Err(Unfit::Address(_))));
        let script = document(|d| d["authorization_endpoint"] = json!("javascript:alert(1)"));
        assert!(matches!(check(script, ISSUER), Err(Unfit::Address(_))));
        let absent = document(|d| d["token_endpoint"] = Value::Null);
        assert_eq!(check(absent, ISSUER), Err(Unfit::Missing("token_endpoint")));
    }

    #[test]
    fn a_secret_goes_into_the_body_only_where_nothing_else_is_taken() {
        for (methods, expected) in [
            (None, SecretMethod::Basic),
            (Some(vec!["client_secret_basic", "client_secret_post"]), SecretMethod::Basic),
            (Some(vec!["client_secret_post"]), SecretMethod::Post),
            (Some(vec!["none"]), SecretMethod::Basic),
        ] {
            let owned: Option<Vec<String>> =
                methods.clone().map(|list| list.into_iter().map(String::from).collect());
            assert_eq!(secret_method(owned.as_deref()), expected, "{methods:?}");
        }
    }
}
