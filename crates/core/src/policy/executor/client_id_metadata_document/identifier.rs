//! The `client_id` as an address (draft §2). It is read as it was written: what a parser would tidy up is refused.

use url::{ParseError, Url};

use super::ClientIdMetadataDocument;

impl ClientIdMetadataDocument {
    /// Checks a `client_id` and gives its host.
    pub(super) fn check_identifier(&self, client_id: &str) -> Result<String, &'static str> {
        let plain = client_id.bytes().all(|byte| byte.is_ascii_graphic()) && !client_id.contains('\\');
        let url = match Url::parse(client_id) {
            Ok(url) if plain => url,
            Err(ParseError::RelativeUrlWithoutBase) if self.cimd_allow_http_scheme.0 => {
                return Err("Invalid Client ID / Metadata: host unresolved.");
            }
            Err(ParseError::RelativeUrlWithoutBase) => return Err("Invalid Client ID: invalid scheme."),
            Ok(_) | Err(_) => return Err("Invalid Client ID: malformed URL."),
        };
        if url.scheme() != "https" && !self.cimd_allow_http_scheme.0 {
            return Err("Invalid Client ID: invalid scheme.");
        }
        check_parts(client_id)?;
        let host = url.host_str().ok_or("Invalid Client ID / Metadata: host unresolved.")?;
        if !self.permits(host) {
            return Err("Invalid Client ID: domain not allowed.");
        }
        if matches!(url.scheme(), "https" | "http") {
            Ok(host.to_owned())
        } else {
            Err("Client Metadata fetch failed")
        }
    }
}

fn check_parts(client_id: &str) -> Result<(), &'static str> {
    let rest = client_id.split_once("://").map_or(client_id, |(_, rest)| rest);
    let whole = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = whole.split_once('/').ok_or("Invalid Client ID: empty path.")?;
    let dots = |segment: &str| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        matches!(segment.as_str(), "." | "..")
    };
    if path.split('/').any(dots) {
        return Err("Invalid Client ID: path traverse segment included.");
    }
    if rest.contains('#') {
        return Err("Invalid Client ID: fragment included.");
    }
    if authority.contains('@') {
        return Err("Invalid Client ID: userinfo included.");
    }
    if rest.contains('?') {
        return Err("Invalid Client ID: query included.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_plain_address_of_a_permitted_host_identifies_a_client() {
        let http: ClientIdMetadataDocument = serde_json::from_value(json!({
            "cimd-allow-http-scheme": true, "cimd-allow-permitted-domains": ["localhost", "*.app.example"]
        }))
        .expect("a configuration");
        for (client_id, expected) in [
            ("https://app.example/client.json", Ok("app.example")),
            ("https://a.app.example/client.json", Ok("a.app.example")),
            ("http://localhost:8000/client.json", Ok("localhost")),
            ("http://localhost/", Ok("localhost")),
            ("HTTP://LOCALHOST/client.json", Ok("localhost")),
            ("c", Err("Invalid Client ID / Metadata: host unresolved.")),
            ("http://[", Err("Invalid Client ID: malformed URL.")),
            ("https://app.example\\@evil.example/c", Err("Invalid Client ID: malformed URL.")),
            (" https://app.example/c", Err("Invalid Client ID: malformed URL.")),
            ("ftp://localhost/x", Err("Client Metadata fetch failed")),
            ("http://localhost", Err("Invalid Client ID: empty path.")),
            ("http://localhost?a/b", Err("Invalid Client ID: empty path.")),
            ("http://localhost/a/../c", Err("Invalid Client ID: path traverse segment included.")),
            ("http://localhost/./c", Err("Invalid Client ID: path traverse segment included.")),
            ("http://localhost/%2e%2E/c", Err("Invalid Client ID: path traverse segment included.")),
            ("http://localhost/c#f", Err("Invalid Client ID: fragment included.")),
            ("http://u@localhost/c", Err("Invalid Client ID: userinfo included.")),
            ("http://localhost/c?a=1", Err("Invalid Client ID: query included.")),
            ("https://evilapp.example/c", Err("Invalid Client ID: domain not allowed.")),
            ("https://app.example.evil.example/c", Err("Invalid Client ID: domain not allowed.")),
        ] {
            assert_eq!(http.check_identifier(client_id), expected.map(str::to_owned), "{client_id}");
        }
    }

    #[test]
    fn nothing_but_https_is_taken_where_nothing_else_is_allowed() {
        let strict = ClientIdMetadataDocument::default();
        for client_id in ["http://localhost/c", "ftp://localhost/c", "c"] {
            let refused = strict.check_identifier(client_id);
            assert_eq!(refused, Err("Invalid Client ID: invalid scheme."), "{client_id}");
        }
    }

    #[test]
    fn without_domains_none_is_permitted() {
        let strict = ClientIdMetadataDocument::default();
        let refused = strict.check_identifier("https://app.example/c");
        assert_eq!(refused, Err("Invalid Client ID: domain not allowed."));
    }
}
