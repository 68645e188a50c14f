//! `sekisho check-config`: what would go wrong, or is weaker than it could be, before anybody meets it.

mod uris;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use sekisho_admin::realm::review;
use sekisho_core::policy::SecurityProfile;
use sekisho_protocol::keycloak::{self, ClientRepresentation};
use serde::Serialize;
use url::{Host, Url};

use crate::administration::{open_existing, print_json};
use crate::hostname::base;
use crate::open::{self, OpenOptions, Opened};
use crate::output;
use crate::serve::{self, Configuration};

const HELP: &str = "\
Looks at the flags and variables of `sekisho serve`, at every realm of the database, and at the files of --import
as the server would store them, without storing them.

Example:
  sekisho check-config --hostname https://id.example.org --database /var/lib/sekisho/sekisho.db

Exit codes:
  0  nothing is wrong; there may be warnings
  1  something is wrong
  2  wrong usage, such as a --hostname that is no address";

/// Check the configuration and the realms
#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    configuration: Configuration,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Something that an operator should know.
#[derive(Serialize)]
struct Finding {
    severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    realm: Option<String>,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Note,
    Warning,
    Error,
}

pub(crate) async fn run(arguments: Args) -> anyhow::Result<ExitCode> {
    let configuration = &arguments.configuration;
    let mut findings = addresses(configuration.listen, configuration.hostname());
    findings.push(master_key(&configuration.open));
    let opened = open_existing(&configuration.open).await?;
    findings.append(&mut realms(&opened).await?);
    findings.append(&mut imports(&configuration.import).await?);
    print(&findings, arguments.json)?;
    let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What there is to say of every realm of a database.
async fn realms(opened: &Opened) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for realm in opened.store.realm_names().await? {
        // Opens its keys too: a master key that is not the right one shows here.
        let snapshot = match opened.store.realm(&realm).await {
            Ok(snapshot) => snapshot,
            Err(error) => {
                let text = error.to_string();
                findings.push(Finding { severity: Severity::Error, realm: Some(realm), text });
                continue;
            }
        };
        let found = review(&opened.admin(), &realm).await?;
        let mut texts: Vec<String> = found.iter().map(ToString::to_string).collect();
        if let Some(snapshot) = snapshot {
            texts.extend(snapshot.resources.iter().filter_map(|resource| uris::of_resource(&resource.uri)));
            for client in opened.store.stored_clients(snapshot.id).await? {
                let text = client.config.as_bytes();
                let read: ClientRepresentation =
                    keycloak::parse(text).with_context(|| format!("client {:?}", client.client_id))?;
                let uris = read.redirect_uris.unwrap_or_default();
                texts.extend(uris.iter().filter_map(|uri| uris::of_redirect(&client.client_id, uri)));
            }
        }
        let warning = |text| Finding { severity: Severity::Warning, realm: Some(realm.clone()), text };
        findings.extend(texts.into_iter().map(warning));
    }
    Ok(findings)
}

/// The files of `--import`, stored in a database of their own that is gone afterwards.
async fn imports(files: &[PathBuf]) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if files.is_empty() {
        return Ok(findings);
    }
    let folder = tempfile::Builder::new().prefix("sekisho-check").tempdir()?;
    let database = folder.path().join("check.db");
    let options = OpenOptions {
        database: database.to_str().context("the temporary folder has a name that is not UTF-8")?.to_owned(),
        master_key_file: Some(folder.path().join("check.key")),
        security_profile: SecurityProfile::None,
    };
    let opened = open::store(&options, "http://localhost:8080").await?;
    for file in files {
        let imported = match serve::read(file) {
            Ok(document) => serve::store(&opened, file, document).await,
            Err(error) => Err(error),
        };
        match imported {
            Ok(imported) => findings.extend(imported.warnings.iter().map(|warning| {
                finding(Severity::Warning, format!("--import {}: {warning}", file.display()))
            })),
            Err(error) => findings.push(finding(Severity::Error, format!("--import {error:#}"))),
        }
    }
    let mut of_realms = realms(&opened).await?;
    for finding in &mut of_realms {
        finding.text.insert_str(0, "--import: ");
    }
    findings.append(&mut of_realms);
    Ok(findings)
}

fn finding(severity: Severity, text: impl Into<String>) -> Finding {
    Finding { severity, realm: None, text: text.into() }
}

/// Whether the public address can be what tokens are issued under.
fn addresses(listen: SocketAddr, hostname: Option<&Url>) -> Vec<Finding> {
    let Some(hostname) = hostname else {
        let text = format!(
            "no --hostname: issuers are http://localhost:{}, which nobody else reaches",
            listen.port()
        );
        let severity = if listen.ip().is_loopback() { Severity::Note } else { Severity::Error };
        return vec![finding(severity, text)];
    };
    let mut findings = Vec::new();
    let local = match hostname.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if hostname.scheme() == "http" && !local {
        let text = format!(
            "--hostname {} is http: tokens and passwords would cross the network readable",
            base(hostname)
        );
        findings.push(finding(Severity::Error, text));
    }
    if !local && listen.ip().is_loopback() {
        let text =
            format!("--listen {listen} is reached from this machine only: a proxy must stand before it");
        findings.push(finding(Severity::Note, text));
    }
    findings
}

fn master_key(options: &OpenOptions) -> Finding {
    if std::env::var_os("SEKISHO_MASTER_KEY").is_some() {
        return finding(Severity::Note, "the master key comes from SEKISHO_MASTER_KEY");
    }
    let file = options.master_key_file.as_ref().map(|file| file.display().to_string());
    let place = file.unwrap_or_else(|| "the file beside the database".to_owned());
    finding(
        Severity::Note,
        format!("the master key comes from {place}; keep a copy of it apart from the database"),
    )
}

fn print(findings: &[Finding], json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(&findings);
    }
    for Finding { severity, realm, text } in findings {
        let word = match severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let realm = realm.as_ref().map(|realm| format!("realm {realm}: ")).unwrap_or_default();
        output::data(&format!("{word}: {realm}{text}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_cannot_work_are_errors() {
        for (listen, hostname, errors) in [
            ("127.0.0.1:8080", None, 0),
            ("0.0.0.0:8080", None, 1),
            ("0.0.0.0:8080", Some("https://id.example.org"), 0),
            ("127.0.0.1:8080", Some("https://id.example.org"), 0),
            ("127.0.0.1:8080", Some("http://localhost:8080"), 0),
            ("127.0.0.1:8080", Some("http://[::1]:8080"), 0),
            ("0.0.0.0:8080", Some("http://id.example.org"), 1),
        ] {
            let url = hostname.map(|hostname| Url::parse(hostname).unwrap());
            let findings = addresses(listen.parse().unwrap(), url.as_ref());
            let found = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
            assert_eq!(found, errors, "{listen} {hostname:?}");
        }
    }
}
