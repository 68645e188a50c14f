//! Works while the database fails in the middle of them.

use sekisho_core::work::{Outcome, RevokedKind};
use sekisho_core::{code, grant, refresh, session};

use super::{Faulty, Given, TASKS, count, race, won};
use crate::builders::NOW;
use crate::engine_contract::id;

pub async fn work_is_run_again_after_conflicts(faulty: Faulty) {
    let given = Given::on(&faulty.subject).await;
    let session = given.session(100).await;
    let (code, redeemed) = given.code(&session, 1);
    (faulty.conflicts)(5);
    won(&given.store, code::redeem(&code, redeemed.clone(), id(200))).await;
    assert_eq!(given.stored(redeemed.id).await.unwrap().revoked, None);
}

pub async fn work_whose_answer_is_lost_has_won(faulty: Faulty) {
    let given = Given::on(&faulty.subject).await;
    let session = given.session(100).await;
    let (code, redeemed) = given.code(&session, 1);
    let family = given.grant(&session, 2).await;
    let works = [
        code::redeem(&code, redeemed.clone(), id(200)),
        refresh::rotate(&family, family.expires, id(201), NOW),
        grant::revoke_once(given.realm.id, redeemed.id, id(202), NOW),
        session::end(&session, id(203), NOW),
    ];
    for work in works {
        (faulty.lost_answers)(1);
        won(&given.store, work).await;
    }
    assert_eq!(given.stored(family.id).await.unwrap().generation, 2, "rotated once");
    let revoked = given.store.revocations();
    assert!(revoked.contains(given.realm.id, RevokedKind::Grant, redeemed.id.uuid().as_bytes()));
}

/// Nothing may be concluded from an outcome that nobody knows: a code then has at most one winner, and a
/// loser is told so.
pub async fn race_of_redemptions_has_one_winner_whatever_breaks(faulty: Faulty) {
    let given = Given::on(&faulty.subject).await;
    let session = given.session(100).await;
    for round in 0..8_u64 {
        (faulty.conflicts)(12);
        (faulty.lost_answers)(2);
        let (code, redeemed) = given.code(&session, 1_000 + round);
        let first = 10_000 + u128::from(round) * 100;
        let works = (0..TASKS).map(|n| code::redeem(&code, redeemed.clone(), id(first + n)));
        let outcomes = race(&given.store, works).await;
        assert_eq!(count(&outcomes, Outcome::Won), 1, "round {round}: {outcomes:?}");
        assert_eq!(count(&outcomes, Outcome::Lost(0)), 15, "round {round}: {outcomes:?}");
    }
}
