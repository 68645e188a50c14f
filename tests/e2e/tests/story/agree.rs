//! A person agrees, or does not.

use anyhow::Result;
use sekisho_e2e::cli::{self, Waiting};
use sekisho_e2e::code_flow::{CodeFlow, access_token, parameter, sign_in, sign_in_and_agree};
use sekisho_e2e::demo::Demo;
use sekisho_e2e::http;
use sekisho_e2e::mcp::{self, Token};
use sekisho_e2e::visitor::Visitor;

#[tokio::test]
async fn the_token_that_a_person_agreed_to_opens_the_tool() -> Result<()> {
    let demo = Demo::start()?;
    let cast = &demo.cast;
    let mut command = cli::token(cast, "hello", &demo.protected_mcp)?;
    command.arg("--no-browser");
    let waiting = Waiting::start(command).await?;
    let callback = sign_in_and_agree(&mut Visitor::default(), cast, &waiting.address).await?;
    let shown = http::get(callback.as_str()).await?;
    assert_eq!(shown.status, 200, "{}", shown.body);
    let login = waiting.finish().await?;
    assert_eq!(login.code, Some(0), "{login:?}");

    let mut call = cli::call_hello(&demo.protected_mcp)?;
    call.env("SEKISHO_TOKEN", login.stdout.trim());
    let called = cli::run(call).await?;
    assert_eq!((called.code, called.stdout.as_str()), (Some(0), "Hello.\n"), "{called:?}");
    Ok(())
}

#[tokio::test]
async fn a_client_finds_its_way_from_the_server_alone() -> Result<()> {
    let demo = Demo::start()?;
    let mut command = cli::call_hello_as_client(&demo.protected_mcp, &demo.cast)?;
    command.arg("--no-browser");
    let waiting = Waiting::start(command).await?;
    assert_eq!(parameter(&waiting.address, "resource").as_deref(), Some(demo.protected_mcp.as_str()));
    let callback = sign_in_and_agree(&mut Visitor::default(), &demo.cast, &waiting.address).await?;
    http::get(callback.as_str()).await?;
    let called = waiting.finish().await?;
    assert_eq!((called.code, called.stdout.as_str()), (Some(0), "Hello.\n"), "{called:?}");
    Ok(())
}

#[tokio::test]
async fn the_open_server_asks_nobody() -> Result<()> {
    let demo = Demo::start()?;
    let called = cli::run(cli::call_hello(&demo.open_mcp)?).await?;
    assert_eq!((called.code, called.stdout.as_str()), (Some(0), "Hello.\n"), "{called:?}");
    Ok(())
}

#[tokio::test]
async fn a_token_in_the_header_is_taken() -> Result<()> {
    let demo = Demo::start()?;
    let token = access_token(&demo.cast, "hello", &[&demo.protected_mcp]).await?;
    let answer = mcp::initialize(&demo.protected_mcp, Token::Header(&token)).await?;
    assert_eq!(answer.status, 200, "{}", answer.body);
    Ok(())
}

#[tokio::test]
async fn a_person_who_denies_sends_the_client_away_with_access_denied() -> Result<()> {
    let demo = Demo::start()?;
    let cast = &demo.cast;
    let mut command = cli::token(cast, "hello", &demo.protected_mcp)?;
    command.arg("--no-browser");
    let waiting = Waiting::start(command).await?;
    let mut visitor = Visitor::default();
    let consent = sign_in(&mut visitor, cast, &waiting.address).await?.page()?;
    let callback = visitor.press(&consent, &consent.consent()?, "kc-cancel").await?.away()?;
    assert_eq!(parameter(&callback, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&callback, "iss").as_deref(), Some(cast.issuer.as_str()), "RFC 9207: errors too");
    http::get(callback.as_str()).await?;
    let ended = waiting.finish().await?;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{ended:?}");
    Ok(())
}

#[tokio::test]
async fn a_scope_that_was_not_ticked_is_not_granted() -> Result<()> {
    let demo = Demo::start()?;
    let cast = &demo.cast;
    let flow = CodeFlow::begin(cast, "openid hello", &[&demo.protected_mcp]).await?;
    let mut visitor = Visitor::default();
    let consent = sign_in(&mut visitor, cast, &flow.authorization).await?.page()?;
    let mut form = consent.consent()?;
    assert!(form.values("scope").contains(&"hello"), "a box per optional scope");
    form.tick("scope", &[]);
    let callback = visitor.press(&consent, &form, "kc-login").await?.away()?;
    let answer = flow.redeem(cast, &callback).await?;
    let granted = answer.json()?["scope"].as_str().unwrap_or_default().to_owned();
    assert!(!granted.split(' ').any(|scope| scope == "hello"), "{granted}");
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_brings_the_page_back_with_the_name_kept() -> Result<()> {
    let demo = Demo::start()?;
    let flow = CodeFlow::begin(&demo.cast, "hello", &[&demo.protected_mcp]).await?;
    let mut visitor = Visitor::default();
    let login = visitor.open(&flow.authorization).await?.page()?;
    let mut form = login.form("kc-form-login")?;
    form.fill("username", &demo.cast.username);
    form.fill("password", "wrong");
    let again = visitor.press(&login, &form, "kc-login").await?.page()?;
    let form = again.form("kc-form-login")?;
    assert_eq!(again.answer.status, 200);
    assert_eq!(form.values("username"), [demo.cast.username.as_str()]);
    assert_eq!(form.values("password"), [""]);
    Ok(())
}
