//! Protected resource metadata (RFC 9728 §3): which authorization servers a resource server takes tokens of.

use anyhow::{Context, bail};
use serde::Deserialize;
use url::Url;

use super::address;
use super::challenge::Challenge;
use super::http::Http;

/// A resource server that vouches for its authorization servers. Made by [`load`] only.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProtectedResource {
    pub(crate) resource: String,
    pub(crate) authorization_servers: Vec<String>,
    pub(crate) scopes_supported: Vec<String>,
}

#[derive(Deserialize)]
struct Document {
    resource: String,
    #[serde(default)]
    authorization_servers: Vec<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
}

/// Why a document is not used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("it describes {found:?}, which is not where {asked} is")]
    Other { asked: String, found: String },
    #[error("it names no authorization server")]
    Nobody,
}

/// Finds and checks the document of a resource server: where the challenge says, else at the well-known places.
pub(crate) async fn load(http: &Http, url: &Url, challenge: &Challenge) -> anyhow::Result<ProtectedResource> {
    let places = match &challenge.resource_metadata {
        Some(place) => {
            vec![address::parse_named_by(url, place).context("resource_metadata of the challenge")?]
        }
        None => places(url),
    };
    let mut tried = Vec::with_capacity(places.len());
    for place in places {
        let answer = http.fetch(&place).await?;
        if !answer.status.is_success() {
            tried.push(format!("{place} ({})", answer.status.as_u16()));
            continue;
        }
        let document =
            answer.json::<Document>().with_context(|| format!("{place} is not a metadata document"))?;
        return check(document, url).with_context(|| format!("the document {place} cannot be used"));
    }
    bail!("{url} does not say which authorization server it trusts; tried {}", tried.join(", "))
}

/// RFC 9728 §3.1: the well-known part goes between host and path; MCP adds the root of the host.
fn places(url: &Url) -> Vec<Url> {
    const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
    let at = |path: String| {
        let mut place = url.clone();
        place.set_path(&path);
        place.set_fragment(None);
        place
    };
    let mut root = at(WELL_KNOWN.to_owned());
    root.set_query(None);
    match url.path().trim_end_matches('/') {
        "" => vec![root],
        path => vec![at(format!("{WELL_KNOWN}{path}")), root],
    }
}

/// The resource must be what was asked for (RFC 9728 §3.3). A parent path on the same origin is taken too, as the
/// MCP SDKs do: a server may protect its whole host with one identifier. Never another origin, since the token
/// would be good there.
fn check(document: Document, url: &Url) -> Result<ProtectedResource, Unfit> {
    let covers = Url::parse(&document.resource).is_ok_and(|resource| covers(&resource, url));
    if !covers {
        return Err(Unfit::Other { asked: url.to_string(), found: document.resource });
    }
    if document.authorization_servers.is_empty() {
        return Err(Unfit::Nobody);
    }
    let Document { resource, authorization_servers, scopes_supported } = document;
    Ok(ProtectedResource { resource, authorization_servers, scopes_supported })
}

fn covers(resource: &Url, url: &Url) -> bool {
    let parent = resource.path().trim_end_matches('/');
    resource.origin() == url.origin()
        && url.path().strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_looked_for_at_the_path_and_at_the_root() {
        for (url, expected) in [
            (
                "https://rs.example/public/mcp",
                &[
                    "https://rs.example/.well-known/oauth-protected-resource/public/mcp",
                    "https://rs.example/.well-known/oauth-protected-resource",
                ][..],
            ),
            ("https://rs.example/", &["https://rs.example/.well-known/oauth-protected-resource"]),
            (
                "http://localhost:3001/mcp?tenant=1",
                &[
                    "http://localhost:3001/.well-known/oauth-protected-resource/mcp?tenant=1",
                    "http://localhost:3001/.well-known/oauth-protected-resource",
                ],
            ),
        ] {
            let found: Vec<String> =
                places(&Url::parse(url).unwrap()).into_iter().map(String::from).collect();
            assert_eq!(found, expected, "{url}");
        }
    }

    #[test]
    fn a_document_speaks_for_its_own_place_only() {
        for (resource, fits) in [
            ("https://rs.example/a/mcp", true),
            ("https://rs.example/a/mcp/", true),
            ("https://rs.example/a", true),
            ("https://rs.example", true),
            ("https://RS.example:443/a/mcp", true),
            ("https://rs.example/a/m", false),
            ("https://rs.example/a/mcp/x", false),
            ("https://rs.example/b", false),
            ("https://evil.example/a/mcp", false),
            ("http://rs.example/a/mcp", false),
            ("https://rs.example:8443/a/mcp", false),
            ("a/mcp", false),
        ] {
            let document = Document {
                resource: resource.to_owned(),
                authorization_servers: vec!["https://as.example".to_owned()],
                scopes_supported: Vec::new(),
            };
            let url = Url::parse("https://rs.example/a/mcp").unwrap();
            assert_eq!(check(document, &url).is_ok(), fits, "{resource}");
        }
    }

    #[test]
    fn a_document_without_authorization_servers_is_of_no_use() {
        let document: Document = serde_json::from_str(r#"{"resource":"https://rs.example"}"#).unwrap();
        assert_eq!(check(document, &Url::parse("https://rs.example/").unwrap()), Err(Unfit::Nobody));
    }
}
