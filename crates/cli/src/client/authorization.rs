//! The authorization request and the check of its response (OAuth 2.1 §4.1.1-4.1.2, RFC 7636, 8707, 9207).

use anyhow::anyhow;
use aws_lc_rs::{constant_time, digest, rand};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use url::{Url, form_urlencoded};

use super::discovery::{AuthorizationServer, Iss};
use super::{Refused, Secret};

/// What the person asks of the authorization server.
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) scope: Option<&'a str>,
    pub(crate) resources: &'a [String],
    pub(crate) login_hint: Option<&'a str>,
}

/// One login under way. The issuer is recorded before the browser leaves, next to state and verifier
/// (RFC 9207 §2.4): whatever comes back is held against these.
pub(crate) struct Attempt {
    issuer: String,
    iss: Iss,
    state: Secret,
    code_verifier: Secret,
}

/// Proof that a response belongs to the attempt and comes from its issuer, with what redeems it. Made by
/// [`Attempt::check`] only.
pub(crate) struct Code {
    code: Secret,
    code_verifier: Secret,
}

/// Why a response gives no code.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoCode {
    /// Nothing ties it to this login, so it may not end it either: any page can send a browser here.
    #[error("it does not belong to this login (state)")]
    Foreign,
    #[error("the authorization response has {0:?} more than once")]
    Repeated(String),
    /// What such a response says is not shown: it may come from an attacker (RFC 9207 §2.4).
    #[error("the authorization response does not come from {expected} (iss); nothing was sent to anyone")]
    Issuer { expected: String },
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the authorization response has neither a code nor an error")]
    Empty,
}

impl Attempt {
    /// A new attempt with fresh state and verifier.
    pub(crate) fn start(server: &AuthorizationServer) -> anyhow::Result<Self> {
        Ok(Self::with(server, draw()?, draw()?))
    }

    fn with(server: &AuthorizationServer, state: [u8; 32], code_verifier: [u8; 32]) -> Self {
        Self {
            issuer: server.issuer.clone(),
            iss: server.iss,
            state: Secret::new(BASE64_URL_SAFE_NO_PAD.encode(state)),
            code_verifier: Secret::new(BASE64_URL_SAFE_NO_PAD.encode(code_verifier)),
        }
    }

    #[cfg(test)]
    pub(crate) fn state(&self) -> &str {
        self.state.expose()
    }

    /// The address that the browser opens.
    pub(crate) fn address(&self, server: &AuthorizationServer, request: &AuthorizationRequest<'_>) -> Url {
        let mut url = server.authorization_endpoint.clone();
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", request.client_id)
            .append_pair("redirect_uri", request.redirect_uri)
            .append_pair("state", self.state.expose())
            .append_pair("code_challenge", &self.code_challenge())
            .append_pair("code_challenge_method", "S256");
        let optional = [("scope", request.scope), ("login_hint", request.login_hint)];
        for (name, value) in optional.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            query.append_pair(name, value);
        }
        for resource in request.resources {
            query.append_pair("resource", resource);
        }
        drop(query);
        url
    }

    /// RFC 7636 §4.2.
    fn code_challenge(&self) -> String {
        let hash = digest::digest(&digest::SHA256, self.code_verifier.expose().as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(hash)
    }

    /// Checks the query of the redirect: ours by `state`, then nothing twice, then `iss`, then what it says.
    pub(crate) fn check(&self, query: &str) -> Result<Code, NoCode> {
        let parameters: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if !self.is_ours(&parameters) {
            return Err(NoCode::Foreign);
        }
        if let Some(name) = repeated(&parameters) {
            return Err(NoCode::Repeated(name.to_owned()));
        }
        self.check_issuer(find(&parameters, "iss"))?;
        if let Some(error) = find(&parameters, "error") {
            return Err(Refused::new(error, find(&parameters, "error_description")).into());
        }
        find(&parameters, "code")
            .filter(|code| !code.is_empty())
            .map(|code| Code { code: Secret::new(code), code_verifier: self.code_verifier.clone() })
            .ok_or(NoCode::Empty)
    }

    fn is_ours(&self, parameters: &[(String, String)]) -> bool {
        let mut states = parameters.iter().filter(|(name, _)| name == "state");
        let (Some((_, state)), None) = (states.next(), states.next()) else {
            return false;
        };
        constant_time::verify_slices_are_equal(state.as_bytes(), self.state.expose().as_bytes()).is_ok()
    }

    /// RFC 9207 §2.4: compared whenever it is there, missed only where it was promised.
    fn check_issuer(&self, iss: Option<&str>) -> Result<(), NoCode> {
        let fits = match (self.iss, iss) {
            (_, Some(iss)) => iss == self.issuer,
            (Iss::Promised, None) => false,
            (Iss::NotPromised, None) => true,
        };
        if fits { Ok(()) } else { Err(NoCode::Issuer { expected: self.issuer.clone() }) }
    }
}

impl Code {
    pub(crate) fn code(&self) -> &str {
        self.code.expose()
    }

    pub(crate) fn code_verifier(&self) -> &str {
        self.code_verifier.expose()
    }
}

fn draw() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| anyhow!("the system gives no random bytes"))?;
    Ok(bytes)
}

fn find<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn repeated(parameters: &[(String, String)]) -> Option<&str> {
    parameters
        .iter()
        .enumerate()
        .find(|(place, (name, _))| parameters.iter().take(*place).any(|(earlier, _)| earlier == name))
        .map(|(_, (name, _))| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::discovery::SecretMethod;

    const ISSUER: &str = "https://as.example/realms/a";

    fn server(iss: Iss) -> AuthorizationServer {
        AuthorizationServer {
            issuer: ISSUER.to_owned(),
            authorization_endpoint: Url::parse("https://as.example/auth?tenant=1").unwrap(),
            token_endpoint: Url::parse("https://as.example/token").unwrap(),
            iss,
            secret_method: SecretMethod::Basic,
        }
    }

    /// State and verifier of bytes 1 and 2; `state` below is what that gives.
    fn attempt(iss: Iss) -> Attempt {
        Attempt::with(&server(iss), [1; 32], [2; 32])
    }

    const STATE: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

    #[test]
    fn code_challenge_is_that_of_rfc_7636_appendix_b() {
        let mut attempt = attempt(Iss::Promised);
        attempt.code_verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(attempt.code_challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn authorization_url_holds_exactly_what_was_asked() {
        let resources = ["http://localhost:3001/mcp".to_owned(), "https://b.example".to_owned()];
        let request = AuthorizationRequest {
            client_id: "m&p",
            redirect_uri: "http://localhost:8888/callback",
            scope: Some("openid hello"),
            resources: &resources,
            login_hint: Some("alice"),
        };
        let url = attempt(Iss::Promised).address(&server(Iss::Promised), &request);
        assert_eq!(
            url.as_str(),
            "https://as.example/auth?tenant=1&response_type=code&client_id=m%26p\
             &redirect_uri=http%3A%2F%2Flocalhost%3A8888%2Fcallback\
             &state=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\
             &code_challenge=bB1ju9q0N8VDaMu9iIaohqea2XcpfiZe6_H19fAVM7k&code_challenge_method=S256\
             &scope=openid+hello&login_hint=alice\
             &resource=http%3A%2F%2Flocalhost%3A3001%2Fmcp&resource=https%3A%2F%2Fb.example"
        );
    }

    #[test]
    fn what_was_not_asked_is_not_sent() {
        let request = AuthorizationRequest {
            client_id: "mcp",
            redirect_uri: "http://localhost:8888/callback",
            scope: None,
            resources: &[],
            login_hint: None,
        };
        let url = attempt(Iss::Promised).address(&server(Iss::Promised), &request);
        let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(
            names,
            [
                "tenant",
                "response_type",
                "client_id",
                "redirect_uri",
                "state",
                "code_challenge",
                "code_challenge_method"
            ]
        );
    }

    #[test]
    fn every_attempt_has_its_own_state_and_verifier() {
        let (one, other) = (
            Attempt::start(&server(Iss::Promised)).unwrap(),
            Attempt::start(&server(Iss::Promised)).unwrap(),
        );
        assert_ne!(one.state.expose(), other.state.expose());
        assert_ne!(one.code_verifier.expose(), other.code_verifier.expose());
        assert_ne!(one.state.expose(), one.code_verifier.expose());
        assert_eq!(one.code_verifier.expose().len(), 43);
    }

    #[test]
    fn issuer_of_the_response_follows_the_table_of_mcp() {
        let issuer = || Err(NoCode::Issuer { expected: ISSUER.to_owned() });
        for (iss, query, expected) in [
            (Iss::Promised, "&iss=https%3A%2F%2Fas.example%2Frealms%2Fa", Ok(())),
            (Iss::Promised, "", issuer()),
            (Iss::Promised, "&iss=", issuer()),
            (Iss::Promised, "&iss=https%3A%2F%2Fas.example%2Frealms%2Fa%2F", issuer()),
            (Iss::Promised, "&iss=https%3A%2F%2FAS.example%2Frealms%2Fa", issuer()),
            (Iss::NotPromised, "&iss=https%3A%2F%2Fas.example%2Frealms%2Fa", Ok(())),
            (Iss::NotPromised, "&iss=https%3A%2F%2Fevil.example", issuer()),
            (Iss::NotPromised, "", Ok(())),
        ] {
            for answer in ["code=abc", "error=access_denied"] {
                let outcome = attempt(iss).check(&format!("{answer}&state={STATE}{query}"));
                match (answer, &expected) {
                    ("error=access_denied", Ok(())) => {
                        assert!(matches!(outcome, Err(NoCode::Refused(_))), "{iss:?} {query}");
                    }
                    _ => assert_eq!(outcome.map(drop), expected, "{iss:?} {query} {answer}"),
                }
            }
        }
    }

    #[test]
    fn responses_that_do_not_carry_our_state_are_not_ours() {
        for query in [
            "code=abc".to_owned(),
            "code=abc&state=".to_owned(),
            "code=abc&state=other".to_owned(),
            "error=access_denied&state=other".to_owned(),
            format!("code=abc&state={STATE}&state={STATE}"),
            format!("code=abc&state=other&state={STATE}"),
            format!("code=abc&state={STATE}x"),
            String::new(),
        ] {
            let outcome = attempt(Iss::NotPromised).check(&query);
            assert_eq!(outcome.map(drop), Err(NoCode::Foreign), "{query}");
        }
    }

    #[test]
    fn repeated_parameter_is_refused() {
        for name in ["code", "iss", "error", "scope"] {
            let query = format!("state={STATE}&{name}=a&{name}=a");
            let outcome = attempt(Iss::NotPromised).check(&query);
            assert_eq!(outcome.map(drop), Err(NoCode::Repeated(name.to_owned())));
        }
    }

    #[test]
    fn error_answers_keep_their_code_and_words() {
        let check =
            |query: &str| attempt(Iss::NotPromised).check(&format!("{query}&state={STATE}")).map(drop);
        let refused = |error: &str, description: Option<&str>| {
            Err(NoCode::Refused(Refused { error: error.into(), description: description.map(Into::into) }))
        };
        assert_eq!(
            check("error=access_denied&error_description=Not+today"),
            refused("access_denied", Some("Not today"))
        );
        assert_eq!(check("error=invalid_scope"), refused("invalid_scope", None));
        assert_eq!(check("error=access_denied&code=abc"), refused("access_denied", None));
        assert_eq!(check("error=%1B%5B2J"), refused("\u{fffd}[2J", None));
        assert_eq!(check("code="), Err(NoCode::Empty));
        assert_eq!(check("session_state=x"), Err(NoCode::Empty));
    }

    #[test]
    fn the_code_is_what_came_decoded() {
        let code = attempt(Iss::NotPromised).check(&format!("code=a%2Bb+c&state={STATE}"));
        assert_eq!(code.map(|code| code.code().to_owned()), Ok("a+b c".to_owned()));
    }
}
