//! Clients and a guard that others wrote, on our tokens.

mod administration;

use anyhow::Result;
use sekisho_e2e::cli;
use sekisho_e2e::clients::{self, Talking};
use sekisho_e2e::code_flow::{access_token, sign_in_and_agree};
use sekisho_e2e::demo::Demo;
use sekisho_e2e::mcp::{self, Token};
use sekisho_e2e::server::Server;
use sekisho_e2e::visitor::Visitor;
use serde_json::Value;

#[tokio::test]
async fn the_inspector_calls_the_protected_tool() -> Result<()> {
    let demo = Demo::start()?;
    let token = access_token(&demo.cast, "hello", &[&demo.protected_mcp]).await?;
    let mut inspector = clients::node_package("mcp-inspector")?;
    inspector.args(["--cli", &demo.protected_mcp, "--transport", "http", "--method", "tools/call"]);
    inspector.args(["--tool-name", "hello", "--header", &format!("Authorization: Bearer {token}")]);
    let called = cli::run(inspector).await?;
    assert_eq!(called.code, Some(0), "{called:?}");
    let result: Value = serde_json::from_str(&called.stdout)?;
    assert_eq!(result["content"][0]["text"], "Hello.");
    Ok(())
}

#[tokio::test]
async fn openid_client_goes_from_login_to_logout() -> Result<()> {
    let server = Server::start("app")?;
    let cast = &server.cast;
    for method in ["client_secret_basic", "client_secret_post"] {
        let mut command = clients::node("openid.mjs")?;
        command.args(["--issuer", &cast.issuer, "--client-id", &cast.client_id, "--auth-method", method]);
        command.args(["--redirect-uri", &cast.redirect_uri, "--scope", "openid profile"]);
        command.args(["--post-logout-redirect-uri", "http://localhost:8888/gone"]);
        command.env("SEKISHO_CLIENT_SECRET", &cast.client_secret);
        let client = Talking::start(command).await?;
        let callback = sign_in_and_agree(&mut Visitor::default(), cast, &client.address).await?;
        let ended = client.finish(&callback).await?;
        assert_eq!(ended.code, Some(0), "{method}: {ended:?}");
        let steps: Value = serde_json::from_str(&ended.stdout)?;
        assert_eq!(steps["userinfo"]["preferred_username"], cast.username.as_str(), "{steps}");
        assert_eq!(steps["userinfo"]["sub"], steps["subject"], "{steps}");
        assert_eq!(steps["refreshed"], true, "{steps}");
        assert_eq!(steps["activeBeforeRevocation"], true, "{steps}");
        assert_eq!(steps["activeAfterRevocation"], false, "{steps}");
        assert_eq!(steps["serviceTokenType"], "bearer", "{steps}");
        assert_eq!(steps["logoutStatus"], 302, "{steps}");
    }
    Ok(())
}

#[tokio::test]
async fn the_python_client_gets_a_token_by_itself_and_calls_the_protected_tool() -> Result<()> {
    let demo = Demo::start()?;
    let cast = &demo.cast;
    for method in ["client_secret_basic", "client_secret_post"] {
        let mut command = clients::python("client", "call_hello.py")?;
        command.args([&demo.protected_mcp, "--issuer", &cast.issuer, "--client-id", &cast.client_id]);
        command.args(["--redirect-uri", &cast.redirect_uri, "--auth-method", method]);
        command.env("SEKISHO_CLIENT_SECRET", &cast.client_secret);
        let client = Talking::start(command).await?;
        let callback = sign_in_and_agree(&mut Visitor::default(), cast, &client.address).await?;
        let called = client.finish(&callback).await?;
        assert_eq!((called.code, called.stdout.trim()), (Some(0), "Hello."), "{method}: {called:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_python_server_behind_mcpauth_takes_our_token_and_refuses_one_without_the_scope() -> Result<()> {
    let demo = Demo::start()?;
    let cast = &demo.cast;
    let mut command = clients::python("server", "server.py")?;
    command.args(["--issuer", &cast.issuer, "--audience", &demo.protected_mcp, "--scope", "hello"]);
    let server = Talking::start(command).await?;
    for (scope, status) in [("hello", 200), ("openid", 403)] {
        let token = access_token(cast, scope, &[&demo.protected_mcp]).await?;
        let answer = mcp::initialize(server.address.as_str(), Token::Header(&token)).await?;
        assert_eq!(answer.status, status, "{scope}: {}", answer.body);
    }
    let elsewhere = access_token(cast, "hello", &[]).await?;
    let answer = mcp::initialize(server.address.as_str(), Token::Header(&elsewhere)).await?;
    assert_eq!(answer.status, 401, "another audience: {}", answer.body);
    Ok(())
}
