//! Opens the person's browser. Never through a shell, and only for web addresses: the address comes from a document.

use std::env;
use std::ffi::OsString;
use std::process::Stdio;

use anyhow::{Context, bail};
use tokio::process::Command;
use url::Url;

use crate::output;

/// Whether to open a browser or only to say where to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Browser {
    Open,
    Leave,
}

/// Shows the address: in the browser if there is one, and always on stderr.
pub(crate) fn show(url: &Url, browser: Browser) {
    if browser == Browser::Leave {
        output::note("Open this address in a browser to sign in:");
    } else if let Err(failure) = open(url) {
        output::note(format_args!("No browser was opened ({failure:#}). Open this address to sign in:"));
    } else {
        output::note("Your browser opens for the login. If it does not, open this address:");
    }
    output::note(format_args!("\n  {url}\n"));
}

fn open(url: &Url) -> anyhow::Result<()> {
    if !matches!(url.scheme(), "http" | "https") {
        bail!("{} is not a web address", url.scheme());
    }
    let mut last = None;
    for command in commands(env::var_os("BROWSER"), url) {
        let Some((program, arguments)) = command.split_first() else { continue };
        let mut child = Command::new(program);
        child.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match child.spawn() {
            Ok(_) => return Ok(()),
            Err(error) => last = Some((program.clone(), error)),
        }
    }
    let (program, error) = last.context("BROWSER names no program")?;
    Err(error).with_context(|| format!("cannot start {}", program.display()))
}

/// What to try, in order: `BROWSER` (a list of commands; `%s` is the address, else it comes last), or what the
/// system opens addresses with.
fn commands(browser: Option<OsString>, url: &Url) -> Vec<Vec<OsString>> {
    let Some(list) = browser.filter(|list| !list.is_empty()) else {
        return vec![SYSTEM.iter().map(OsString::from).chain([OsString::from(url.as_str())]).collect()];
    };
    env::split_paths(&list).filter_map(|entry| command(entry.to_str()?, url)).collect()
}

fn command(entry: &str, url: &Url) -> Option<Vec<OsString>> {
    let mut words: Vec<String> =
        entry.split_whitespace().map(|word| word.replace("%s", url.as_str())).collect();
    if words.is_empty() {
        return None;
    }
    if !entry.contains("%s") {
        words.push(url.to_string());
    }
    Some(words.into_iter().map(OsString::from).collect())
}

/// Not `start`: that is a word of the shell, which would read `&` in the address as the end of a command.
#[cfg(windows)]
const SYSTEM: &[&str] = &["rundll32", "url.dll,FileProtocolHandler"];
#[cfg(target_os = "macos")]
const SYSTEM: &[&str] = &["open"];
#[cfg(not(any(windows, target_os = "macos")))]
const SYSTEM: &[&str] = &["xdg-open"];

#[cfg(test)]
mod tests {
    use super::*;

    fn commands_of(browser: Option<&str>) -> Vec<Vec<String>> {
        let url = Url::parse("https://as.example/auth?a=1&b=$(reboot)").unwrap();
        commands(browser.map(OsString::from), &url)
            .into_iter()
            .map(|words| words.into_iter().map(|word| word.into_string().unwrap()).collect())
            .collect()
    }

    #[test]
    #[cfg(not(windows))]
    fn browser_variable_is_a_list_of_commands() {
        const URL: &str = "https://as.example/auth?a=1&b=$(reboot)";
        for (browser, expected) in [
            ("firefox", vec![vec!["firefox", URL]]),
            ("firefox:w3m", vec![vec!["firefox", URL], vec!["w3m", URL]]),
            ("chromium --app=%s --new", vec![vec!["chromium", &*format!("--app={URL}"), "--new"]]),
            ("/opt/b/run -n", vec![vec!["/opt/b/run", "-n", URL]]),
            (" ", vec![]),
        ] {
            assert_eq!(commands_of(Some(browser)), expected, "{browser:?}");
        }
    }

    #[test]
    fn without_the_variable_the_system_opens_the_address_as_one_argument() {
        for browser in [None, Some("")] {
            let commands = commands_of(browser);
            assert_eq!(commands.len(), 1);
            assert_eq!(commands[0].len(), SYSTEM.len() + 1);
        }
    }

    #[tokio::test]
    async fn only_web_addresses_are_opened() {
        for address in ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "vbscript:x"] {
            assert!(open(&Url::parse(address).unwrap()).is_err(), "{address}");
        }
    }
}
