//! What may happen to a server while it runs, and how it ends. With more than one thread, so that connections
//! close while a test waits for the server.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context as _, Result, ensure};
use http::StatusCode;
use http::header::RETRY_AFTER;
use rusqlite::Connection;
use sekisho_e2e::{binary, http as plain};

use super::realm::{Events, PASSWORD, REALM, USERNAME};
use super::server::{Place, Server};
use super::wire::{Wire, refresh_token};

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_lets_what_is_under_way_end() -> Result<()> {
    for signal in ["TERM", "INT"] {
        let place = Place::new(Events::Kept)?;
        let server = Server::start(&place)?;
        let (mut request, rest) = half_a_sign_in(&server)?;
        server.signal(signal)?;
        while TcpStream::connect(&server.address).is_ok() {
            std::thread::yield_now();
        }
        request.write_all(rest.as_bytes())?;
        let mut answer = String::new();
        request.read_to_string(&mut answer)?;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\"access_token\""), "{answer}");
        let (status, said) = server.wait()?;
        assert!(status.success(), "SIG{signal}: {status}: {said}");
    }
    Ok(())
}

/// A request of which the server has read a part; gives the rest.
fn half_a_sign_in(server: &Server) -> Result<(TcpStream, String)> {
    let fields = Wire::password(USERNAME);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let head = format!(
        "POST /realms/{REALM}/protocol/openid-connect/token HTTP/1.1\r\nhost: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        server.address,
        body.len(),
    );
    let mut stream = TcpStream::connect(&server.address)?;
    stream.write_all(head.as_bytes())?;
    // The server asks for the body: from here on the request is under way.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked)?;
    ensure!(&asked == b"HTTP/1.1 100 Continue\r\n\r\n", "{}", String::from_utf8_lossy(&asked));
    Ok((stream, body))
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_writes_what_waits_and_leaves_one_file() -> Result<()> {
    const SIGN_INS: i64 = 20;
    let place = Place::new(Events::Kept)?;
    let server = Server::start(&place)?;
    let wire = Wire::to(&server)?;
    for _ in 0..SIGN_INS {
        refresh_token(&wire.sign_in().await.answer()?)?;
    }
    // Events wait for others up to 100 ms: the last ones are still in memory.
    assert!(server.stop()?.success());
    let mut names = Vec::new();
    for entry in fs::read_dir(place.folder())? {
        names.push(entry?.file_name());
    }
    names.sort();
    assert_eq!(names, ["sekisho.db", "sekisho.key"]);
    let written: i64 = Connection::open(place.database())?.query_row(
        "SELECT count(*) FROM event WHERE kind = 'LOGIN' AND error IS NULL",
        [],
        |row| row.get(0),
    )?;
    assert_eq!(written, SIGN_INS);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_goes_on_where_the_first_ended() -> Result<()> {
    let place = Place::new(Events::Kept)?;
    let server = Server::start(&place)?;
    let wire = Wire::to(&server)?;
    let code = wire.codes(1).await?.remove(0);
    let token = refresh_token(&wire.redeem(&code).await.answer()?)?;
    let keys = plain::get(wire.endpoint("certs").as_str()).await?.body;
    assert!(server.stop()?.success());

    let server = Server::start(&place)?;
    let wire = Wire::to(&server)?;
    assert_eq!(plain::get(wire.endpoint("certs").as_str()).await?.body, keys);
    let next = refresh_token(&wire.rotate(&token).await.answer()?)?;
    assert_ne!(next, token);
    assert_eq!(wire.redeem(&code).await.answer()?.status, StatusCode::BAD_REQUEST);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_may_work_on_the_file() -> Result<()> {
    let place = Place::new(Events::Kept)?;
    let server = Server::start(&place)?;
    let wire = Wire::to(&server)?;
    assert_eq!(plain::get(wire.at("/realms/second").as_str()).await?.status, StatusCode::NOT_FOUND);

    let mut command = place.serve()?;
    command.arg("--import").arg(place.write_realm("second", Events::Kept)?);
    let other = Server::start_with(command)?;
    assert_eq!(plain::get(wire.at("/realms/second").as_str()).await?.status, StatusCode::OK);
    let others_wire = Wire::to(&other)?;
    let code = wire.codes(1).await?.remove(0);
    let token = refresh_token(&others_wire.redeem(&code).await.answer()?)?;
    let next = refresh_token(&wire.rotate(&token).await.answer()?)?;
    assert!(other.stop()?.success());
    refresh_token(&wire.rotate(&next).await.answer()?)?;
    assert!(server.stop()?.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_may_work_beside_a_running_server() -> Result<()> {
    let place = Place::new(Events::Kept)?;
    let server = Server::start(&place)?;
    let wire = Wire::to(&server)?;
    let output = binary::command(&["user", "create", "--realm", REALM, "--database"])?
        .arg(place.database())
        .args(["--email", "ren@example.org", "--first-name", "Ren", "--last-name", "Example", "ren"])
        .env("SEKISHO_PASSWORD", PASSWORD)
        .output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer = wire.post("token", &Wire::password("ren")).await.answer()?;
    refresh_token(&answer).context("the server knows the new user")?;
    assert!(server.stop()?.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_another_program_keeps_is_waited_for_and_then_said() -> Result<()> {
    let place = Place::new(Events::Off)?;
    let server = Server::start(&place)?;
    let wire = Wire::to(&server)?;
    let token = refresh_token(&wire.redeem(&wire.codes(1).await?.remove(0)).await.answer()?)?;

    let other = Connection::open(place.database())?;
    other.execute_batch("BEGIN IMMEDIATE")?;
    let answer = wire.rotate(&token).await.answer()?;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
    assert!(answer.header(RETRY_AFTER).parse::<u32>().is_ok());
    let reading = plain::get(wire.endpoint("certs").as_str()).await?;
    assert_eq!(reading.status, StatusCode::OK, "who only reads is served");
    other.execute_batch("ROLLBACK")?;
    refresh_token(&wire.rotate(&token).await.answer()?).context("it goes on when the lock is gone")?;
    server.signal("TERM")?;
    let (status, said) = server.wait()?;
    assert!(status.success() && said.contains("database is locked"), "{said}");
    Ok(())
}
