//! The Authorization header and the query.

use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use http_body_util::Full;

use super::fixture::{Issuer, METADATA, key, send};

fn request(uri: &str, headers: &[String]) -> Request<Full<Bytes>> {
    let mut request = Request::post(uri);
    for value in headers {
        request = request.header(AUTHORIZATION, value.as_bytes());
    }
    request.body(Full::default()).unwrap()
}

/// `T` stands for a good token.
const HEADERS: &[(&[&str], u16, &str)] = &[
    (&["Bearer T"], 200, ""),
    (&["bearer T"], 200, ""),
    (&["BEARER T"], 200, ""),
    (&[], 401, ""),
    (&[""], 401, ""),
    (&["Bearer"], 401, ""),
    (&["Bearer "], 401, ""),
    (&["Basic T"], 401, ""),
    (&["BearerT"], 401, ""),
    (&["DPoP T"], 401, ""),
    (&["Bearer  T"], 400, "invalid_request"),
    (&["Bearer\tT"], 400, "invalid_request"),
    (&["Bearer \tT"], 400, "invalid_request"),
    (&["Bearer T T"], 400, "invalid_request"),
    (&["Bearer T "], 400, "invalid_request"),
    (&["Bearer T,Bearer T"], 400, "invalid_request"),
    (&["Bearer \"T\""], 400, "invalid_request"),
    (&["Bearer ==="], 400, "invalid_request"),
    (&["Bearer tökén"], 400, "invalid_request"),
    (&["Bearer T", "Bearer T"], 400, "invalid_request"),
    (&["Basic x", "Bearer T"], 400, "invalid_request"),
    (&["Bearer x"], 401, "invalid_token"),
    (&["Bearer T="], 401, "invalid_token"),
];

#[tokio::test]
async fn only_one_header_of_one_form_carries_a_token() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.guard();
    let token = issuer.token(&key, &serde_json::json!({}));
    for (headers, status, code) in HEADERS {
        let values: Vec<String> = headers.iter().map(|value| value.replace('T', &token)).collect();
        let answer = send(&guard, request("/mcp", &values)).await;
        assert_eq!(answer.status, *status, "{headers:?}");
        if *status != 200 {
            let challenge = answer.challenge();
            let start = format!("Bearer resource_metadata=\"{METADATA}\", scope=\"hello\"");
            assert!(challenge.starts_with(&start), "{headers:?}: {challenge}");
            let named = challenge.contains(&format!(", error=\"{code}\", error_description=\""));
            assert_eq!(named, !code.is_empty(), "{headers:?}: {challenge}");
            assert_eq!(challenge.contains("error"), !code.is_empty(), "{headers:?}: {challenge}");
        }
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_refused_even_beside_a_header() {
    let key = key("a");
    let issuer = Issuer::start(&[&key]).await;
    let guard = issuer.guard();
    let token = issuer.token(&key, &serde_json::json!({}));
    let header = vec![format!("Bearer {token}")];
    let cases = [
        ("/mcp?access_token=T", 400),
        ("/mcp?a=b&access%5Ftoken=T", 400),
        ("/mcp?access_token", 400),
        ("/mcp?a=access_token", 200),
        ("/mcp?access_token_type=x", 200),
    ];
    for (uri, expected) in cases {
        let uri = uri.replace('T', &token);
        assert_eq!(send(&guard, request(&uri, &header)).await.status, expected, "{uri}");
    }
    let alone = send(&guard, request(&format!("/mcp?access_token={token}"), &[])).await;
    assert_eq!(alone.status, 400);
    assert!(alone.challenge().contains("error=\"invalid_request\""));
}
