//! Shows what an MCP server answered: text on stdout, or all of it as JSON.

use std::process::ExitCode;

use rmcp::model::{CallToolResult, ContentBlock, ResourceContents, Tool};
use serde::Serialize;
use serde_json::json;

use super::Outcome;
use crate::output;

/// Prints the outcome; a tool that failed makes the command fail.
pub(crate) fn show(outcome: &Outcome, json: bool) -> anyhow::Result<ExitCode> {
    match outcome {
        Outcome::Tools(tools) if json => whole(&json!({ "tools": tools }))?,
        Outcome::Tools(tools) => list(tools)?,
        Outcome::Called(result) if json => whole(result)?,
        Outcome::Called(result) => answer(result)?,
    }
    let failed = matches!(outcome, Outcome::Called(result) if result.is_error == Some(true));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn whole(value: &impl Serialize) -> anyhow::Result<()> {
    Ok(output::data(&serde_json::to_string_pretty(value)?)?)
}

fn list(tools: &[Tool]) -> anyhow::Result<()> {
    if tools.is_empty() {
        output::note("The server has no tools.");
    }
    let width = tools.iter().map(|tool| tool.name.chars().count()).max().unwrap_or_default();
    for tool in tools {
        output::foreign_data(&line(tool, width))?;
    }
    Ok(())
}

/// Name and the first line of the description.
fn line(tool: &Tool, width: usize) -> String {
    let description = tool.description.as_deref().unwrap_or_default();
    let first = description.lines().next().unwrap_or_default();
    format!("{:<width$}  {first}", tool.name).trim_end().to_owned()
}

fn answer(result: &CallToolResult) -> anyhow::Result<()> {
    let mut shown = false;
    for block in &result.content {
        match text(block) {
            Ok(text) => {
                output::foreign_data(text)?;
                shown = true;
            }
            Err(kind) => output::note(format_args!("({kind}; --json shows it)")),
        }
    }
    match &result.structured_content {
        Some(content) if !shown => whole(content),
        _ => Ok(()),
    }
}

/// The text of a block, or what else it is.
fn text(block: &ContentBlock) -> Result<&str, &'static str> {
    match block {
        ContentBlock::Text(content) => Ok(&content.text),
        ContentBlock::Resource(embedded) => match &embedded.resource {
            ResourceContents::TextResourceContents { text, .. } => Ok(text),
            _ => Err("a binary resource"),
        },
        ContentBlock::Image(_) => Err("an image"),
        ContentBlock::Audio(_) => Err("audio"),
        ContentBlock::ResourceLink(_) => Err("a link to a resource"),
        _ => Err("content of an unknown kind"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_tool_is_one_line() {
        for (name, description, width, expected) in
            [("hello", "Greets.\nMore.", 7, "hello    Greets."), ("hello", "", 7, "hello")]
        {
            let tool = Tool::new(name, description, Arc::default());
            assert_eq!(line(&tool, width), expected);
        }
    }

    #[test]
    fn text_is_shown_and_all_else_is_named() {
        assert_eq!(text(&ContentBlock::text("Hello.")), Ok("Hello."));
        assert_eq!(text(&ContentBlock::image("AA==", "image/png")), Err("an image"));
    }
}
