//! Browser sessions: how long they are good, and when a user must prove it anew.

use sekisho_core::Realm;
use sekisho_core::authorize::{AuthorizationRequest, Parameters, validate};
use sekisho_core::login::reauthentication_due;
use sekisho_core::redirect::find_target;
use sekisho_core::session::{ActiveSession, Session, SessionState, check, end, expires};
use sekisho_core::work::{Guard, RevokedKind, Write};
use sekisho_protocol::Timestamp;
use sekisho_testkit::builders::{self, NOW, NewRealm};
use serde_json::json;
use uuid::Uuid;

fn realm() -> NewRealm {
    let mut realm = NewRealm::named("r");
    realm.add_client(&json!({"clientId": "c", "redirectUris": ["https://app.example/cb"]}));
    realm.config.sso_session_idle_timeout = Some(1800);
    realm.config.sso_session_max_lifespan = Some(36_000);
    realm
}

fn session(realm: &Realm) -> Session {
    builders::session(realm, Uuid::from_u128(1), 2)
}

#[test]
fn session_is_good_until_idle_or_over() {
    let realm = realm().snapshot();
    for (seen, now, is_good) in [
        (0, 0, true),
        (0, 1799, true),
        (0, 1800, false),
        (1700, 1800, true),
        (35_999, 35_999, true),
        (35_999, 36_000, false),
    ] {
        let session = Session { seen: NOW.plus_seconds(seen), ..session(&realm) };
        let checked = check(&realm, session, NOW.plus_seconds(now));
        assert_eq!(checked.is_some(), is_good, "seen at {seen}, now {now}");
    }
}

#[test]
fn only_an_active_session_of_this_realm_is_good() {
    let realm = realm().snapshot();
    for state in [SessionState::Pending, SessionState::Active, SessionState::Ended] {
        let checked = check(&realm, Session { state, ..session(&realm) }, NOW);
        assert_eq!(checked.is_some(), state == SessionState::Active, "{state:?}");
    }
    assert!(check(&realm, Session { realm: Uuid::from_u128(99), ..session(&realm) }, NOW).is_none());
}

#[test]
fn session_from_before_the_not_before_is_over() {
    for (not_before, is_good) in [(0, true), (NOW.seconds(), true), (NOW.seconds() + 1, false)] {
        let realm = Realm { not_before, ..realm().snapshot() };
        assert_eq!(check(&realm, session(&realm), NOW).is_some(), is_good, "{not_before}");
    }
}

#[test]
fn remembered_session_has_longer_lives_where_the_realm_sets_them() {
    for (idle, max, remember_me, idles_at, ends_at) in [
        (0, 0, true, 1800, 36_000),
        (7200, 100_000, true, 7200, 100_000),
        (7200, 100_000, false, 1800, 36_000),
    ] {
        let mut document = realm();
        document.config.sso_session_idle_timeout_remember_me = Some(idle);
        document.config.sso_session_max_lifespan_remember_me = Some(max);
        let realm = document.snapshot();
        assert_eq!(expires(&realm.lifespans, remember_me, NOW), NOW.plus_seconds(ends_at));
        for (now, is_good) in [(idles_at - 1, true), (idles_at, false)] {
            let session = Session { remember_me, ..session(&realm) };
            assert_eq!(
                check(&realm, session, NOW.plus_seconds(now)).is_some(),
                is_good,
                "{idle} {remember_me} {now}"
            );
        }
    }
}

#[test]
fn end_of_a_session_takes_its_grants_along() {
    let realm = realm().snapshot();
    let session = session(&realm);
    let work = end(&session, Uuid::from_u128(9), NOW);
    assert!(
        matches!(work.guards.as_slice(), [Guard::EndSession { session: ended, .. }] if *ended == session.id)
    );
    let [
        Write::RevokeGrantsOfSession { session: of, .. },
        Write::Revoke { realm: within, kind, key, expires, .. },
    ] = work.writes.as_slice()
    else {
        unreachable!("two writes")
    };
    assert_eq!((*of, *within, *kind), (session.id, realm.id, RevokedKind::Session));
    assert_eq!(key.as_slice(), session.id.as_bytes());
    assert!(*expires > session.expires, "remembered as long as a token of the session could live");
}

fn asked(more: &str) -> AuthorizationRequest {
    let document = realm();
    let (realm, client) = (document.snapshot(), document.client("c"));
    let target = find_target(&client, Some("https://app.example/cb"), &realm.issuer).expect("registered");
    let query = format!("response_type=code&scope=openid&{more}");
    validate(&realm, &client, target, &Parameters::parse(query.as_bytes())).expect("valid")
}

fn signed_in(at: i64) -> ActiveSession {
    let realm = realm().snapshot();
    let session = Session { auth_time: NOW.plus_seconds(at), ..session(&realm) };
    check(&realm, session, NOW).expect("good")
}

/// Attack 67: only a sign-in after the request answers what the request asks for.
#[test]
fn user_proves_it_anew_where_the_request_wants_it() {
    let at = |seconds: i64| -> Option<Timestamp> { Some(NOW.plus_seconds(seconds)) };
    for (more, signed_in_at, asked_at, due) in [
        ("", -1000, None, false),
        ("", -1000, at(-5), false),
        ("prompt=consent", -1000, None, false),
        ("prompt=login", -1, None, true),
        ("prompt=login", -10, at(-5), true),
        ("prompt=login", -5, at(-5), false),
        ("prompt=login", -1, at(-5), false),
        ("max_age=0", -1, None, true),
        ("max_age=0", 0, None, true),
        ("max_age=0", -10, at(-5), true),
        ("max_age=0", -1, at(-5), false),
        ("max_age=60", -59, None, false),
        ("max_age=60", -60, None, true),
        ("max_age=60", -61, at(-5), true),
        ("max_age=-1", -1000, None, false),
        ("max_age=3600&prompt=login", -1, None, true),
    ] {
        let found = reauthentication_due(&asked(more), &signed_in(signed_in_at), asked_at, NOW);
        assert_eq!(found, due, "{more}, signed in at {signed_in_at}, asked at {asked_at:?}");
    }
}
