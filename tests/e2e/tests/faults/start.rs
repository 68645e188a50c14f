//! Faults that stand in the way of a start: the server says which file it is and the way out, ends with a
//! failure, and leaves everything as it was.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result, ensure};
use rusqlite::Connection;

use super::realm::Events;
use super::server::{Place, Server, refusal};

/// Starts on this place, which must be refused with these words, and must change nothing.
fn refuses(place: &Place, words: &[&str]) -> Result<()> {
    let before = contents(place)?;
    let said = place.refusal()?;
    says(&said, words)?;
    ensure!(contents(place)? == before, "the files are not what they were");
    Ok(())
}

fn says(said: &str, words: &[&str]) -> Result<()> {
    for word in words {
        ensure!(said.contains(word), "{word:?} is not in {said}");
    }
    Ok(())
}

/// Every file beside the database, by name.
fn contents(place: &Place) -> Result<BTreeMap<String, Vec<u8>>> {
    fs::read_dir(place.folder())?
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?))
        })
        .collect()
}

#[test]
fn a_file_that_is_no_database_is_left_alone() -> Result<()> {
    let place = Place::new(Events::Kept)?;
    fs::write(place.database(), "A letter to the editor.\n".repeat(400))?;
    refuses(&place, &["sekisho.db", "not a database", "--database"])
}

#[test]
fn a_damaged_file_is_not_served() -> Result<()> {
    let place = Place::used()?;
    let mut bytes = fs::read(place.database())?;
    for page in bytes.chunks_mut(4096).skip(8).step_by(3) {
        page.fill(0x5a);
    }
    fs::write(place.database(), bytes)?;
    refuses(&place, &["sekisho.db", "damaged", "Put back a copy"])
}

#[test]
fn a_newer_schema_is_not_touched() -> Result<()> {
    let place = Place::used()?;
    Connection::open(place.database())?.execute("INSERT INTO schema_step VALUES (99, 0, 99)", [])?;
    refuses(&place, &["sekisho.db", "schema 99", "newer sekisho"])
}

#[test]
fn a_file_that_another_program_holds_is_said_to_be_locked() -> Result<()> {
    let place = Place::used()?;
    let other = Connection::open(place.database())?;
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")?;
    says(&place.refusal()?, &["sekisho.db", "locked", "Stop the process"])?;
    drop(other);
    ensure!(Server::start(&place)?.stop()?.success(), "it starts when the other is gone");
    Ok(())
}

#[test]
fn another_master_key_is_noticed_before_anyone_is_served() -> Result<()> {
    let place = Place::used()?;
    let (own, other) = (fs::read(place.key())?, Place::used()?);
    fs::write(place.key(), fs::read(other.key())?)?;
    refuses(&place, &["sekisho.db", "realm faults", "--master-key-file", "SEKISHO_MASTER_KEY"])?;
    fs::write(place.key(), own)?;
    ensure!(Server::start(&place)?.stop()?.success(), "it starts with its own key");
    Ok(())
}

#[test]
fn a_lost_master_key_is_not_made_anew() -> Result<()> {
    let place = Place::used()?;
    fs::remove_file(place.key())?;
    refuses(&place, &["sekisho.db", "sekisho.key", "--master-key-file", "SEKISHO_MASTER_KEY"])
}

#[test]
fn a_master_key_that_others_may_read_is_not_used() -> Result<()> {
    let place = Place::used()?;
    fs::set_permissions(place.key(), fs::Permissions::from_mode(0o644))?;
    refuses(&place, &["sekisho.key", "mode 644", "chmod 600"])
}

#[test]
fn a_master_key_that_is_none_is_not_used() -> Result<()> {
    let place = Place::used()?;
    fs::write(place.key(), "c2hvcnQ=\n")?;
    refuses(&place, &["sekisho.key", "32 bytes", "openssl rand"])
}

#[test]
fn a_folder_that_is_missing_is_named() -> Result<()> {
    let place = Place::new(Events::Kept)?;
    fs::remove_dir(place.folder())?;
    says(&place.refusal()?, &["kept/sekisho.db", "No such file", "can be reached"])
}

#[test]
fn a_realm_that_cannot_be_read_is_named() -> Result<()> {
    let place = Place::used()?;
    let file = place.scratch("broken.json");
    fs::write(&file, "{\"realm\": \"broken\", \"enabled\": tru")?;
    let mut command = place.serve()?;
    command.arg("--import").arg(&file);
    says(&refusal(command)?, &["broken.json", "line 1, column 34"])
}

#[test]
fn a_port_that_is_taken_is_named_with_its_flag() -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    for flag in ["--listen", "--management-listen"] {
        let place = Place::new(Events::Kept)?;
        let command = sekisho_e2e::binary::command(&["serve", flag, &address])?;
        let mut command = with_other_port(command, flag);
        command.arg("--database").arg(place.database());
        says(&refusal(command)?, &[&address, flag]).context(flag)?;
        ensure!(!place.database().exists(), "nothing is made before the ports are there");
    }
    Ok(())
}

fn with_other_port(mut command: std::process::Command, taken: &str) -> std::process::Command {
    let other = if taken == "--listen" { "--management-listen" } else { "--listen" };
    command.args([other, "127.0.0.1:0"]);
    command
}

/// As root, who may write to any file, without the capability to do so.
#[cfg(feature = "faults")]
#[test]
fn a_file_that_may_only_be_read_is_said_to_be_so() -> Result<()> {
    use super::server::under;

    let place = Place::used()?;
    fs::set_permissions(place.database(), fs::Permissions::from_mode(0o400))?;
    let bounded = ["--bounding-set", "-dac_override,-dac_read_search"];
    let before = contents(&place)?;
    let said = refusal(under("setpriv", &bounded, &place.serve()?))?;
    says(&said, &["sekisho.db", "may only be read", "this user may write"])?;
    ensure!(contents(&place)? == before, "nothing was left that would be in the way later");
    Ok(())
}
