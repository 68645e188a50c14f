//! The same with Chromium: pages as a person sees them, in both languages, wide and narrow.

use anyhow::{Context as _, Result};
use sekisho_e2e::chromium::{self, Decision, Manner, Script, Visit};
use sekisho_e2e::cli;
use sekisho_e2e::code_flow::{CodeFlow, parameter};
use sekisho_e2e::demo::Demo;

#[tokio::test]
async fn chromium_logs_in_and_agrees_and_the_tool_answers() -> Result<()> {
    let demo = Demo::start()?;
    let cast = &demo.cast;
    let folder = tempfile::tempdir()?;
    let mut command = cli::token(cast, "hello", &demo.protected_mcp)?;
    command.env("BROWSER", chromium::browser_program(folder.path(), cast, Manner::default())?);
    let login = cli::run(command).await?;
    assert_eq!(login.code, Some(0), "{login:?}");

    let mut call = cli::call_hello(&demo.protected_mcp)?;
    call.env("SEKISHO_TOKEN", login.stdout.trim());
    let called = cli::run(call).await?;
    assert_eq!((called.code, called.stdout.as_str()), (Some(0), "Hello.\n"), "{called:?}");
    Ok(())
}

#[tokio::test]
async fn every_page_works_in_both_languages_wide_and_narrow_with_and_without_script() -> Result<()> {
    for (language, viewport, script) in [
        ("en", "1280x800", Script::On),
        ("en", "320x640", Script::Off),
        ("ja", "1280x800", Script::Off),
        ("ja", "320x640", Script::On),
    ] {
        // One each: who has agreed before is not asked again.
        let demo = Demo::start()?;
        let manner = Manner { language, viewport, script, ..Manner::default() };
        let visit = visit(&demo, manner).await?;
        assert_eq!(visit.trail(), ["login", "consent"], "{language} {viewport}");
        assert!(parameter(&visit.callback()?, "code").is_some());
        assert_eq!(visit.messages, [""; 0], "the console is quiet");
        for page in &visit.pages {
            assert_eq!(page.language, language, "{}", page.title);
            assert!(!page.overflows, "{} at {viewport}", page.title);
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_consent_page_says_where_the_answer_goes_and_what_it_opens() -> Result<()> {
    let demo = Demo::start()?;
    let visit = visit(&demo, Manner::default()).await?;
    let consent = visit.pages.last().context("no page")?;
    assert_eq!(consent.scopes, ["hello"]);
    assert!(consent.text.contains("localhost"), "the redirect host: {}", consent.text);
    assert!(consent.text.contains(&demo.protected_mcp), "the resource: {}", consent.text);
    Ok(())
}

#[tokio::test]
async fn denying_in_chromium_comes_back_as_access_denied() -> Result<()> {
    let demo = Demo::start()?;
    let visit = visit(&demo, Manner { decision: Decision::Deny, ..Manner::default() }).await?;
    assert_eq!(parameter(&visit.callback()?, "error").as_deref(), Some("access_denied"));
    Ok(())
}

async fn visit(demo: &Demo, manner: Manner<'_>) -> Result<Visit> {
    let flow = CodeFlow::begin(&demo.cast, "hello", &[&demo.protected_mcp]).await?;
    chromium::follow(&demo.cast, &flow.authorization, manner).await
}
