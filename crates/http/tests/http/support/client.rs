//! A client: asks through a browser, and asks for tokens.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::answer::{Answer, Tokens};
use super::browser::{Browser, Callback, Visit};
use super::world::{World, encoded};

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A client that is registered.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) world: World,
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
    pub(crate) redirect_uri: String,
}

/// An authorization request in the making.
#[derive(Clone)]
pub(crate) struct Ask {
    world: World,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Client {
    /// The usual request: a code for `openid`, with PKCE and state.
    pub(crate) fn asks(&self) -> Ask {
        let parameters = [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", "openid"),
            ("state", "the state"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ask { world: self.world.clone(), parameters: parameters.to_vec() }
    }

    /// Signs alice in and comes back with tokens; no consent is due.
    pub(crate) async fn sign_in(&self, browser: &Browser) -> Tokens {
        let visit = self.asks().by(browser).await;
        let visit = if visit.asks_to_sign_in() { visit.sign_in("alice", "alice").await } else { visit };
        let visit = if visit.asks_for_consent() { visit.agree_to_all().await } else { visit };
        self.redeem(&visit.callback()).await.tokens()
    }

    /// Exchanges the code of a callback.
    pub(crate) async fn redeem(&self, callback: &Callback) -> Answer {
        self.redeem_with(callback.code(), &[]).await
    }

    /// The same, with parameters set anew; an empty value leaves one out.
    pub(crate) async fn redeem_with(&self, code: &str, changed: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.token(&altered(&usual, changed)).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// A token request, authenticated as the client is registered.
    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.post("/token", form).await
    }

    pub(crate) async fn introspect(&self, token: &str, hint: &str) -> Answer {
        self.post("/token/introspect", &altered(&[("token", token)], &[("token_type_hint", hint)])).await
    }

    /// Whether introspection says that the token is good.
    pub(crate) async fn finds_active(&self, token: &str) -> bool {
        let answer = self.introspect(token, "").await;
        assert_eq!(answer.status(), 200, "{}", answer.text);
        answer.json()["active"].as_bool().expect("active is always said")
    }

    pub(crate) async fn revoke(&self, token: &str) -> Answer {
        self.post("/revoke", &[("token", token)]).await
    }

    /// Posts to an endpoint, authenticated as the client is registered.
    pub(crate) async fn post(&self, endpoint: &str, form: &[(&str, &str)]) -> Answer {
        self.post_with(endpoint, &[], form).await
    }

    pub(crate) async fn post_with(
        &self,
        endpoint: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Answer {
        let url = self.world.endpoint(endpoint);
        if let Some(secret) = &self.secret {
            let basic = basic(&self.id, secret);
            let headers: Vec<_> = headers.iter().copied().chain([("authorization", &*basic)]).collect();
            self.world.post_with(&url, &headers, form).await
        } else {
            let form: Vec<_> = form.iter().copied().chain([("client_id", &*self.id)]).collect();
            self.world.post_with(&url, headers, &form).await
        }
    }

    pub(crate) async fn userinfo(&self, token: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        self.world.get_with(&self.world.endpoint("/userinfo"), &[("authorization", &bearer)]).await
    }
}

impl Ask {
    /// Sets a parameter.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        match self.parameters.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.parameters.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Adds one more of a name that may be there.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn scope(self, scope: &str) -> Self {
        self.with("scope", scope)
    }

    pub(crate) fn url(&self) -> String {
        format!("{}?{}", self.world.endpoint("/auth"), encoded(&self.parameters))
    }

    /// Sent by a browser.
    pub(crate) async fn by(&self, browser: &Browser) -> Visit {
        browser.open(&self.url()).await
    }

    /// Posted by a browser.
    pub(crate) async fn posted_by(&self, browser: &Browser) -> Visit {
        browser.post(&self.world.endpoint("/auth"), &self.parameters).await
    }
}

/// Pairs with some set anew; an empty value leaves one out.
pub(crate) fn altered<'a>(
    usual: &[(&'a str, &'a str)],
    changed: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = usual.iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
    kept.chain(changed.iter().filter(|(_, value)| !value.is_empty())).copied().collect()
}

/// RFC 6749 §2.3.1: both parts are form-encoded first.
pub(crate) fn basic(client_id: &str, secret: &str) -> String {
    let part = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", part(client_id), part(secret))))
}
