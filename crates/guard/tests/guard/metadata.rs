//! Protected resource metadata (RFC 9728).

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use sekisho_guard::Guard;
use serde_json::json;

use super::fixture::{RESOURCE, send};

fn guard() -> Guard {
    Guard::builder(RESOURCE)
        .issuer("http://localhost:8080/realms/myrealm")
        .require_scopes(["hello", "files:read"])
        .scope_for_tool("delete", ["files:write"])
        .resource_name("Hello")
        .build()
        .unwrap()
}

fn request(method: Method, uri: &str) -> Request<Full<Bytes>> {
    Request::builder().method(method).uri(uri).body(Full::default()).unwrap()
}

#[tokio::test]
async fn all_three_addresses_answer_with_the_same_document() {
    let guard = guard();
    let challenge = send(&guard, request(Method::POST, "/mcp")).await;
    let named = challenge.challenge().split('"').nth(1).unwrap().to_owned();
    let header = named.strip_prefix("http://127.0.0.1:3001").unwrap();
    for path in [header, "/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"]
    {
        let answer = send(&guard, request(Method::GET, path)).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
        let expected = json!({
            "resource": RESOURCE,
            "authorization_servers": ["http://localhost:8080/realms/myrealm"],
            "scopes_supported": ["hello", "files:read"],
            "bearer_methods_supported": ["header"],
            "resource_name": "Hello",
        });
        assert_eq!(answer.json(), expected, "{path}");
    }
}

#[tokio::test]
async fn other_methods_and_addresses_are_told_apart() {
    let guard = guard();
    let path = "/.well-known/oauth-protected-resource/mcp";
    let cases = [
        (Method::HEAD, path, 200),
        (Method::OPTIONS, path, 204),
        (Method::POST, path, 405),
        (Method::GET, "/.well-known/oauth-protected-resource/", 404),
        (Method::GET, "/.well-known/oauth-protected-resource/mcp/", 404),
        (Method::GET, "/.well-known/oauth-protected-resource/other", 404),
        (Method::GET, "/.well-known/oauth-protected-resources", 401),
        (Method::GET, "/.well-known/oauth-protected-resource%2Fmcp", 401),
    ];
    for (method, path, expected) in cases {
        let answer = send(&guard, request(method.clone(), path)).await;
        assert_eq!(answer.status, expected, "{method} {path}");
        if method == Method::HEAD || method == Method::OPTIONS {
            assert_eq!((answer.body.as_str(), answer.header("access-control-allow-origin")), ("", Some("*")));
        }
    }
}

#[tokio::test]
async fn the_root_can_be_left_to_another_resource() {
    let guard = Guard::builder(RESOURCE).issuer("https://idp.example").leave_root_metadata().build().unwrap();
    let answer = send(&guard, request(Method::GET, "/.well-known/oauth-protected-resource")).await;
    assert_eq!(answer.status, 404);
    let answer = send(&guard, request(Method::GET, "/.well-known/oauth-protected-resource/mcp")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json().get("scopes_supported"), None);
}

#[tokio::test]
async fn the_address_of_metadata_follows_from_the_resource_not_from_the_host() {
    let cases = [
        ("https://mcp.example", "https://mcp.example/.well-known/oauth-protected-resource"),
        ("https://mcp.example/", "https://mcp.example/.well-known/oauth-protected-resource"),
        ("https://mcp.example:8443/a/b", "https://mcp.example:8443/.well-known/oauth-protected-resource/a/b"),
        ("https://mcp.example/a/", "https://mcp.example/.well-known/oauth-protected-resource/a/"),
    ];
    for (resource, expected) in cases {
        let guard = Guard::builder(resource).issuer("https://idp.example").build().unwrap();
        let request = Request::post("/").header("host", "evil.example").body(Full::default()).unwrap();
        let answer = send(&guard, request).await;
        assert_eq!(answer.challenge(), format!("Bearer resource_metadata=\"{expected}\""));
    }
}
