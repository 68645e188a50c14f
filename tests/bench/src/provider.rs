//! The providers that are measured: each a process on the server's core, with its own paths and the same
//! clients.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::http::Request;
use crate::process::{Process, free_address};
use crate::realm;

/// A running provider.
pub(crate) struct Provider {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    /// As it stands in the `Host` header, and in the issuer.
    pub(crate) host: String,
    pub(crate) kind: Kind,
    pub(crate) paths: Paths,
    /// From the start of the process to its first whole answer.
    pub(crate) started_in: Duration,
}

/// Which of the two it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sekisho,
    OidcProvider,
}

/// Where a provider has its endpoints.
#[derive(Clone, Copy)]
pub(crate) struct Paths {
    pub(crate) discovery: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) authorization: &'static str,
    pub(crate) token: &'static str,
    pub(crate) introspection: &'static str,
    pub(crate) user_info: &'static str,
}

const SEKISHO: Paths = Paths {
    discovery: "/realms/bench/.well-known/openid-configuration",
    keys: "/realms/bench/protocol/openid-connect/certs",
    authorization: "/realms/bench/protocol/openid-connect/auth",
    token: "/realms/bench/protocol/openid-connect/token",
    introspection: "/realms/bench/protocol/openid-connect/token/introspect",
    user_info: "/realms/bench/protocol/openid-connect/userinfo",
};

const OIDC_PROVIDER: Paths = Paths {
    discovery: "/.well-known/openid-configuration",
    keys: "/jwks",
    authorization: "/auth",
    token: "/token",
    introspection: "/token/introspection",
    user_info: "/me",
};

impl Kind {
    const fn paths(self) -> Paths {
        match self {
            Self::Sekisho => SEKISHO,
            Self::OidcProvider => OIDC_PROVIDER,
        }
    }
}

/// How Sekisho is started: again and again on the same folder.
pub(crate) struct Sekisho<'a> {
    pub(crate) program: &'a Path,
    pub(crate) folder: &'a Path,
    pub(crate) core: usize,
}

impl Sekisho<'_> {
    /// Starts `serve` as it is by default: SQLite in a file, durable, every event a line of the log. The
    /// first start in a folder imports the realm.
    pub(crate) fn start(&self) -> Result<Provider> {
        let document = self.folder.join("realm.json");
        if !document.exists() {
            fs::write(&document, serde_json::to_vec_pretty(&realm::document()?)?)?;
        }
        let (address, management) = (free_address()?, free_address()?);
        let database = self.folder.join("bench.db");
        let text = |path: &PathBuf| path.to_str().map(str::to_owned).context("a path that is not UTF-8");
        let arguments = [
            "serve",
            "--listen",
            &address.to_string(),
            "--management-listen",
            &management.to_string(),
            "--database",
            &text(&database)?,
            "--import",
            &text(&document)?,
        ];
        Provider::start(
            (self.program, &arguments),
            self.core,
            &self.folder.join("sekisho.log"),
            address,
            Kind::Sekisho,
        )
    }
}

/// npm `oidc-provider` under Node, everything in memory.
pub(crate) struct OidcProvider<'a> {
    pub(crate) node: &'a Path,
    /// With `server.mjs` and its packages.
    pub(crate) sources: &'a Path,
    pub(crate) folder: &'a Path,
    pub(crate) core: usize,
}

impl OidcProvider<'_> {
    pub(crate) fn start(&self) -> Result<Provider> {
        let address = free_address()?;
        let script = self.sources.join("server.mjs");
        let script = script.to_str().context("a path that is not UTF-8")?;
        let arguments = [script, &address.port().to_string()];
        let log = self.folder.join("oidc-provider.log");
        Provider::start((self.node, &arguments), self.core, &log, address, Kind::OidcProvider)
    }
}

impl Provider {
    fn start(
        (program, arguments): (&Path, &[&str]),
        core: usize,
        log: &Path,
        address: SocketAddr,
        kind: Kind,
    ) -> Result<Self> {
        let paths = kind.paths();
        let host = format!("localhost:{}", address.port());
        let question = Request::get(&host, paths.discovery).header("connection", "close").bytes();
        let begun = Instant::now();
        let mut process = Process::start(program, arguments, core, log)?;
        process.wait_for(log, || answers(address, &question))?;
        let started_in = begun.elapsed();
        Ok(Self { process, address, host, kind, paths, started_in })
    }
}

/// Whether the server answers 200 by now.
fn answers(address: SocketAddr, question: &[u8]) -> bool {
    let asked = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(question)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    asked().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}
