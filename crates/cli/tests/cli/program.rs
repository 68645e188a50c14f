//! Runs the binary and plays the person in front of it.

use std::process::Stdio;

use reqwest::header::{ACCEPT_LANGUAGE, LOCATION};
use reqwest::{Client, Response, redirect};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use url::Url;

pub(crate) struct Program {
    child: Child,
    stderr: Lines<BufReader<ChildStderr>>,
    said: Vec<String>,
}

pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Starts `sekisho` with nothing in its environment but `PATH` and what is given.
pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sekisho"));
    command.args(arguments).env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.envs(environment.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    Program { child, stderr, said: Vec::new() }
}

/// Runs it to its end without a browser.
pub(crate) async fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Finished {
    start(arguments, environment).finish().await
}

impl Program {
    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// The address that is printed for the person to open.
    pub(crate) async fn address(&mut self) -> Url {
        while let Some(line) = self.stderr.next_line().await.unwrap() {
            let address = line.strip_prefix("  ").and_then(|text| Url::parse(text).ok());
            self.said.push(line);
            if let Some(address) = address {
                return address;
            }
        }
        panic!("no address was printed: {:?}", self.said);
    }

    pub(crate) async fn finish(mut self) -> Finished {
        let mut stdout = String::new();
        let mut pipe = self.child.stdout.take().unwrap();
        let read = pipe.read_to_string(&mut stdout);
        let listen = async {
            while let Some(line) = self.stderr.next_line().await.unwrap() {
                self.said.push(line);
            }
        };
        let (read, ()) = tokio::join!(read, listen);
        read.unwrap();
        let code = self.child.wait().await.unwrap().code();
        Finished { code, stdout, stderr: self.said.join("\n") }
    }
}

/// What a browser does with the address: asks the authorization server, and follows it back to the callback.
pub(crate) async fn browse(address: &Url) -> Response {
    let response = visit(address.as_str(), "en").await;
    let back = response.headers()[LOCATION].to_str().unwrap().to_owned();
    visit(&back, "en").await
}

/// One page, redirects not followed.
pub(crate) async fn visit(address: &str, language: &str) -> Response {
    let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap();
    client.get(address).header(ACCEPT_LANGUAGE, language).send().await.unwrap()
}
