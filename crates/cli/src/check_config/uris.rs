//! URIs of a realm that can never work as they stand.

use url::Url;

/// Schemes that run or show what the sender wrote; the server refuses them even when they are registered.
const DANGEROUS: &[&str] =
    &["javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source"];

/// What is wrong with a redirect URI that a client registered.
pub(super) fn of_redirect(client: &str, uri: &str) -> Option<String> {
    let scheme = uri.split_once(':')?.0.trim().to_ascii_lowercase();
    DANGEROUS.contains(&scheme.as_str()).then(|| {
        format!("client {client:?}: redirect URI {uri} has the scheme {scheme}, which runs code and is always refused")
    })
}

/// What is wrong with the URI of a protected resource (RFC 8707 §2).
pub(super) fn of_resource(uri: &str) -> Option<String> {
    let fits = Url::parse(uri).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.has_host() && url.fragment().is_none()
    });
    (!fits).then(|| format!("resource {uri:?} is no absolute http(s) URI without a fragment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_that_run_code_are_told() {
        for (uri, told) in [
            ("javascript:alert(1)", true),
            ("JavaScript:alert(1)", true),
            ("data:text/html,x", true),
            ("https://app.example/cb", false),
            ("com.example.app:/cb", false),
            ("/realms/r/account/*", false),
        ] {
            assert_eq!(of_redirect("web", uri).is_some(), told, "{uri}");
        }
    }

    #[test]
    fn resources_are_absolute_addresses() {
        for (uri, told) in [
            ("https://rs.example/mcp", false),
            ("http://localhost:3000/mcp", false),
            ("mcp", true),
            ("urn:a:b", true),
            ("https://rs.example/mcp#a", true),
        ] {
            assert_eq!(of_resource(uri).is_some(), told, "{uri}");
        }
    }
}
