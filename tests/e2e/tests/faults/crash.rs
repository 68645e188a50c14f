//! `kill -9` in the middle of 1,000 redemptions and rotations, again and again on the same files. Everything
//! sent and answered is written down; [`history`](super::history) judges it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use http::StatusCode;
use sekisho_e2e::http::Answer;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::history::{Act, Attempt, Outcome, check};
use super::realm::Events;
use super::server::{Place, Server};
use super::wire::{Heard, Wire};

const ROUNDS: usize = 3;
/// The kill falls somewhere between these numbers of answers, out of 1,000 requests.
const KILL_BETWEEN: (usize, usize) = (50, 800);

/// How many families play which part in a round.
const REDEEMED_BY_ONE: usize = 200;
const REDEEMED_BY_TWO: usize = 100;
const ROTATED_BY_ONE: usize = 160;
const ROTATED_BY_THREE: usize = 80;
const REPLAYED: usize = 30;
const REVOKED: usize = 40;
const LOGGED_OUT: usize = 30;
/// Families that share a session; those that are logged out fill sessions of their own.
const SESSION: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9() -> Result<()> {
    let mut dice = Dice::throw()?;
    let place = Place::new(Events::Kept)?;
    let chronicle = Arc::new(Chronicle::begin());
    let mut server = Server::start(&place)?;
    for round in 0..ROUNDS {
        let (families, groups) = prepare(&server, &chronicle).await?;
        let storm = chronicle.count();
        let kill_at = dice.between(KILL_BETWEEN);
        rage(&mut server, &chronicle, dice.shuffled(groups), kill_at).await?;
        let silent = chronicle.count_since(storm, |attempt| attempt.outcome == Outcome::Silence);
        assert!(place.log()?.len() > 0, "what was not folded in yet is in the log");
        server = Server::start(&place)?;
        assert_clean(&server)?;
        let probes = chronicle.count();
        probe(&server, &chronicle, families).await?;
        let alive = chronicle.count_since(probes, |attempt| attempt.token().is_some());
        println!(
            "round {round}: killed after {kill_at} answers, {silent} without one, {alive} granted later"
        );
        assert!(silent > 0, "the kill came when nothing was under way");
        assert!(alive > ROTATED_BY_ONE, "too little lived on to be worth a look: {alive}");
    }
    let wrong = check(&chronicle.attempts());
    assert!(wrong.is_empty(), "{} of {} attempts:\n{}", wrong.len(), chronicle.count(), wrong.join("\n"));
    assert!(server.stop()?.success());
    Ok(())
}

/// A code with what comes of it, and where it stands in the history.
#[derive(Clone)]
struct Family {
    id: usize,
    session: usize,
    code: String,
}

/// What one task of the storm does, one after the other.
struct Task {
    family: Family,
    part: Part,
}

#[derive(Clone)]
enum Part {
    Redeem,
    Rotate(String),
    /// Two rotations, then the first token once more.
    Replay(String),
    Revoke(String),
    LogOut(String),
}

/// Takes codes and redeems most of them; says who does what in the storm. Tasks of one group race.
async fn prepare(server: &Server, chronicle: &Arc<Chronicle>) -> Result<(Vec<Family>, Vec<Vec<Task>>)> {
    let wire = Wire::to(server)?;
    let held = ROTATED_BY_ONE + ROTATED_BY_THREE + REPLAYED + REVOKED + LOGGED_OUT;
    let families = chronicle.families(&wire, held + REDEEMED_BY_ONE + REDEEMED_BY_TWO).await?;
    let tokens = redeem_all(&wire, chronicle, families.get(..held).unwrap_or_default()).await?;
    let mut rest = families.iter().cloned().zip(tokens.into_iter().map(Some).chain(std::iter::repeat(None)));
    let mut groups = Vec::new();
    let mut cast = |count: usize, parts: &dyn Fn(String) -> Vec<Part>| {
        for (family, token) in rest.by_ref().take(count) {
            let task = |part| Task { family: family.clone(), part };
            groups.push(parts(token.unwrap_or_default()).into_iter().map(task).collect());
        }
    };
    // First, so that their sessions are theirs alone.
    for _ in 0..LOGGED_OUT / SESSION {
        cast(1, &|token| vec![Part::LogOut(token.clone()), Part::Rotate(token)]);
        cast(SESSION - 1, &|token| vec![Part::Rotate(token)]);
    }
    cast(ROTATED_BY_ONE, &|token| vec![Part::Rotate(token)]);
    cast(ROTATED_BY_THREE, &|token| vec![Part::Rotate(token); 3]);
    cast(REPLAYED, &|token| vec![Part::Replay(token)]);
    cast(REVOKED, &|token| vec![Part::Revoke(token.clone()), Part::Rotate(token)]);
    cast(REDEEMED_BY_ONE, &|_| vec![Part::Redeem]);
    cast(REDEEMED_BY_TWO, &|_| vec![Part::Redeem; 2]);
    Ok((families, groups))
}

/// Redeems each code once, all at the same time; gives the tokens in the same order.
async fn redeem_all(wire: &Wire, chronicle: &Arc<Chronicle>, families: &[Family]) -> Result<Vec<String>> {
    let mut tasks = JoinSet::new();
    for (place, family) in families.iter().cloned().enumerate() {
        let (wire, chronicle) = (wire.clone(), chronicle.clone());
        tasks.spawn(async move { (place, chronicle.redeem(&wire, &family).await) });
    }
    let mut tokens = vec![String::new(); families.len()];
    while let Some(done) = tasks.join_next().await {
        let (place, outcome) = done?;
        let Some(Outcome::Granted(token)) = outcome else { anyhow::bail!("{outcome:?} before the storm") };
        *tokens.get_mut(place).context("a token without a place")? = token;
    }
    Ok(tokens)
}

/// Sends everything at once and kills the server after so many answers.
async fn rage(
    server: &mut Server,
    chronicle: &Arc<Chronicle>,
    groups: Vec<Vec<Task>>,
    kill_at: usize,
) -> Result<()> {
    let wire = Wire::to(server)?;
    let mut tasks = JoinSet::new();
    chronicle.answered.store(0, Ordering::Relaxed);
    for task in groups.into_iter().flatten() {
        let (wire, chronicle) = (wire.clone(), chronicle.clone());
        tasks.spawn(async move { play(&wire, &chronicle, task).await });
    }
    while chronicle.answered.load(Ordering::Relaxed) < kill_at {
        chronicle.news.notified().await;
    }
    server.kill()?;
    while let Some(done) = tasks.join_next().await {
        done?;
    }
    Ok(())
}

async fn play(wire: &Wire, chronicle: &Chronicle, Task { family, part }: Task) {
    match part {
        Part::Redeem => drop(chronicle.redeem(wire, &family).await),
        Part::Rotate(token) => drop(chronicle.rotate(wire, &family, &token).await),
        Part::Revoke(token) => chronicle.revoke(wire, &family, &token).await,
        Part::LogOut(token) => chronicle.log_out(wire, &family, &token).await,
        Part::Replay(token) => {
            let Some(Outcome::Granted(second)) = chronicle.rotate(wire, &family, &token).await else {
                return;
            };
            let Some(Outcome::Granted(_)) = chronicle.rotate(wire, &family, &second).await else { return };
            chronicle.rotate(wire, &family, &token).await;
        }
    }
}

/// Asks for every family what became of it. What lives is then ended by a replay of its code, and asked again.
async fn probe(server: &Server, chronicle: &Arc<Chronicle>, families: Vec<Family>) -> Result<()> {
    let wire = Wire::to(server)?;
    let mut tasks = JoinSet::new();
    for family in families {
        let (wire, chronicle) = (wire.clone(), chronicle.clone());
        tasks.spawn(async move {
            if let Some(token) = chronicle.newest(&family) {
                chronicle.rotate(&wire, &family, &token).await;
            }
            chronicle.redeem(&wire, &family).await;
            chronicle.redeem(&wire, &family).await;
            if let Some(token) = chronicle.newest(&family) {
                chronicle.rotate(&wire, &family, &token).await;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done?;
    }
    Ok(())
}

fn assert_clean(server: &Server) -> Result<()> {
    let said = server.said_at_start();
    ensure!(!said.contains("\"WARN\"") && !said.contains("\"ERROR\""), "not a clean start: {said}");
    Ok(())
}

/// Everything that was sent and what came back.
struct Chronicle {
    began: Instant,
    attempts: Mutex<Vec<Attempt>>,
    sessions: AtomicUsize,
    families: AtomicUsize,
    answered: AtomicUsize,
    news: Notify,
}

impl Chronicle {
    fn begin() -> Self {
        Self {
            began: Instant::now(),
            attempts: Mutex::default(),
            sessions: AtomicUsize::new(0),
            families: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
            news: Notify::new(),
        }
    }

    /// Takes so many codes, of sessions with a few each.
    async fn families(self: &Arc<Self>, wire: &Wire, count: usize) -> Result<Vec<Family>> {
        let mut sessions = JoinSet::new();
        for first in (0..count).step_by(SESSION) {
            let (wire, size) = (wire.clone(), SESSION.min(count - first));
            sessions.spawn(async move { wire.codes(size).await });
        }
        let mut families = Vec::new();
        while let Some(done) = sessions.join_next().await {
            let session = self.sessions.fetch_add(1, Ordering::Relaxed);
            families.extend(done??.into_iter().map(|code| {
                let id = self.families.fetch_add(1, Ordering::Relaxed);
                Family { id, session, code }
            }));
        }
        Ok(families)
    }

    async fn redeem(&self, wire: &Wire, family: &Family) -> Option<Outcome> {
        self.note(family, Act::Redeem, wire.redeem(&family.code)).await
    }

    async fn rotate(&self, wire: &Wire, family: &Family, token: &str) -> Option<Outcome> {
        self.note(family, Act::Rotate(token.to_owned()), wire.rotate(token)).await
    }

    async fn revoke(&self, wire: &Wire, family: &Family, token: &str) {
        self.note(family, Act::Revoke, wire.revoke(token)).await;
    }

    async fn log_out(&self, wire: &Wire, family: &Family, token: &str) {
        self.note(family, Act::LogOut, wire.log_out(token)).await;
    }

    /// Does it and writes it down; what never left is no attempt.
    async fn note(&self, family: &Family, act: Act, sent: impl Future<Output = Heard>) -> Option<Outcome> {
        let began = self.now();
        let outcome = match sent.await {
            Heard::Unsent => return None,
            Heard::Silence => Outcome::Silence,
            Heard::Answer(answer) => {
                self.answered.fetch_add(1, Ordering::Relaxed);
                outcome(&answer)
            }
        };
        let (family, session) = (family.id, family.session);
        let attempt = Attempt { family, session, act, began, ended: self.now(), outcome: outcome.clone() };
        self.lock().push(attempt);
        self.news.notify_one();
        Some(outcome)
    }

    /// The token of the family that nobody has exchanged yet, as far as answers tell.
    fn newest(&self, family: &Family) -> Option<String> {
        let attempts = self.lock();
        let family = || attempts.iter().filter(|attempt| attempt.family == family.id);
        let exchanged = |token: &str| {
            family().any(|other| other.token().is_some() && other.act == Act::Rotate(token.to_owned()))
        };
        family().filter_map(Attempt::token).find(|token| !exchanged(token)).map(str::to_owned)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Attempt>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempts(&self) -> Vec<Attempt> {
        self.lock().clone()
    }

    fn count(&self) -> usize {
        self.lock().len()
    }

    fn count_since(&self, start: usize, wanted: impl Fn(&Attempt) -> bool) -> usize {
        self.lock().iter().skip(start).filter(|attempt| wanted(attempt)).count()
    }
}

fn outcome(answer: &Answer) -> Outcome {
    let text = || format!("{} {}", answer.status, answer.body);
    let member = |name: &str| answer.json().ok()?.get(name)?.as_str().map(str::to_owned);
    match answer.status {
        StatusCode::OK if answer.body.is_empty() => Outcome::Done,
        StatusCode::NO_CONTENT => Outcome::Done,
        StatusCode::OK => member("refresh_token").map_or_else(|| Outcome::Strange(text()), Outcome::Granted),
        StatusCode::SERVICE_UNAVAILABLE => Outcome::Unavailable,
        _ if member("error").as_deref() == Some("invalid_grant") => Outcome::Refused,
        _ => Outcome::Strange(text()),
    }
}

/// Chance that can be had again (SplitMix64): the seed is printed, and `SEKISHO_FAULTS_SEED` sets it.
struct Dice(u64);

impl Dice {
    fn throw() -> Result<Self> {
        let seed = match std::env::var("SEKISHO_FAULTS_SEED") {
            Ok(seed) => seed.parse()?,
            Err(_) => u64::from(UNIX_EPOCH.elapsed()?.subsec_nanos()),
        };
        println!("SEKISHO_FAULTS_SEED={seed}");
        Ok(Self(seed))
    }

    fn next(&mut self) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or_default()
    }

    fn between(&mut self, (low, high): (usize, usize)) -> usize {
        low + self.next() % (high - low)
    }

    fn shuffled<T>(&mut self, mut items: Vec<T>) -> Vec<T> {
        for last in (1..items.len()).rev() {
            items.swap(last, self.next() % (last + 1));
        }
        items
    }
}
