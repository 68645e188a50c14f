//! What the demo tells: where everything is, who may sign in, and three commands to try.

use std::env;
use std::path::Path;

use serde_json::json;

use super::realm::{CLIENT_ID, REDIRECT_URI, SCOPE, Story, USERNAME};
use crate::output::{self, emphasis, shell_word};

/// The name of the program.
const NAME: &str = "sekisho";

/// The addresses of a running demo.
pub(super) struct Guide {
    pub(super) issuer: String,
    pub(super) open_mcp: String,
    pub(super) protected_mcp: String,
    pub(super) story: Story,
}

impl Guide {
    /// Prints the guide, or the same as one line of JSON. The secrets are printed here and nowhere else.
    pub(super) fn print(&self, json: bool) -> anyhow::Result<()> {
        let text = if json { self.json() } else { self.text() };
        output::data(&text)?;
        Ok(())
    }

    fn json(&self) -> String {
        json!({
            "issuer": self.issuer,
            "open_mcp": self.open_mcp,
            "protected_mcp": self.protected_mcp,
            "username": USERNAME,
            "password": self.story.password,
            "client_id": CLIENT_ID,
            "client_secret": self.story.client_secret,
            "redirect_uri": REDIRECT_URI,
        })
        .to_string()
    }

    fn text(&self) -> String {
        let Self { issuer, open_mcp, protected_mcp, story } = self;
        let Story { password, client_secret } = story;
        let sekisho = command();
        format!(
            "\
{title}

  authorization server   {issuer}
  open MCP server        {open_mcp}
  protected MCP server   {protected_mcp}

  sign in as             {USERNAME}
  password               {password}

{one}
  {sekisho} mcp call {open_mcp} hello

{two}
  {sekisho} mcp call {protected_mcp} hello

{three}
  export SEKISHO_CLIENT_SECRET={client_secret}
  export SEKISHO_TOKEN=$({sekisho} token --issuer {issuer} \\
    --client-id {CLIENT_ID} --scope {SCOPE} --resource {protected_mcp})
  {sekisho} mcp call {protected_mcp} hello

Stop with Ctrl-C; nothing is kept.",
            title = emphasis("Sekisho is running."),
            one = emphasis("1. The open server answers everyone:"),
            two = emphasis("2. The protected one refuses, and says what is missing:"),
            three = emphasis("3. Sign in, agree, and call again:"),
        )
    }
}

/// How a shell calls this very program: by its name where `PATH` leads to it, else by its path.
fn command() -> String {
    let (Ok(program), Ok(here)) = (env::current_exe(), env::current_dir()) else { return NAME.to_owned() };
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join(NAME)).find(|file| file.is_file());
    let same = found.and_then(|file| file.canonicalize().ok()) == program.canonicalize().ok();
    if same { NAME.to_owned() } else { called(&program, &here) }
}

/// A path for a shell in `here`; one with a slash is never looked up in `PATH`.
fn called(program: &Path, here: &Path) -> String {
    let shown = match program.strip_prefix(here) {
        Ok(below) => Path::new(".").join(below),
        Err(_) => program.to_owned(),
    };
    shell_word(&shown.to_string_lossy()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_called_by_a_path_that_can_be_pasted() {
        for (program, expected) in [
            ("/home/ann/sekisho/target/release/sekisho", "./target/release/sekisho"),
            ("/home/ann/sekisho/sekisho", "./sekisho"),
            ("/opt/my tools/sekisho", "'/opt/my tools/sekisho'"),
        ] {
            assert_eq!(called(Path::new(program), Path::new("/home/ann/sekisho")), expected);
        }
    }
}
