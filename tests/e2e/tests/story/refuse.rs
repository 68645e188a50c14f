//! Whoever the protected server turns away, and what it says (RFC 6750 §3, RFC 9728 §5).

use anyhow::{Context as _, Result};
use http::header::WWW_AUTHENTICATE;
use sekisho_e2e::code_flow::{CodeFlow, access_token, parameter};
use sekisho_e2e::demo::Demo;
use sekisho_e2e::http as plain;
use sekisho_e2e::mcp::{self, Token};
use sekisho_e2e::visitor::Visitor;
use serde_json::json;
use url::Url;

#[tokio::test]
async fn no_token_is_answered_with_the_way_to_one() -> Result<()> {
    let demo = Demo::start()?;
    let answer = mcp::initialize(&demo.protected_mcp, Token::Absent).await?;
    assert_eq!(answer.status, 401);
    assert_eq!(mcp::challenge(&answer, "scope").as_deref(), Some("hello"));
    assert_eq!(
        mcp::challenge(&answer, "error"),
        None,
        "RFC 6750 §3.1: nothing was wrong with what was not sent"
    );

    let server = Url::parse(&demo.protected_mcp)?;
    let named = mcp::challenge(&answer, "resource_metadata").context("no resource_metadata")?;
    let by_path = server.join(&format!("/.well-known/oauth-protected-resource{}", server.path()))?;
    let at_root = server.join("/.well-known/oauth-protected-resource")?;
    for place in [named.as_str(), by_path.as_str(), at_root.as_str()] {
        let metadata = plain::get(place).await?.json().context(place.to_owned())?;
        assert_eq!(metadata["resource"], json!(demo.protected_mcp), "{place}");
        assert_eq!(metadata["authorization_servers"], json!([demo.cast.issuer]), "{place}");
        assert_eq!(metadata["scopes_supported"], json!(["hello"]), "{place}");
        assert_eq!(metadata["bearer_methods_supported"], json!(["header"]), "{place}");
    }
    Ok(())
}

#[tokio::test]
async fn a_token_without_the_scope_is_told_which_one() -> Result<()> {
    let demo = Demo::start()?;
    let token = access_token(&demo.cast, "openid", &[&demo.protected_mcp]).await?;
    let answer = mcp::initialize(&demo.protected_mcp, Token::Header(&token)).await?;
    assert_eq!(answer.status, 403, "{}", answer.body);
    assert_eq!(mcp::challenge(&answer, "error").as_deref(), Some("insufficient_scope"));
    assert_eq!(mcp::challenge(&answer, "scope").as_deref(), Some("hello"));
    assert!(mcp::challenge(&answer, "resource_metadata").is_some());
    Ok(())
}

#[tokio::test]
async fn a_token_in_the_query_is_refused() -> Result<()> {
    let demo = Demo::start()?;
    let token = access_token(&demo.cast, "hello", &[&demo.protected_mcp]).await?;
    let answer = mcp::initialize(&demo.protected_mcp, Token::Query(&token)).await?;
    assert!(answer.status == 400 || answer.status == 401, "{}", answer.status);
    Ok(())
}

#[tokio::test]
async fn a_token_for_another_resource_is_refused() -> Result<()> {
    let demo = Demo::start()?;
    let token = access_token(&demo.cast, "hello", &[&demo.open_mcp]).await?;
    refuses(&demo, &token).await
}

#[tokio::test]
async fn a_token_for_no_resource_is_refused() -> Result<()> {
    let demo = Demo::start()?;
    let token = access_token(&demo.cast, "hello", &[]).await?;
    refuses(&demo, &token).await
}

#[tokio::test]
async fn a_token_of_another_issuer_is_refused() -> Result<()> {
    let (demo, other) = (Demo::start()?, Demo::start()?);
    let token = access_token(&other.cast, "hello", &[&other.protected_mcp]).await?;
    refuses(&demo, &token).await
}

#[tokio::test]
async fn a_token_with_a_changed_signature_is_refused() -> Result<()> {
    let demo = Demo::start()?;
    let token = access_token(&demo.cast, "hello", &[&demo.protected_mcp]).await?;
    let (signed, signature) = token.rsplit_once('.').context("not a JWS")?;
    let mirrored: String = signature.chars().rev().collect();
    refuses(&demo, &format!("{signed}.{mirrored}")).await
}

#[tokio::test]
async fn words_that_are_no_token_are_refused() -> Result<()> {
    let demo = Demo::start()?;
    for token in ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        refuses(&demo, token).await.with_context(|| format!("{token:?}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn an_empty_token_is_none() -> Result<()> {
    let demo = Demo::start()?;
    let answer = mcp::initialize(&demo.protected_mcp, Token::Header("")).await?;
    assert_eq!(answer.status, 401, "{}", answer.body);
    assert!(mcp::challenge(&answer, "resource_metadata").is_some());
    Ok(())
}

#[tokio::test]
async fn a_resource_that_nobody_registered_is_an_invalid_target() -> Result<()> {
    let demo = Demo::start()?;
    let flow = CodeFlow::begin(&demo.cast, "hello", &["http://localhost:1/elsewhere"]).await?;
    let callback = Visitor::default().open(&flow.authorization).await?.away()?;
    let error = parameter(&callback, "error");
    assert_eq!(error.as_deref(), Some("invalid_target"), "RFC 8707 §2: {callback}");
    Ok(())
}

/// 401 with `invalid_token` and the way to a good one.
async fn refuses(demo: &Demo, token: &str) -> Result<()> {
    let answer = mcp::initialize(&demo.protected_mcp, Token::Header(token)).await?;
    assert_eq!(answer.status, 401, "{}", answer.body);
    let challenge = answer.header(WWW_AUTHENTICATE);
    assert_eq!(mcp::challenge(&answer, "error").as_deref(), Some("invalid_token"), "{challenge}");
    assert!(mcp::challenge(&answer, "resource_metadata").is_some(), "{challenge}");
    Ok(())
}
