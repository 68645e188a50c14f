//! Scopes of single tools, read from the body.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use sekisho_guard::Guard;
use serde_json::json;

use super::fixture::{Issuer, key, post, send};

/// Every request needs `hello`; `delete` needs `write` and `purge` besides.
async fn set_up() -> (Arc<Issuer>, Guard, impl Fn(&str, &str) -> Request<Full<Bytes>>) {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.builder().scope_for_tool("delete", ["write", "purge"]).build().unwrap();
    let signer = Arc::clone(&issuer);
    let request =
        move |scope: &str, body: &str| post(&signer.token(&key, &json!({ "scope": scope })), body.to_owned());
    (issuer, guard, request)
}

/// Body, status with `hello`, status with `hello write purge`.
const BODIES: &[(&str, u16, u16)] = &[
    (r#"{"method":"tools/list"}"#, 200, 200),
    (r#"{"method":"tools/call","params":{"name":"read"}}"#, 200, 200),
    (r#"{"method":"tools/call","params":{"name":"Delete"}}"#, 200, 200),
    (r#"{"method":"tools/list","params":{"name":"delete"}}"#, 200, 200),
    (r#"{"id":1,"result":{}}"#, 200, 200),
    (r#"{"method":"x","params":["delete"]}"#, 200, 200),
    (r#"{"method":"x","params":null}"#, 200, 200),
    ("[]", 200, 200),
    (r#"{"method":"tools/call","params":{"name":"delete"}}"#, 403, 200),
    (r#" {"params":{"arguments":{"name":"read"},"name":"delete"},"method":"tools/call"}"#, 403, 200),
    (r#"{"\u006dethod":"tools\/call","params":{"n\u0061me":"del\u0065te"}}"#, 403, 200),
    (r#"[{"method":"tools/list"},{"method":"tools/call","params":{"name":"delete"}}]"#, 403, 200),
    // What two readers may understand differently.
    (r#"{"method":"x","method":"tools/call","params":{"name":"delete"}}"#, 400, 400),
    (r#"{"method":"x","Method":"tools/call","params":{"name":"delete"}}"#, 400, 400),
    (r#"{"METHOD":"tools/call","params":{"name":"delete"}}"#, 400, 400),
    (r#"{"method":"tools/call","params":{"name":"read"},"paramſ":{"name":"delete"}}"#, 400, 400),
    (r#"{"method":"tools/call","params":{"name":"read","name":"delete"}}"#, 400, 400),
    (r#"{"method":"tools/call","params":{"name":"read","NAME":"delete"}}"#, 400, 400),
    (r#"{"method":"tools/call","params":{}}"#, 400, 400),
    (r#"{"method":"tools/call"}"#, 400, 400),
    (r#"{"method":"tools/call","params":["delete"]}"#, 400, 400),
    (r#"{"method":"tools/call","params":{"name":["delete"]}}"#, 400, 400),
    (r#"{"method":["tools/call"],"params":{"name":"delete"}}"#, 400, 400),
    (r#"{"method":"tools/list"}{"method":"tools/call","params":{"name":"delete"}}"#, 400, 400),
    (r#"[["tools/call",{"name":"delete"}]]"#, 400, 400),
    (r#"["tools/call",{"name":"delete"}]"#, 400, 400),
    ("\u{feff}{\"method\":\"tools/list\"}", 400, 400),
    ("", 400, 400),
    ("not json", 400, 400),
];

#[tokio::test]
async fn a_call_needs_the_scopes_of_its_tool() {
    let (_issuer, guard, request) = set_up().await;
    for (body, plain, privileged) in BODIES {
        for (scope, expected) in [("hello", plain), ("hello write purge", privileged)] {
            let answer = send(&guard, request(scope, body)).await;
            assert_eq!(answer.status, *expected, "{scope}: {body}");
            match expected {
                200 => assert_eq!(answer.body, format!("alice by mcp: {body}"), "the body is passed on"),
                403 => assert!(answer.challenge().contains("scope=\"hello write purge\""), "{body}"),
                _ => assert_eq!(answer.json()["error"]["code"], -32700, "{body}"),
            }
        }
    }
}

#[tokio::test]
async fn half_of_the_scopes_of_a_tool_are_not_enough() {
    let (_issuer, guard, request) = set_up().await;
    let body = r#"{"method":"tools/call","params":{"name":"delete"}}"#;
    for scope in ["hello write", "hello purge", "write purge"] {
        assert_eq!(send(&guard, request(scope, body)).await.status, 403, "{scope}");
    }
}

type Headers = &'static [(&'static str, &'static str)];

/// Headers, body, status with every scope.
const HEADERS: &[(Headers, &str, u16)] = &[
    (&[("Mcp-Method", "tools/call"), ("Mcp-Name", "delete")], DELETE, 200),
    (&[("Mcp-Method", "tools/call"), ("Mcp-Name", "=?base64?ZGVsZXRl?=")], DELETE, 200),
    (&[("Mcp-Method", "tools/call")], DELETE, 200),
    (&[("Mcp-Method", "tools/list"), ("Mcp-Name", "x")], r#"{"method":"tools/list"}"#, 200),
    (&[("Mcp-Name", "file:///a")], r#"{"method":"resources/read","params":{"uri":"file:///a"}}"#, 200),
    (&[("Mcp-Method", "tools/list")], DELETE, 400),
    (&[("Mcp-Method", "Tools/Call")], DELETE, 400),
    (&[("Mcp-Method", "tools/call"), ("Mcp-Name", "read")], DELETE, 400),
    (&[("Mcp-Name", "read")], DELETE, 400),
    (&[("Mcp-Name", "=?base64?cmVhZA==?=")], DELETE, 400),
    (&[("Mcp-Name", "=?base64?%%%?=")], DELETE, 400),
    (&[("Mcp-Name", "file:///b")], r#"{"method":"resources/read","params":{"uri":"file:///a"}}"#, 400),
    (&[("Mcp-Method", "tools/call"), ("Mcp-Method", "tools/call")], DELETE, 400),
    (&[("Mcp-Method", "tools/list")], r#"[{"method":"tools/list"}]"#, 400),
];

const DELETE: &str = r#"{"method":"tools/call","params":{"name":"delete"}}"#;

#[tokio::test]
async fn headers_that_say_something_else_than_the_body_are_refused() {
    let (_issuer, guard, request) = set_up().await;
    for (headers, body, expected) in HEADERS {
        let mut request = request("hello write purge", body);
        for (name, value) in *headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        let answer = send(&guard, request).await;
        assert_eq!(answer.status, *expected, "{headers:?} {body}");
        if *expected == 400 {
            assert_eq!(answer.json()["error"]["code"], -32020, "{headers:?} {body}");
        }
    }
}

#[tokio::test]
async fn a_mismatch_is_said_before_a_missing_scope() {
    let (_issuer, guard, request) = set_up().await;
    let mut request = request("hello", DELETE);
    request.headers_mut().append("mcp-name", "read".parse().unwrap());
    assert_eq!(send(&guard, request).await.status, 400);
}

#[tokio::test]
async fn bodies_are_read_up_to_a_limit_and_only_where_calls_are_made() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let token = issuer.token(&key, &json!({}));
    let reading = issuer.builder().scope_for_tool("t", ["s"]).body_limit(30).build().unwrap();
    let passing = issuer.builder().body_limit(30).build().unwrap();
    let (fits, over) = (r#"{"method":"tools/list","a":12}"#, r#"{"method":"tools/list","a":123}"#);
    for (guard, body, expected) in [(&reading, fits, 200), (&reading, over, 413), (&passing, over, 200)] {
        assert_eq!(send(guard, post(&token, body)).await.status, expected, "{body}");
    }
    for method in ["GET", "DELETE", "OPTIONS"] {
        let mut request = post(&token, "");
        *request.method_mut() = method.parse().unwrap();
        assert_eq!(send(&reading, request).await.status, 200, "{method}");
    }
}
