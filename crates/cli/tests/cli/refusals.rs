//! `sekisho token`: the ways that end without one, what is said, and what was not sent.

use tokio::net::TcpListener;

use super::authorization_server::{AuthorizationServer, Manners};
use super::program::{browse, run, start};
use super::token::least;

#[tokio::test]
async fn a_refusal_at_the_browser_is_shown_and_ends_with_3() {
    let manners = Manners {
        response: &[
            ("error", "access_denied"),
            ("error_description", "Not\x1b[2J today"),
            ("iss", "{issuer}"),
        ],
        ..Manners::default()
    };
    let server = AuthorizationServer::start(manners).await;
    let mut program = start(&least(&server.issuer), &[]);
    let page = browse(&program.address().await).await.text().await.unwrap();
    assert!(page.contains("You are not signed in") && !page.contains("today"), "{page}");
    let finished = program.finish().await;
    assert!(finished.stderr.contains("refused: access_denied: Not\u{fffd}[2J today"), "{}", finished.stderr);
    assert_eq!((finished.code, &*finished.stdout), (Some(3), ""));
    assert!(server.seen().token.is_empty());
}

#[tokio::test]
async fn a_refusal_at_the_token_endpoint_is_shown_and_ends_with_3() {
    let body = r#"{"error":"invalid_client","error_description":"Who are you?"}"#;
    let server =
        AuthorizationServer::start(Manners { refusal: Some((401, body)), ..Manners::default() }).await;
    let mut program = start(&least(&server.issuer), &[]);
    browse(&program.address().await).await;
    let finished = program.finish().await;
    assert!(finished.stderr.contains("refused: invalid_client: Who are you?"), "{}", finished.stderr);
    assert_eq!((finished.code, &*finished.stdout), (Some(3), ""));
}

#[tokio::test]
async fn answers_of_the_token_endpoint_that_are_no_answers_end_with_1() {
    for refusal in [(500, "oops"), (200, "{}"), (200, "oops"), (302, "")] {
        let server =
            AuthorizationServer::start(Manners { refusal: Some(refusal), ..Manners::default() }).await;
        let mut program = start(&least(&server.issuer), &[]);
        browse(&program.address().await).await;
        let finished = program.finish().await;
        assert_eq!((finished.code, &*finished.stdout), (Some(1), ""), "{refusal:?}");
    }
}

/// RFC 9207 §2.4: the code stays here, and what an attacker's error says is not shown.
#[tokio::test]
async fn a_response_of_another_issuer_is_not_followed() {
    for response in [
        &[("code", "the-code")][..],
        &[("code", "the-code"), ("iss", "https://evil.example")],
        &[("code", "the-code"), ("iss", "{issuer}/")],
        &[("error", "access_denied"), ("error_description", "Call 555-0100")],
        &[
            ("error", "access_denied"),
            ("error_description", "Call 555-0100"),
            ("iss", "https://evil.example"),
        ],
    ] {
        let server = AuthorizationServer::start(Manners { response, ..Manners::default() }).await;
        let mut program = start(&least(&server.issuer), &[]);
        browse(&program.address().await).await;
        let finished = program.finish().await;
        assert_eq!((finished.code, &*finished.stdout), (Some(1), ""), "{response:?}");
        assert!(finished.stderr.contains("(iss)"), "{}", finished.stderr);
        assert!(!finished.stderr.contains("Call 555"), "{}", finished.stderr);
        assert!(server.seen().token.is_empty(), "{response:?}");
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_refused() {
    let manners = Manners {
        response: &[("code", "the-code"), ("code", "another"), ("iss", "{issuer}")],
        ..Manners::default()
    };
    let server = AuthorizationServer::start(manners).await;
    let mut program = start(&least(&server.issuer), &[]);
    browse(&program.address().await).await;
    let finished = program.finish().await;
    assert!(finished.stderr.contains("\"code\" more than once"), "{}", finished.stderr);
    assert_eq!(finished.code, Some(1));
    assert!(server.seen().token.is_empty());
}

#[tokio::test]
async fn unfit_metadata_ends_the_command_before_a_browser_opens() {
    type Change = fn(&mut serde_json::Value);
    let cases: [(Change, &str); 4] = [
        (|document| document["issuer"] = "https://evil.example".into(), "character by character"),
        (|document| document["code_challenge_methods_supported"] = serde_json::json!(["plain"]), "S256"),
        (|document| document["token_endpoint"] = "http://evil.example/token".into(), "must be https"),
        (|document| *document = serde_json::json!([]), "is not a metadata document"),
    ];
    for (metadata, reason) in cases {
        let server = AuthorizationServer::start(Manners { metadata, ..Manners::default() }).await;
        let finished = run(&least(&server.issuer), &[]).await;
        assert_eq!((finished.code, &*finished.stdout), (Some(1), ""), "{reason}");
        assert!(finished.stderr.contains(reason), "{reason}: {}", finished.stderr);
        assert!(!finished.stderr.contains("/auth?"), "{}", finished.stderr);
    }
}

#[tokio::test]
async fn where_no_document_is_the_places_are_named() {
    let server = AuthorizationServer::start(Manners { place: "/nowhere", ..Manners::default() }).await;
    let finished = run(&least(&server.issuer), &[]).await;
    assert_eq!(finished.code, Some(1));
    for place in
        ["oauth-authorization-server/realms/a (404)", "/realms/a/.well-known/openid-configuration (404)"]
    {
        assert!(finished.stderr.contains(place), "{place}: {}", finished.stderr);
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_the_way_out() {
    let server = AuthorizationServer::start(Manners::default()).await;
    let blocker = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let callback = format!("http://localhost:{}/callback", blocker.local_addr().unwrap().port());
    let arguments: Vec<&str> = least(&server.issuer)
        .into_iter()
        .map(|word| if word.ends_with("/callback") { &callback } else { word })
        .collect();
    let finished = run(&arguments, &[]).await;
    assert_eq!(finished.code, Some(1));
    let port = blocker.local_addr().unwrap().port();
    assert!(finished.stderr.contains(&format!("port {port} is in use")), "{}", finished.stderr);
    assert!(finished.stderr.contains("--redirect-uri http://localhost:8889/callback"), "{}", finished.stderr);
}

#[tokio::test]
async fn wrong_usage_ends_with_2() {
    for arguments in [
        &["token"][..],
        &["token", "--issuer", "https://as.example", "--client-id", "mcp", "--client-secret", "x"],
        &["token", "--issuer", "nowhere", "--client-id", "mcp"],
        &["mcp", "call", "http://localhost:1/mcp"],
        &["mcp"],
        &["serve", "--hostname", "javascript:x"],
        &["serve", "--hostname", ""],
        &["check-config", "--hostname", "id.example.org"],
    ] {
        assert_eq!(run(arguments, &[]).await.code, Some(2), "{arguments:?}");
    }
}

#[tokio::test]
async fn a_refused_database_address_is_not_repeated() {
    let port = ["--listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0"];
    let named = ["--database", "mysql://user:hush@localhost/sekisho"];
    let arguments: Vec<&str> = ["serve"].into_iter().chain(port).chain(named).collect();
    let finished = run(&arguments, &[]).await;
    assert_eq!(finished.code, Some(1));
    assert!(finished.stderr.contains("mysql:// is not taken"), "{}", finished.stderr);
    assert!(!finished.stderr.contains("hush"), "{}", finished.stderr);
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_is_said_and_ends_with_130() {
    let server = AuthorizationServer::start(Manners::default()).await;
    let mut program = start(&least(&server.issuer), &[]);
    program.address().await;
    let id = program.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let finished = program.finish().await;
    assert_eq!((finished.code, &*finished.stdout), (Some(130), ""));
    assert!(finished.stderr.ends_with("error: stopped"), "{}", finished.stderr);
}
