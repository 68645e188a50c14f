//! Redirect URIs (OAuth 2.1 §4.1.1, RFC 8252 §7.3): exact, but for the port of a loopback address.

use sekisho_protocol::Cause;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::Client;

/// Schemes that run or show what the sender wrote (attacks 32, 33).
const DANGEROUS: &[&str] =
    &["javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source"];

/// Parameters of our answers, which a redirect URI matched by a pattern must not hold already.
const ANSWERS: &[&str] = &["code", "state", "iss", "error", "error_description", "session_state", "response"];

/// Proof that answers may be sent to this address. Made by [`find_target`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectTarget {
    uri: String,
}

/// How the answer is handed over (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// The address for the answer of an authorization request.
///
/// # Errors
/// [`Cause::RedirectUriMissing`] when none is named, [`Cause::RedirectUriUnregistered`] when it is not
/// one of the client's. OpenID Connect Core §3.1.2.1 always wants it named; so do we without `openid` too, where
/// OAuth 2.1 §4.1.1 asks for it only if more than one is registered.
pub fn find_target(client: &Client, asked: Option<&str>, issuer: &str) -> Result<RedirectTarget, Cause> {
    let asked = asked.ok_or(Cause::RedirectUriMissing)?;
    let acceptable = is_acceptable(asked);
    let registered = client
        .redirect_uris
        .iter()
        .any(|registered| matches(&absolute(client.root_url.as_deref(), registered, issuer), asked));
    if acceptable && registered {
        return Ok(RedirectTarget { uri: asked.to_owned() });
    }
    Err(Cause::RedirectUriUnregistered)
}

/// Whether the client registered this address for the end of a logout (`post.logout.redirect.uris`:
/// `##` between several, `+` the redirect URIs, `-` none; absent means `+`).
pub fn is_logout_target(client: &Client, asked: &str, issuer: &str) -> bool {
    let setting = client.attribute("post.logout.redirect.uris").unwrap_or("+");
    let from_redirects = || {
        client
            .redirect_uris
            .iter()
            .any(|uri| matches(&absolute(client.root_url.as_deref(), uri, issuer), asked))
    };
    is_acceptable(asked)
        && setting.split("##").any(|registered| match registered {
            "+" => from_redirects(),
            "-" | "" => false,
            exact => matches(&absolute(client.root_url.as_deref(), exact, issuer), asked),
        })
}

/// Whether an answer could ever be sent to this address, or to one that its wildcard stands for.
pub(crate) fn is_registrable(registered: &str) -> bool {
    registered.starts_with('/') || is_acceptable(registered.strip_suffix('*').unwrap_or(registered))
}

/// What no registration can make acceptable: fragments, user information, control characters, schemes
/// that run code (attacks 29-33).
fn is_acceptable(asked: &str) -> bool {
    let plain = asked.bytes().all(|byte| byte.is_ascii_graphic()) && !asked.contains('\\');
    let Ok(url) = Url::parse(asked) else { return false };
    let web = matches!(url.scheme(), "http" | "https");
    plain
        && url.fragment().is_none()
        && !asked.contains('#')
        && url.username().is_empty()
        && url.password().is_none()
        && !(web && authority(asked).contains('@'))
        && !DANGEROUS.contains(&url.scheme())
}

/// What stands between the scheme and the path.
pub(crate) fn authority(uri: &str) -> &str {
    let after_scheme = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    after_scheme.split(['/', '?', '#']).next().unwrap_or_default()
}

/// The host as it is written, and the port if one is.
pub(crate) fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.ends_with(':') => {
            (host, Some(port))
        }
        _ => (authority, None),
    }
}

/// Keycloak's relative redirect URIs hang on the client's root URL, or on the server's own address.
pub(crate) fn absolute(root_url: Option<&str>, registered: &str, issuer: &str) -> String {
    if !registered.starts_with('/') {
        return registered.to_owned();
    }
    let server = issuer.split("/realms/").next().unwrap_or_default();
    let root = root_url.filter(|root| !root.is_empty()).unwrap_or(server);
    let root = root.replace("${authBaseUrl}", server).replace("${authAdminUrl}", server);
    format!("{}{registered}", root.trim_end_matches('/'))
}

fn matches(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    match registered.strip_suffix('*') {
        Some(prefix) => matches_wildcard(prefix, asked),
        None => matches_loopback(registered, asked),
    }
}

/// Whether two redirect URIs are the same but for the port of a loopback address; a `*` is a letter like others.
pub fn is_same(registered: &str, asked: &str) -> bool {
    registered == asked || matches_loopback(registered, asked)
}

/// RFC 8252 §7.3: the port of a loopback address is chosen at run time.
fn matches_loopback(registered: &str, asked: &str) -> bool {
    let (Some(registered), Some(asked)) = (loopback_without_port(registered), loopback_without_port(asked))
    else {
        return false;
    };
    registered == asked
}

/// The address without its port, byte for byte otherwise; `None` when it is no `http` loopback address.
fn loopback_without_port(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    let loopback = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback() && address.octets() == [127, 0, 0, 1],
        Host::Ipv6(address) => address.is_loopback(),
    };
    if url.scheme() != "http" || !loopback {
        return None;
    }
    let authority = authority(uri);
    let (host, _) = split_port(authority);
    let rest = uri.strip_prefix("http://")?.strip_prefix(authority)?;
    Some(format!("http://{host}{rest}"))
}

/// Keycloak's wildcard, for imported clients that have one: only at the end, and never across the host
/// or out of the path (attacks 29, 35).
fn matches_wildcard(prefix: &str, asked: &str) -> bool {
    let without_query = asked.split('?').next().unwrap_or_default();
    let climbs = {
        let lower = without_query.to_ascii_lowercase();
        lower.contains("/..") || lower.contains("%2e") || lower.contains("%2f") || lower.contains("%5c")
    };
    // The pattern says nothing of the query: it must not answer in our place (attack 31).
    let answers = asked.split_once('?').is_some_and(|(_, query)| {
        url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| ANSWERS.contains(&name.as_ref()))
    });
    if answers {
        return false;
    }
    let web = asked.starts_with("https://") || asked.starts_with("http://");
    if prefix.is_empty() {
        return web && !climbs;
    }
    let reaches_path = prefix.split_once("://").is_none_or(|(_, rest)| rest.contains('/'));
    reaches_path && !climbs && without_query.starts_with(prefix)
}

impl RedirectTarget {
    /// The address as the client wrote it.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The host that pages show.
    pub fn host(&self) -> String {
        Url::parse(&self.uri)
            .ok()
            .map(|url| url.host_str().map_or_else(|| format!("{}:", url.scheme()), str::to_owned))
            .unwrap_or_default()
    }

    /// Whether the answer goes to a program on the user's own machine.
    pub fn is_loopback(&self) -> bool {
        loopback_without_port(&self.uri).is_some()
    }

    /// The address with the answer in its query or fragment.
    pub fn with_answer(&self, mode: ResponseMode, answer: &[(String, String)]) -> String {
        let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish();
        let separator = match mode {
            ResponseMode::Fragment => '#',
            ResponseMode::Query | ResponseMode::FormPost if self.uri.contains('?') => '&',
            ResponseMode::Query | ResponseMode::FormPost => '?',
        };
        format!("{}{separator}{encoded}", self.uri)
    }
}

impl ResponseMode {
    /// Reads `response_mode`; absent means `query`, the default for codes.
    ///
    /// # Errors
    /// [`Cause::ParameterInvalid`] for any other value.
    pub fn parse(value: Option<&str>) -> Result<Self, Cause> {
        match value {
            None | Some("query") => Ok(Self::Query),
            Some("fragment") => Ok(Self::Fragment),
            Some("form_post") => Ok(Self::FormPost),
            Some(_) => Err(Cause::ParameterInvalid("response_mode")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::confidential;

    fn accepts(registered: &str, asked: &str) -> bool {
        let client = Client { redirect_uris: vec![registered.to_owned()], ..confidential("s") };
        find_target(&client, Some(asked), "https://as.example/realms/r").is_ok()
    }

    #[test]
    fn redirect_uris_are_exact_but_for_the_loopback_port() {
        for (registered, asked, accepted) in [
            ("https://app.example/cb", "https://app.example/cb", true),
            ("https://app.example/cb", "https://app.example/CB", false),
            ("https://app.example/cb", "https://app.example/cb/", false),
            ("https://app.example/cb", "https://app.example/cb?x=1", false),
            ("https://app.example/cb", "https://app.example/cb#f", false),
            ("https://app.example/cb", "https://app.example:444/cb", false),
            ("https://app.example/cb", "https://app.example/%63b", false),
            ("http://localhost:8888/callback", "http://localhost:9999/callback", true),
            ("http://localhost/callback", "http://localhost:9999/callback", true),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb", true),
            ("http://[::1]/cb", "http://[::1]:4000/cb", true),
            ("http://127.0.0.1/cb", "http://localhost:1/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.2:1/cb", false),
            ("http://127.0.0.1/cb", "https://127.0.0.1:1/cb", false),
            ("http://localhost/cb", "http://localhost@evil.example/cb", false),
            ("http://localhost/cb", "http://localhost.evil.example/cb", false),
            ("http://localhost/cb", "http://localhost:1/cb/../x", false),
            ("com.example.app:/cb", "com.example.app:/cb", true),
        ] {
            assert_eq!(accepts(registered, asked), accepted, "{registered} for {asked}");
        }
    }

    #[test]
    fn wildcards_of_imported_clients_stay_on_their_host_and_path() {
        for (registered, asked, accepted) in [
            ("https://app.example/*", "https://app.example/any/where", true),
            ("https://app.example/a*", "https://app.example/a/b?q=1", true),
            ("https://app.example/a/*", "https://app.example/a/../admin", false),
            ("https://app.example/a/*", "https://app.example/a/%2e%2e/admin", false),
            ("https://app.example*", "https://app.example.evil/", false),
            ("https://app.example/*", "https://app.example/x?code=evil&y=1", false),
            ("https://app.example/*", "https://app.example/x?iss=https://evil.example", false),
            ("*", "https://anything.example/cb", true),
            ("*", "javascript:alert(1)", false),
            ("*", "https://a@b@evil.example/", false),
            ("https://app.example/*", "https://app.example/\t", false),
            ("https://app.example/*", "https://app.example\\@evil.example/", false),
        ] {
            assert_eq!(accepts(registered, asked), accepted, "{registered} for {asked}");
        }
    }

    #[test]
    fn schemes_that_run_code_are_refused_even_when_registered() {
        for uri in ["JavaScript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x"] {
            assert!(!accepts(uri, uri), "{uri}");
        }
    }

    #[test]
    fn relative_uris_hang_on_the_root_url_or_the_server() {
        assert!(accepts("/realms/r/account/*", "https://as.example/realms/r/account/x"));
        assert!(!accepts("/realms/r/account/*", "https://evil.example/realms/r/account/x"));
    }

    #[test]
    fn logout_setting_decides_where_a_logout_may_end() {
        let with = |setting: Option<&str>| {
            let mut client = confidential("s");
            if let Some(setting) = setting {
                client.attributes.insert("post.logout.redirect.uris".to_owned(), setting.to_owned());
            }
            client
        };
        for (setting, asked, accepted) in [
            (None, "https://app.example/cb", true),
            (Some("+"), "https://app.example/cb", true),
            (Some("-"), "https://app.example/cb", false),
            (Some("https://app.example/out##https://app.example/out2"), "https://app.example/out2", true),
            (Some("https://app.example/out"), "https://app.example/out.evil", false),
            (Some("https://app.example/out"), "https://app.example.evil/out", false),
        ] {
            assert_eq!(
                is_logout_target(&with(setting), asked, "https://as.example/realms/r"),
                accepted,
                "{asked}"
            );
        }
    }
}
