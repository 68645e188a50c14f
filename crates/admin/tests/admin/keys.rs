//! Keys that take the place of others.

use sekisho_admin::keys::{self, Rotation};
use sekisho_core::keys::KeyState;
use sekisho_jose::algorithm::Algorithm;

use super::documents::{differing, rich};
use super::place::Place;

fn shown(jwks: &str, kid: &str) -> bool {
    jwks.contains(&format!(r#""kid":"{kid}""#))
}

async fn signer(place: &Place) -> String {
    place.realm("rich").await.keys.signer(Algorithm::Es256).expect("a key").kid().to_owned()
}

#[tokio::test]
async fn a_new_key_is_shown_before_it_signs_and_the_old_one_after() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    let (context, old) = (place.context(), signer(&place).await);
    let made =
        keys::rotate(&context, "rich", Some(Algorithm::Es256), Rotation::Announced).await.expect("a key");
    let new = made[0].kid.clone();
    assert_eq!((made.len(), made[0].state), (1, KeyState::Next));
    assert!(shown(&place.realm("rich").await.keys.jwks, &new));
    assert_eq!(signer(&place).await, old);
    let again =
        keys::rotate(&context, "rich", Some(Algorithm::Es256), Rotation::Announced).await.expect("an answer");
    assert_eq!(again, [], "one is announced already");

    place.clock.advance(609);
    assert_eq!(place.store.advance_keys("rich", uuid::Uuid::from_u128(1)).await.expect("an answer"), 0);
    place.clock.advance(1);
    assert_eq!(place.store.advance_keys("rich", uuid::Uuid::from_u128(1)).await.expect("an answer"), 2);
    assert_eq!(signer(&place).await, new);
    let jwks = place.realm("rich").await.keys.jwks.clone();
    assert!(shown(&jwks, &new) && shown(&jwks, &old), "{jwks}");
}

#[tokio::test]
async fn after_a_compromise_the_old_key_is_gone_at_once() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    let (context, old) = (place.context(), signer(&place).await);
    let refresh = place.realm("rich").await.keys.refresh[0].kid().to_owned();
    let made = keys::rotate(&context, "rich", None, Rotation::Now).await.expect("keys");
    assert_eq!(made.len(), 4, "ES256, RS256, EdDSA and HS512");
    assert!(made.iter().all(|key| key.state == KeyState::Active));
    let realm = place.realm("rich").await;
    assert!(!shown(&realm.keys.jwks, &old));
    assert_ne!(signer(&place).await, old);
    assert!(realm.keys.refresh.iter().all(|key| key.kid() != refresh));
}

#[tokio::test]
async fn rotated_keys_go_out_and_come_in_again() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    let context = place.context();
    keys::rotate(&context, "rich", None, Rotation::Announced).await.expect("keys");
    place.clock.advance(610);
    place.store.advance_keys("rich", uuid::Uuid::from_u128(1)).await.expect("an answer");
    let (new, exported) = (signer(&place).await, place.export("rich").await);
    place.overwrite(place.export("rich").await).await.expect("an import");
    assert_eq!(signer(&place).await, new);
    assert_eq!(differing(&exported, &place.export("rich").await), [""; 0]);
}

#[tokio::test]
async fn an_algorithm_without_a_key_is_refused() {
    let place = Place::new().await;
    place.import(rich()).await.expect("an import");
    let rotated = keys::rotate(&place.context(), "rich", Some(Algorithm::Ps256), Rotation::Announced).await;
    assert_eq!(rotated.expect_err("a refusal").to_string(), "the realm has no key for PS256 to rotate");
    let listed = keys::list(&place.context(), "gone").await;
    assert_eq!(listed.expect_err("a refusal").to_string(), r#"there is no realm "gone""#);
}
