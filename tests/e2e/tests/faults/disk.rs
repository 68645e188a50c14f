//! A disk that is full: nothing is acknowledged that could not be written, and the server goes on when there
//! is space again. Needs root, for a small disk of our own.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use http::StatusCode;
use http::header::RETRY_AFTER;
use sekisho_e2e::http as plain;

use super::realm::Events;
use super::server::{Place, Server, under};
use super::wire::{Wire, refresh_token};

/// More sign-ins than fit on the small disk.
const MORE_THAN_FIT: usize = 5_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_survived() -> Result<()> {
    let disk = SmallDisk::mount()?;
    let place = Place::on(disk.folder(), Events::Kept)?;
    let server = Server::start(&place)?;
    survives(&server, || disk.fill(), || disk.free()).await?;
    ends_well(server, "database or disk is full")?;
    assert!(Server::start(&place)?.stop()?.success(), "it starts again");
    Ok(())
}

/// The kernel says EFBIG instead of ENOSPC, which SQLite takes for a disk that fails.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_is_said_and_survived() -> Result<()> {
    let place = Place::new(Events::Kept)?;
    // Without the trap, the first write beyond the limit would end the process.
    let server =
        Server::start_with(under("sh", &["-c", "trap '' XFSZ; exec \"$0\" \"$@\""], &place.serve()?))?;
    let limit =
        |size: &str| run("prlimit", &["--pid", &server.process(), &format!("--fsize={size}:unlimited")]);
    let size = place.log()?.len().to_string();
    survives(&server, || limit(&size), || limit("unlimited")).await?;
    ends_well(server, "disk I/O error")?;
    assert!(Server::start(&place)?.stop()?.success(), "it starts again");
    Ok(())
}

async fn survives(
    server: &Server,
    breaks: impl Fn() -> Result<()>,
    mends: impl Fn() -> Result<()>,
) -> Result<()> {
    let wire = Wire::to(server)?;
    let mut codes = wire.codes(2).await?;
    let (first, second) = (codes.remove(0), codes.remove(0));
    let token = refresh_token(&wire.redeem(&first).await.answer()?)?;

    breaks()?;
    let refused = first_refusal(&wire).await?;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{}", refused.body);
    assert!(refused.header(RETRY_AFTER).parse::<u32>().is_ok(), "{:?}", refused.headers);
    assert!(refused.body.contains("\"temporarily_unavailable\""), "{}", refused.body);
    let browser = wire.codes(1).await.err().context("a session was made")?.to_string();
    assert!(browser.contains("error=temporarily_unavailable"), "OAuth 2.1 §4.1.2.1: {browser}");
    let keys = plain::get(wire.endpoint("certs").as_str()).await?;
    assert_eq!(keys.status, StatusCode::OK, "who only reads is served");

    mends()?;
    refresh_token(&wire.rotate(&token).await.answer()?).context("what was acknowledged is still good")?;
    refresh_token(&wire.redeem(&second).await.answer()?).context("so is a code")?;
    refresh_token(&wire.sign_in().await.answer()?).context("new sessions are made")?;
    Ok(())
}

/// Ends the server, which must have logged this cause.
fn ends_well(server: Server, cause: &str) -> Result<()> {
    server.signal("TERM")?;
    let (status, said) = server.wait()?;
    ensure!(status.success() && said.contains(cause), "{status}: {said}");
    Ok(())
}

async fn first_refusal(wire: &Wire) -> Result<plain::Answer> {
    for _ in 0..MORE_THAN_FIT {
        let answer = wire.sign_in().await.answer()?;
        if answer.status != StatusCode::OK {
            return Ok(answer);
        }
    }
    bail!("{MORE_THAN_FIT} sign-ins fitted")
}

#[test]
fn a_disk_that_is_full_at_the_first_start_is_named() -> Result<()> {
    let disk = SmallDisk::mount()?;
    let place = Place::on(disk.folder(), Events::Kept)?;
    disk.fill()?;
    let said = place.refusal()?;
    assert!(said.contains("sekisho.db") && said.contains("full") && said.contains("has room"), "{said}");
    disk.free()?;
    assert!(Server::start(&place)?.stop()?.success(), "it starts when there is room");
    Ok(())
}

/// A file system of a few MiB in memory.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    fn mount() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().to_string_lossy().into_owned();
        run("mount", &["-t", "tmpfs", "-o", "size=4m", "sekisho-faults", &path])
            .context("a small disk needs root")?;
        Ok(Self { folder })
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn ballast(&self) -> PathBuf {
        self.folder().join("ballast")
    }

    /// Takes all the space there is.
    fn fill(&self) -> Result<()> {
        let mut ballast = File::create(self.ballast())?;
        loop {
            match ballast.write_all(&[0x5a; 4096]) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn free(&self) -> Result<()> {
        Ok(fs::remove_file(self.ballast())?)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server that a failed test left behind may still be ending.
        let _gone = run("umount", &["--lazy", &self.folder().to_string_lossy()]);
    }
}

fn run(program: &str, words: &[&str]) -> Result<()> {
    let output =
        Command::new(program).args(words).output().with_context(|| format!("{program} does not start"))?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
