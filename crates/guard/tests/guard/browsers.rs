//! Pages that call: their origin, and what they may read.

use http::Request;
use http_body_util::Full;
use sekisho_guard::Guard;
use serde_json::json;

use super::fixture::{Issuer, RESOURCE, key, post, send};

fn guard(resource: &str) -> Guard {
    let builder = Guard::builder(resource).issuer("https://idp.example");
    builder.allow_origin("https://app.example").allow_origin("vscode-webview://abc").build().unwrap()
}

#[tokio::test]
async fn only_known_origins_may_call() {
    let public = "https://mcp.example/mcp";
    let cases = [
        (RESOURCE, "http://127.0.0.1:3001", 401),
        (RESOURCE, "http://localhost:6274", 401),
        (RESOURCE, "http://127.0.0.1:1", 401),
        (RESOURCE, "http://[::1]:8080", 401),
        (RESOURCE, "https://app.example", 401),
        (RESOURCE, "vscode-webview://abc", 401),
        (RESOURCE, "https://app.example:444", 403),
        (RESOURCE, "http://app.example", 403),
        (RESOURCE, "https://evil.example", 403),
        (RESOURCE, "http://localhost.evil.example", 403),
        (RESOURCE, "http://127.0.0.1.evil.example", 403),
        (RESOURCE, "http://localhost:6274/", 403),
        (RESOURCE, "http://localhost@evil.example", 403),
        (RESOURCE, "http://0.0.0.0:3001", 403),
        (RESOURCE, "null", 403),
        (RESOURCE, "", 403),
        (RESOURCE, "*", 403),
        (public, "https://mcp.example", 401),
        (public, "https://app.example", 401),
        (public, "http://mcp.example", 403),
        (public, "http://localhost:6274", 403),
        (public, "http://127.0.0.1:3001", 403),
    ];
    for (resource, origin, expected) in cases {
        let request = Request::post("/mcp").header("origin", origin).body(Full::default()).unwrap();
        let answer = send(&guard(resource), request).await;
        assert_eq!(answer.status, expected, "{origin} at {resource}");
        assert!(answer.challenge().starts_with("Bearer resource_metadata="));
        let shared = (expected == 401).then_some(origin);
        assert_eq!(answer.header("access-control-allow-origin"), shared, "{origin} at {resource}");
    }
}

#[tokio::test]
async fn two_origins_are_none_that_is_known() {
    let request = Request::post("/mcp")
        .header("origin", "https://app.example")
        .header("origin", "https://app.example")
        .body(Full::default())
        .unwrap();
    assert_eq!(send(&guard(RESOURCE), request).await.status, 403);
}

#[tokio::test]
async fn a_page_may_ask_first_and_read_the_answer() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.guard();
    let preflight = |origin: &str| {
        Request::options("/mcp")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .body(Full::default())
            .unwrap()
    };
    let answer = send(&guard, preflight("http://localhost:6274")).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:6274"));
    assert!(answer.header("access-control-allow-headers").unwrap().starts_with("authorization, "));
    assert_eq!(send(&guard, preflight("https://evil.example")).await.status, 403);

    let mut request = post(&issuer.token(&key, &json!({})), "");
    request.headers_mut().insert("origin", "http://localhost:6274".parse().unwrap());
    let answer = send(&guard, request).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:6274"));
    assert_eq!(answer.header("access-control-expose-headers"), Some("www-authenticate, mcp-session-id"));
    assert_eq!(answer.header("vary"), Some("origin"));
}

#[tokio::test]
async fn options_from_nowhere_need_a_token_like_all_else() {
    let request = Request::options("/mcp")
        .header("access-control-request-method", "POST")
        .body(Full::default())
        .unwrap();
    assert_eq!(send(&guard(RESOURCE), request).await.status, 401);
}
