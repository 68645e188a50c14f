//! What happened, and what happens now? `sekisho events` beside the running server.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use sekisho_e2e::cli;
use sekisho_e2e::http;
use sekisho_e2e::server::Server;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::ChildStdout;
use tokio::time::timeout;

/// How long the next event may take before the test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// Asks for a token with this secret, and says what came of it.
async fn ask(server: &Server, secret: &str) -> Result<u16> {
    let token = format!("{}/protocol/openid-connect/token", server.cast.issuer);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &server.cast.client_id),
        ("client_secret", secret),
    ];
    Ok(http::post_form(&token, &form).await?.status.as_u16())
}

async fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Result<String> {
    let line = timeout(PATIENCE, lines.next_line()).await.context("no event comes")??;
    line.context("the command ended")
}

#[tokio::test]
async fn events_are_listed_and_followed() -> Result<()> {
    let server = Server::start("shop")?;
    assert_eq!(ask(&server, "a wrong secret").await?, 401);
    let words = ["events", "--realm", "shop", "--client", "web", "--follow", "--json"];
    let mut child = server.beside(&words)?.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("no stdout")?).lines();
    let refused: Value = serde_json::from_str(&next(&mut lines).await?)?;
    assert_eq!(refused["type"], "CLIENT_LOGIN_ERROR", "{refused}");
    assert_eq!(refused["error"], "invalid_client_credentials", "{refused}");

    assert_eq!(ask(&server, &server.cast.client_secret).await?, 200);
    let granted: Value = serde_json::from_str(&next(&mut lines).await?)?;
    assert_eq!(
        (&granted["type"], &granted["clientId"]),
        (&json!("CLIENT_LOGIN"), &json!("web")),
        "{granted}"
    );

    // Both are written by now.
    let listed = async |more: &[&str]| {
        cli::run(server.beside(&[&["events", "--realm", "shop"], more].concat())?).await
    };
    let all = listed(&[]).await?;
    assert_eq!((all.code, all.stdout.lines().count()), (Some(0), 2), "{all:?}");
    let first = all.stdout.lines().next().context("a line")?;
    assert!(first.contains("Z  CLIENT_LOGIN_ERROR  client=web  "), "{first}");
    assert!(first.contains("  error=invalid_client_credentials"), "{first}");
    for (more, lines) in [
        (&["--type", "client-login"][..], 1),
        (&["--type", "client-login", "--type", "CLIENT_LOGIN_ERROR", "--since", "1d"], 2),
        (&["--max", "1"], 1),
        (&["--client", "nobody"], 0),
    ] {
        let found = listed(more).await?;
        assert_eq!((found.code, found.stdout.lines().count()), (Some(0), lines), "{more:?} {found:?}");
    }
    // One is asked for: the one before it is recent, and does not come as if it were new.
    let words = ["events", "--realm", "shop", "--max", "1", "--follow", "--json"];
    let mut last = server.beside(&words)?.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut lines = BufReader::new(last.stdout.take().context("no stdout")?).lines();
    let newest: Value = serde_json::from_str(&next(&mut lines).await?)?;
    assert_eq!(newest["id"], granted["id"], "{newest}");
    assert_eq!(ask(&server, "a wrong secret").await?, 401);
    let coming: Value = serde_json::from_str(&next(&mut lines).await?)?;
    assert!(coming["type"] == "CLIENT_LOGIN_ERROR" && coming["id"] != refused["id"], "{coming}");
    for (more, code, said) in [
        (&["--user", "nobody"][..], 1, "has no user nobody"),
        (&["--since", "tomorrow"], 2, "such as 2h"),
        (&["--type", "logon"], 2, "such as LOGIN_ERROR"),
    ] {
        let ended = listed(more).await?;
        assert_eq!(ended.code, Some(code), "{more:?} {ended:?}");
        assert!(ended.stderr.contains(said), "{more:?} {ended:?}");
    }
    Ok(())
}
