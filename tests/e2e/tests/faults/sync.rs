//! No answer leaves before what it acknowledges is on the disk (DESIGN §5.4), as the kernel sees it.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use sekisho_e2e::http::{get, post_form};

use super::realm::{APP, Events};
use super::server::{Place, Server, under};
use super::trace::{Log, answers};
use super::wire::{Wire, refresh_token};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_was_synced_before() -> Result<()> {
    // Without events nothing is written but what requests ask for.
    let place = Place::new(Events::Off)?;
    let trace = place.scratch("trace");
    let calls = "trace=fdatasync,fsync,write,writev,sendto,pwrite64";
    let file = trace.to_string_lossy();
    let strace = ["-D", "-f", "-yy", "-s", "64", "-e", calls, "-o", &file];
    let server = Server::start_with(under("strace", &strace, &place.serve()?))?;
    let process = server.process();

    let wire = Wire::to(&server)?;
    let code = wire.codes(1).await?.remove(0);
    get(wire.endpoint("certs").as_str()).await?;
    let token = wire.endpoint("token");
    let first = refresh_token(&post_form(token.as_str(), &Wire::redemption(&code)).await?)?;
    let second = refresh_token(&post_form(token.as_str(), &Wire::rotation(&first)).await?)?;
    post_form(wire.endpoint("revoke").as_str(), &[("client_id", APP), ("token", &second)]).await?;
    assert!(server.stop()?.success());

    let sent = answers(&finished(&trace, &process)?);
    let sent: Vec<_> = sent.iter().map(|sent| (sent.status.as_str(), &sent.log)).collect();
    let expected = [
        ("200", &Log::Synced),    // The page to sign in; before it, the realm was imported.
        ("302", &Log::Synced),    // Signed in, with a code.
        ("200", &Log::Untouched), // The keys.
        ("200", &Log::Synced),    // The code is redeemed.
        ("200", &Log::Synced),    // The refresh token is rotated.
        ("200", &Log::Synced),    // The family is revoked.
    ];
    assert_eq!(sent, expected);
    Ok(())
}

/// The trace, once strace has seen the process end: it writes on for a moment.
fn finished(trace: &std::path::Path, process: &str) -> Result<String> {
    let patience = Instant::now() + Duration::from_mins(1);
    while Instant::now() < patience {
        let text = fs::read_to_string(trace)?;
        if text.lines().any(|line| line.starts_with(process) && line.ends_with("+++ exited with 0 +++")) {
            return Ok(text);
        }
        std::thread::yield_now();
    }
    bail!("strace did not see the end")
}
