//! Why was it refused? The log says it, and so do the commands beside the running server.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use sekisho_e2e::cli::{self, Ended};
use sekisho_e2e::http;
use sekisho_e2e::server::Server;
use sekisho_e2e::visitor::Visitor;
use serde_json::{Value, json};
use url::Url;

const EXPLAIN: &[&str] = &["policy", "explain", "--realm", "shop"];
/// How often a command is started until the server has written its events.
const TRIES: usize = 100;

async fn run(server: &Server, words: &[&[&str]]) -> Result<Ended> {
    cli::run(server.beside(&words.concat())?).await
}

async fn explain(server: &Server, words: &[&str]) -> Result<Ended> {
    run(server, &[EXPLAIN, words]).await
}

/// An authorization request without PKCE, as `web` sends it.
fn unsafe_request(server: &Server) -> Result<Url> {
    let mut address = Url::parse(&format!("{}/protocol/openid-connect/auth", server.cast.issuer))?;
    address
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &server.cast.client_id)
        .append_pair("redirect_uri", &server.cast.redirect_uri)
        .append_pair("scope", "openid");
    Ok(address)
}

#[tokio::test]
async fn the_log_and_explain_name_the_rule() -> Result<()> {
    let server = Server::start("shop")?;
    let callback = Visitor::default().open(&unsafe_request(&server)?).await?.away()?;
    ensure!(callback.query().is_some_and(|query| query.contains("code_challenge_method")), "{callback}");
    let logged = server.logged("event.id")?;
    for (field, expected) in [
        ("event.kind", "LOGIN"),
        ("realm.name", "shop"),
        ("client.id", "web"),
        ("error.cause", "PolicyRefused"),
        ("error.description", "Missing parameter: code_challenge_method"),
        ("policy.name", "everyone-uses-pkce"),
        ("policy.profile", "pkce"),
        ("policy.conditions", "any-client"),
        ("policy.executor", "pkce-enforcer"),
    ] {
        assert_eq!(logged[field], expected, "{field} of {logged}");
    }

    let explained = explain(&server, &["--client", "web", "--event", "authorization"]).await?;
    assert_eq!(explained.code, Some(3), "{explained:?}");
    let expected = "\
AUTHORIZATION_REQUEST of web: refused
  error      invalid_request: Missing parameter: code_challenge_method
  policy     everyone-uses-pkce
  profile    pkce
  condition  any-client
  executor   pkce-enforcer

policy everyone-uses-pkce applies
  YES      any-client: holds always
  refuse   pkce/pkce-enforcer: Missing parameter: code_challenge_method

policy hello-is-closed does not apply
  NO       client-scopes: default scopes nothing; optional ones hello; asked for nothing; looks for hello as Default
";
    assert_eq!(explained.stdout, expected);
    let asked = ["--client", "web", "--event", "authorization", "--json"];
    let told: Value = serde_json::from_str(&explain(&server, &asked).await?.stdout)?;
    let outcome = json!({
        "outcome": "refuse", "policy": "everyone-uses-pkce", "profile": "pkce", "conditions": ["any-client"],
        "executor": "pkce-enforcer", "error": "invalid_request",
        "text": "Missing parameter: code_challenge_method",
    });
    assert_eq!(told["outcome"], outcome, "{told}");
    Ok(())
}

#[tokio::test]
async fn exit_codes_tell_let_pass_failure_wrong_usage_and_refusal_apart() -> Result<()> {
    let server = Server::start("shop")?;
    for (words, code, said) in [
        (&["--client", "web", "--event", "client-info"][..], 2, "there is no event"),
        (&["--client", "web", "--event", "token-introspect"], 0, "let pass"),
        (&["--client", "web", "--event", "introspect"], 0, "let pass"),
        (&["--client", "web", "--event", "token-request"], 3, "PKCE code verifier not specified"),
        (&["--client", "web", "--event", "tokn-request"], 2, "did you mean token-request?"),
        (&["--client", "web", "--event", "authorisation"], 2, "did you mean authorization?"),
        (&["--client", "nobody", "--event", "token-request"], 1, "client nobody: "),
        (&["--client", "web"], 2, "--event"),
        (&["--client", "web", "--all-clients"], 2, "cannot be used with"),
        (&["--client", "web", "--event", "token", "--param", "x"], 2, "not NAME=VALUE"),
    ] {
        let ended = explain(&server, words).await?;
        assert_eq!(ended.code, Some(code), "{words:?}: {ended:?}");
        assert!(ended.stdout.contains(said) || ended.stderr.contains(said), "{words:?}: {ended:?}");
        assert_eq!(ended.stdout.is_empty(), matches!(code, 1 | 2), "{words:?}: {ended:?}");
    }
    let ended = run(&server, &[&["policy", "explain", "--realm", "nowhere", "--all-clients"]]).await?;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    Ok(())
}

#[tokio::test]
async fn a_policy_about_nobody_says_why() -> Result<()> {
    let server = Server::start("shop")?;
    let reached = explain(&server, &["--all-clients"]).await?;
    assert_eq!(reached.code, Some(0), "{reached:?}");
    let warning = "  warning    policy \"hello-is-closed\" is about no client: condition client-scopes: no client has hello \
                   as a default scope, but 1 as an optional one: type Optional is about those";
    for expected in ["policy everyone-uses-pkce\n  always     ", "laptop", warning] {
        assert!(reached.stdout.contains(expected), "no {expected}: {}", reached.stdout);
    }
    let told: Value = serde_json::from_str(&explain(&server, &["--all-clients", "--json"]).await?.stdout)?;
    let warned = told.as_array().context("a list")?.iter().filter(|policy| policy["warnings"] != json!([]));
    assert_eq!(warned.map(|policy| &policy["policy"]).collect::<Vec<_>>(), [&json!("hello-is-closed")]);
    Ok(())
}

#[tokio::test]
async fn changed_policies_are_tried_on_what_was_recorded() -> Result<()> {
    let server = Server::start("shop")?;
    let cast = &server.cast;
    Visitor::default().open(&unsafe_request(&server)?).await?.away()?;
    let token = format!("{}/protocol/openid-connect/token", cast.issuer);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &cast.client_id),
        ("client_secret", &cast.client_secret),
    ];
    assert_eq!(http::post_form(&token, &form).await?.status, 200);

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("proposed.json");
    let path = file.to_str().context("a path")?.to_owned();
    let try_out = async |document: &Value, more: &[&str]| -> Result<Ended> {
        fs::write(&file, document.to_string())?;
        let words = ["policy", "dry-run", &path, "--realm", "shop"];
        for _ in 0..TRIES {
            let found = run(&server, &[&words, more]).await?;
            // The server writes its events in a moment; until then there is less to judge.
            if found.code == Some(1)
                || found.stdout.contains("judged\": 2")
                || found.stdout.contains("judged                   2")
            {
                return Ok(found);
            }
        }
        anyhow::bail!("the events are not written")
    };

    let closed = json!({"clientPolicies": {"policies": [{
        "name": "closed", "enabled": true, "conditions": [{"condition": "any-client"}], "profiles": ["closed"]}]}});
    let found = try_out(&closed, &[]).await?;
    assert_eq!(found.code, Some(3), "{found:?}");
    let refused = "refused by policy closed, profile closed, executor reject-request (invalid_request: Request not allowed)";
    for expected in [
        "  newly refused            1\n",
        "  refused by another rule  1\n",
        "SERVICE_ACCOUNT_TOKEN_REQUEST of web, event ",
        &format!("  today    let pass\n  changed  {refused}\n"),
    ] {
        assert!(found.stdout.contains(expected), "no {expected}: {}", found.stdout);
    }

    let none = json!({"clientPolicies": {"policies": []}});
    let found = try_out(&none, &["--json"]).await?;
    assert_eq!(found.code, Some(3), "{found:?}");
    let told: Value = serde_json::from_str(&found.stdout)?;
    assert_eq!((&told["newly_refused"], &told["newly_passed"]), (&json!(0), &json!(1)), "{told}");
    assert_eq!(told["differences"][0]["before"]["executor"], "pkce-enforcer", "{told}");

    let realm: Value =
        serde_json::from_slice(&fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/realms/shop.json"))?)?;
    let found = try_out(&realm, &[]).await?;
    assert_eq!(found.code, Some(0), "the same policies: {found:?}");

    let mistyped = json!({"clientPolicies": {"policies": [{"name": "x", "profiles": ["no-such"]}]}});
    let found = try_out(&mistyped, &[]).await?;
    assert_eq!(found.code, Some(1), "{found:?}");
    assert!(found.stderr.contains("no-such"), "{found:?}");
    Ok(())
}
