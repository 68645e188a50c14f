//! Imports that are cut short, and imports that meet.

use sekisho_admin::AdminError;
use sekisho_admin::realm::{self, IfExists, ImportOptions, ImportOutcome};
use sekisho_core::work::{Guard, Outcome, Work};
use sekisho_protocol::keycloak::RealmRepresentation;
use serde_json::json;
use uuid::Uuid;

use super::documents::{differing, realm_of};
use super::place::Place;

/// More rows than one work takes.
fn large() -> RealmRepresentation {
    let users: Vec<_> =
        (0..1_200).map(|n| json!({"username": format!("user-{n:04}"), "enabled": true})).collect();
    realm_of(&json!({"realm": "large", "enabled": true, "users": users}))
}

#[tokio::test(start_paused = true)]
async fn an_import_that_was_cut_short_begins_anew() {
    let place = Place::new().await;
    place.import(large()).await.expect("an import");
    let whole = place.export("large").await;
    // Each work in turn is the first that is not stored; the last try needs no more.
    for works in 1.. {
        place.engine.stop_after(works);
        let outcome = place.overwrite(place.export("large").await).await;
        place.engine.start();
        if outcome.is_ok() {
            assert!(works > 4, "there is a middle to stop in");
            break;
        }
        if works > 1 {
            assert!(!place.realm("large").await.enabled, "after {works} works the realm answers nothing");
        }
        let again = place.import(clone_of(&whole)).await.expect("an import");
        assert_eq!(again.warnings, []);
        assert_eq!(differing(&whole, &place.export("large").await), [""; 0], "after {works} works");
    }
}

fn clone_of(realm: &RealmRepresentation) -> RealmRepresentation {
    realm_of(&serde_json::to_value(realm).expect("JSON"))
}

#[tokio::test]
async fn an_import_that_fails_leaves_nothing() {
    let place = Place::new().await;
    place
        .import(realm_of(&json!({"realm": "first", "users": [{"username": "ann"}]})))
        .await
        .expect("an import");
    let taken = place.export("first").await.users.expect("users")[0].id.clone();
    let users = [json!({"username": "bob"}), json!({"username": "ann", "id": taken})];
    let refused =
        place.import(realm_of(&json!({"realm": "second", "users": users}))).await.expect_err("a refusal");
    assert!(matches!(&refused, AdminError::IdTaken { what, .. } if what == "user \"ann\""), "{refused}");
    assert!(place.store.stored_realm("second").await.expect("a read").is_none());
    let names = place.store.realm_names().await.expect("a read");
    assert_eq!(names, ["first"]);
}

#[tokio::test]
async fn of_two_imports_at_the_same_time_one_wins_whole() {
    let place = Place::new().await;
    let (one, other) = tokio::join!(place.import(large()), place.import(large()));
    let winners = [&one, &other].iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(winners, 1, "{:?} {:?}", one.err(), other.err());
    let refused = one.err().or(other.err());
    assert!(matches!(refused, Some(AdminError::RealmExists(_))), "{refused:?}");
    assert_eq!(place.export("large").await.users.expect("users").len(), 1_200);
}

#[tokio::test]
async fn nodes_that_start_together_agree_on_one_realm() {
    let place = Place::new().await;
    let options = || ImportOptions { if_exists: IfExists::Skip, ..ImportOptions::default() };
    let context = place.context();
    let start = || realm::import(&context, large(), options());
    let (one, two, three) = tokio::join!(start(), start(), start());
    let outcomes = [one, two, three].map(|outcome| outcome.expect("an import"));
    let made = outcomes.iter().filter(|imported| imported.outcome == ImportOutcome::Created).count();
    assert_eq!(made, 1);
    assert!(outcomes.iter().all(|imported| imported.realm == outcomes[0].realm));
}

#[tokio::test(start_paused = true)]
async fn an_import_that_lost_its_realm_to_another_stops() {
    let place = Place::new().await;
    place.engine.stop_after(2);
    place.import(large()).await.expect_err("cut short");
    place.engine.start();
    let begun = place.store.stored_realm("large").await.expect("a read").expect("a row").record;
    let document = serde_json::to_value(large()).expect("JSON");
    let mut same_id = realm_of(&document);
    same_id.id = Some(begun.id.to_string());
    place.engine.stop_after(3);
    place.import(same_id).await.expect_err("cut short");
    place.engine.start();
    let first = Guard::ContinueImport { realm: begun.id, begun: begun.created };
    let outcome = place.store.commit(Work::new(Uuid::from_u128(1)).guard(first)).await.expect("an answer");
    assert_eq!(outcome, Outcome::Lost(0));
    let now = place.store.stored_realm("large").await.expect("a read").expect("a row").record;
    assert_eq!(now.id, begun.id);
    let second = Guard::ContinueImport { realm: now.id, begun: now.created };
    let outcome = place.store.commit(Work::new(Uuid::from_u128(2)).guard(second)).await.expect("an answer");
    assert_eq!(outcome, Outcome::Won);
}
