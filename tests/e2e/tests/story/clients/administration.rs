//! Administration by the libraries that people use with Keycloak: the story from nothing, then a sign-in that is
//! let through or refused as the policy says.

use anyhow::{Context as _, Result};
use sekisho_e2e::cast::Cast;
use sekisho_e2e::cli;
use sekisho_e2e::clients;
use sekisho_e2e::code_flow::{self, CodeFlow, access_token};
use sekisho_e2e::server::{ADMINISTRATOR_PASSWORD, Server};
use sekisho_e2e::visitor::Visitor;
use serde_json::Value;
use tokio::process::Command;

async fn set_up(mut command: Command) -> Result<Value> {
    command.env("SEKISHO_ADMIN_PASSWORD", ADMINISTRATOR_PASSWORD);
    let ended = cli::run(command).await?;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    Ok(serde_json::from_str(ended.stdout.lines().last().context("no output")?)?)
}

/// A confidential client that asks for `hello` gets it; a public one is refused, and only when it asks.
async fn the_policy_decides(story: &Value) -> Result<()> {
    let cast: Cast = serde_json::from_value(story["cast"].clone())?;
    let token = access_token(&cast, "openid hello", &[]).await?;
    assert_eq!(token.split('.').count(), 3);

    let public = story["public"].as_str().context("no public client")?.to_owned();
    let public = Cast { client_id: public, client_secret: String::new(), ..cast };
    let refused = CodeFlow::begin(&public, "openid hello", &[]).await?;
    let away = Visitor::default().open(&refused.authorization).await?.away()?;
    assert_eq!(code_flow::parameter(&away, "error").as_deref(), Some("invalid_client"), "{away}");
    let says = code_flow::parameter(&away, "error_description");
    assert_eq!(says.as_deref(), Some("invalid client access type: public"));
    access_token(&public, "openid", &[]).await?;
    Ok(())
}

#[tokio::test]
async fn python_keycloak_sets_the_story_up_from_nothing() -> Result<()> {
    let server = Server::start_empty()?;
    let mut command = clients::python("admin", "story.py")?;
    command.args([server.address.as_str(), "--realm", "python"]);
    let story = set_up(command).await?;
    assert_eq!(story["conflict"], 409, "{story}");
    let warning = story["warning"].as_str().unwrap_or_default();
    assert!(warning.contains("type Optional"), "{story}");
    assert_eq!(story["silence"], Value::Null, "{story}");
    the_policy_decides(&story).await
}

#[tokio::test]
async fn keycloak_admin_client_sets_the_story_up_from_nothing() -> Result<()> {
    let server = Server::start_empty()?;
    let mut command = clients::node("admin.mjs")?;
    command.args(["--server", server.address.as_str(), "--realm", "node"]);
    let story = set_up(command).await?;
    assert_eq!(story["conflict"], 409, "{story}");
    assert_eq!(story["policies"][0]["profiles"][0], "oauth2.1-client-secret", "{story}");
    the_policy_decides(&story).await
}
