//! `sekisho token`: the ways that end with a token.

use serde_json::Value;

use super::authorization_server::{AuthorizationServer, Manners, find, has, token, token_response};
use super::program::{browse, run, start, visit};

const CALLBACK: &str = "http://127.0.0.1:0/callback";

#[tokio::test]
async fn token_alone_is_on_stdout() {
    let server = AuthorizationServer::start(Manners::default()).await;
    let arguments = [
        "token",
        "--issuer",
        &server.issuer,
        "--client-id",
        "mcp",
        "--scope",
        "openid hello",
        "--resource",
        "http://localhost:3001/mcp",
        "--redirect-uri",
        CALLBACK,
        "--no-browser",
    ];
    let mut program = start(&arguments, &[("SEKISHO_CLIENT_SECRET", "s3cret")]);
    let address = program.address().await;
    assert!(!address.as_str().contains("s3cret"), "{address}");
    assert_eq!(browse(&address).await.status(), 200);
    let finished = program.finish().await;

    assert_eq!(finished.stdout, format!("{}\n", token("openid hello")));
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    for part in ["scope     openid hello", "audience  the-audience", "expires   in 5 minutes"] {
        assert!(finished.stderr.contains(part), "{part}: {}", finished.stderr);
    }
    assert!(!finished.stderr.contains("s3cret") && !finished.stderr.contains('\x1b'), "{}", finished.stderr);

    let seen = server.seen();
    assert_eq!(find(&seen.authorization[0], "resource"), "http://localhost:3001/mcp");
    assert_eq!(find(&seen.authorization[0], "code_challenge_method"), "S256");
    let [(authorization, form)] = &seen.token[..] else { panic!("one exchange") };
    // base64("mcp:s3cret")
    assert_eq!(authorization.as_deref(), Some("Basic bWNwOnMzY3JldA=="));
    assert_eq!(find(form, "resource"), "http://localhost:3001/mcp");
    assert_eq!(find(form, "grant_type"), "authorization_code");
    assert!(!has(form, "client_id") && !has(form, "client_secret"), "{form:?}");
}

#[tokio::test]
async fn a_client_without_a_secret_names_itself_in_the_body() {
    let server = AuthorizationServer::start(Manners::default()).await;
    let mut program = start(&least(&server.issuer), &[("SEKISHO_CLIENT_SECRET", "")]);
    browse(&program.address().await).await;
    let finished = program.finish().await;
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let [(authorization, form)] = &server.seen().token[..] else { panic!("one exchange") };
    assert_eq!(authorization, &None);
    assert_eq!(find(form, "client_id"), "mcp");
}

#[tokio::test]
async fn json_is_the_whole_token_response() {
    let server = AuthorizationServer::start(Manners::default()).await;
    let arguments = [&least(&server.issuer)[..], &["--json", "--scope", "hello"]].concat();
    let mut program = start(&arguments, &[]);
    browse(&program.address().await).await;
    let finished = program.finish().await;
    assert_eq!(serde_json::from_str::<Value>(&finished.stdout).unwrap(), token_response("hello"));
}

#[tokio::test]
async fn metadata_is_found_in_each_of_its_places() {
    for place in [
        "/.well-known/oauth-authorization-server/realms/a",
        "/.well-known/openid-configuration/realms/a",
        "/realms/a/.well-known/openid-configuration",
    ] {
        let server = AuthorizationServer::start(Manners { place, ..Manners::default() }).await;
        let mut program = start(&least(&server.issuer), &[]);
        browse(&program.address().await).await;
        assert_eq!(program.finish().await.code, Some(0), "{place}");
    }
}

#[tokio::test]
async fn a_server_that_never_promised_iss_may_leave_it_out() {
    let manners = Manners {
        metadata: |document| document["authorization_response_iss_parameter_supported"] = false.into(),
        response: &[("code", "the-code")],
        ..Manners::default()
    };
    let server = AuthorizationServer::start(manners).await;
    let mut program = start(&least(&server.issuer), &[]);
    browse(&program.address().await).await;
    assert_eq!(program.finish().await.code, Some(0));
}

#[tokio::test]
async fn responses_of_another_login_do_not_end_this_one() {
    let server = AuthorizationServer::start(Manners::default()).await;
    let mut program = start(&least(&server.issuer), &[]);
    let address = program.address().await;
    let callback = callback_of(&address);
    for (query, status) in [("?code=x&state=y", 400), ("?error=access_denied", 400), ("", 400)] {
        assert_eq!(visit(&format!("{callback}{query}"), "en").await.status(), status, "{query}");
    }
    let favicon = callback.replace("/callback", "/favicon.ico");
    assert_eq!(visit(&favicon, "en").await.status(), 404);
    assert!(server.seen().token.is_empty());
    browse(&address).await;
    let finished = program.finish().await;
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(server.seen().token.len(), 1);
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_browser_and_may_do_nothing() {
    let server = AuthorizationServer::start(Manners::default()).await;
    let mut program = start(&least(&server.issuer), &[]);
    let callback = callback_of(&program.address().await);
    for (language, text) in [("en", "older one"), ("ja,en;q=0.5", "以前のログイン")] {
        let response = visit(&callback, language).await;
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(response.text().await.unwrap().contains(text), "{language}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_browser_of_the_environment_gets_the_address_as_one_argument() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let (pipe, script) = (folder.path().join("pipe"), folder.path().join("browser"));
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let text = format!("#!/bin/sh\nprintf '%s|%s' \"$#\" \"$1\" > '{}'\n", pipe.display());
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();

    let server = AuthorizationServer::start(Manners::default()).await;
    let arguments: Vec<&str> =
        least(&server.issuer).into_iter().filter(|word| *word != "--no-browser").collect();
    let mut program = start(&arguments, &[("BROWSER", script.to_str().unwrap())]);
    let address = program.address().await;
    let opened = tokio::task::spawn_blocking(move || std::fs::read_to_string(pipe)).await.unwrap().unwrap();
    assert_eq!(opened, format!("1|{address}"));
    browse(&address).await;
    assert_eq!(program.finish().await.code, Some(0));
}

/// The shortest command line there is, without a browser and on any free port.
pub(crate) fn least(issuer: &str) -> [&str; 8] {
    ["token", "--issuer", issuer, "--client-id", "mcp", "--redirect-uri", CALLBACK, "--no-browser"]
}

pub(crate) fn callback_of(address: &url::Url) -> String {
    address.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned()
}

#[tokio::test]
async fn help_has_an_example_and_the_exit_codes() {
    for command in ["token", "mcp"] {
        let finished = run(&[command, "--help"], &[]).await;
        assert_eq!(finished.code, Some(0));
        for part in ["Example", "Exit codes:", "SEKISHO_CLIENT_SECRET"] {
            assert!(finished.stdout.contains(part), "{command} {part}");
        }
    }
}
