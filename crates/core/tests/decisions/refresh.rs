//! Refresh tokens: families, generations and the grace between two of them.

use sekisho_core::client::ClientKind;
use sekisho_core::grant::Grant;
use sekisho_core::refresh::{
    Decision, GRACE, GRACE_USES, Presented, decide, expires, keep, parse, repeat, rotate, rotates,
};
use sekisho_core::work::{Guard, Write};
use sekisho_core::{Client, Realm};
use sekisho_jose::{Algorithm, SigningKey, jws};
use sekisho_protocol::{Cause, Timestamp};
use sekisho_testkit::builders::{self, NOW, NewRealm};
use serde_json::{Value, json};
use uuid::Uuid;

struct Given {
    realm: Realm,
    client: Client,
    grant: Grant,
}

/// A family whose third generation was issued at [`NOW`].
fn given(kind: ClientKind) -> Given {
    let mut realm = NewRealm::named("r");
    realm.add_client(&json!({"clientId": "c", "publicClient": kind == ClientKind::Public}));
    let (realm, client) = (realm.snapshot(), realm.client("c"));
    let session = builders::session(&realm, Uuid::from_u128(1), 2);
    let grant = Grant { generation: 3, ..builders::grant(&session, client.id, 3) };
    Given { realm, client, grant }
}

fn presented(grant: &Grant, generation: i64) -> Presented {
    Presented { grant: grant.id, generation, issued: NOW.plus_seconds(-60), scopes: grant.scopes.clone() }
}

fn outcome(given: &Given, generation: i64, now: Timestamp) -> Result<Decision, Cause> {
    decide(&given.realm, &given.client, &given.grant, &presented(&given.grant, generation), now)
}

#[test]
fn generation_decides_by_time_and_by_how_often_it_came() {
    use ClientKind::{Confidential, Public};
    use Decision::{Keep, Repeat, Replayed, Rotate};
    for (kind, generation, seconds, repeats, decision) in [
        (Public, 3, 0, 0, Rotate),
        (Public, 3, 1_000_000, GRACE_USES, Rotate),
        (Public, 2, 0, 0, Repeat),
        (Public, 2, GRACE - 1, GRACE_USES - 1, Repeat),
        (Public, 2, GRACE, 0, Replayed),
        (Public, 2, 0, GRACE_USES, Replayed),
        (Public, 1, 0, 0, Replayed),
        // A generation that was never issued cannot have our signature; if it has, something is wrong.
        (Public, 4, 0, 0, Replayed),
        (Confidential, 3, 0, 0, Keep),
        (Confidential, 3, 1_000_000, 0, Keep),
        (Confidential, 2, 0, 0, Repeat),
        (Confidential, 2, GRACE, 0, Replayed),
        (Confidential, 1, 0, 0, Replayed),
    ] {
        let mut given = given(kind);
        given.grant.repeats = repeats;
        let decided = outcome(&given, generation, NOW.plus_seconds(seconds));
        assert_eq!(decided, Ok(decision), "{kind:?} {generation} after {seconds} s, {repeats} repeats");
    }
}

#[test]
fn families_rotate_where_the_client_is_public_or_the_realm_says_so() {
    for (kind, of_realm, expected) in [
        (ClientKind::Public, false, true),
        (ClientKind::Public, true, true),
        (ClientKind::Confidential, false, false),
        (ClientKind::Confidential, true, true),
    ] {
        let mut given = given(kind);
        given.realm.tokens.revoke_refresh_token = of_realm;
        assert_eq!(rotates(&given.realm, &given.client), expected, "{kind:?}, realm {of_realm}");
        let decision = if expected { Decision::Rotate } else { Decision::Keep };
        assert_eq!(outcome(&given, 3, NOW), Ok(decision));
    }
}

#[test]
fn family_is_for_its_client_and_realm_and_until_it_is_revoked() {
    let refused = |change: fn(&mut Given)| {
        let mut given = given(ClientKind::Public);
        change(&mut given);
        [1, 2, 3].map(|generation| outcome(&given, generation, NOW).err())
    };
    let all = |cause: Cause| [Some(cause.clone()), Some(cause.clone()), Some(cause)];
    let other = all(Cause::RefreshTokenOfAnotherClient);
    assert_eq!(refused(|given| given.grant.client = Uuid::from_u128(99)), other);
    assert_eq!(refused(|given| given.grant.realm = Uuid::from_u128(99)), other);
    assert_eq!(refused(|given| given.grant.revoked = Some(NOW)), all(Cause::GrantRevoked));
}

#[test]
fn token_from_before_the_not_before_is_stale() {
    let issued = NOW.seconds() - 60;
    for (of_realm, of_client, stale) in
        [(0, 0, false), (issued, issued, false), (issued + 1, 0, true), (0, issued + 1, true)]
    {
        let mut given = given(ClientKind::Public);
        given.realm.not_before = of_realm;
        given.client.not_before = of_client;
        let refused = outcome(&given, 3, NOW) == Err(Cause::TokenStale);
        assert_eq!(refused, stale, "realm {of_realm}, client {of_client}");
    }
}

/// A row that is kept too short must not end a family whose token is still good.
#[test]
fn row_that_lags_behind_does_not_refuse_its_token() {
    let mut given = given(ClientKind::Confidential);
    given.grant.expires = Some(NOW);
    assert_eq!(outcome(&given, 3, NOW.plus_seconds(30)), Ok(Decision::Keep));
}

#[test]
fn row_is_kept_on_when_it_lags_by_a_minute() {
    let given = given(ClientKind::Confidential);
    let kept = given.grant.expires.expect("an online family has an end");
    let work = Uuid::from_u128(5);
    for (seconds, is_due) in [(0, false), (59, false), (60, true), (1800, true)] {
        let extended = keep(&given.grant, Some(kept.plus_seconds(seconds)), work);
        assert_eq!(extended.is_some(), is_due, "{seconds}");
    }
    let extended = keep(&given.grant, Some(kept.plus_seconds(60)), work).expect("due");
    let id = given.grant.id.uuid();
    assert!(matches!(extended.guards.as_slice(), [Guard::TouchGrant { grant }] if *grant == id));
    let until = kept.plus_seconds(60);
    assert!(matches!(extended.writes.as_slice(), [Write::ExtendGrant { grant, expires }]
        if *grant == id && *expires == until));
    assert!(keep(&given.grant, None, work).is_none(), "a family without an end is kept as it is");
}

/// DESIGN §5.4: whatever makes a child touches its parent first.
#[test]
fn rotation_touches_the_session_that_it_lives_under() {
    let given = given(ClientKind::Public);
    let session = given.grant.session.expect("online");
    for work in [rotate(&given.grant, None, Uuid::nil(), NOW), repeat(&given.grant, Uuid::nil())] {
        assert!(
            matches!(work.guards.first(), Some(Guard::TouchSession { session: touched }) if *touched == session)
        );
        assert_eq!(work.guards.len(), 2);
    }
    let offline = Grant { session: None, offline: true, ..given.grant };
    assert!(matches!(
        rotate(&offline, None, Uuid::nil(), NOW).guards.as_slice(),
        [Guard::RotateGrant { from: 3, .. }]
    ));
}

#[test]
fn idle_time_and_session_bound_the_life_of_a_generation() {
    let realm = |client_idle: i64, offline_max: Option<i64>| {
        let mut realm = given(ClientKind::Public).realm;
        realm.lifespans.client_session_idle = client_idle;
        realm.lifespans.offline_max = offline_max;
        realm
    };
    let at = |seconds: i64| Some(NOW.plus_seconds(seconds));
    for (client_idle, offline_max, offline, session_ends, ends) in [
        (0, None, false, None, at(1800)),
        (0, None, false, at(36_000), at(1800)),
        (0, None, false, at(60), at(60)),
        (120, None, false, at(36_000), at(120)),
        (0, None, true, None, at(2_592_000)),
        (0, Some(5_184_000), true, None, at(2_592_000)),
        (0, Some(1_000_000), true, None, at(1_000_000)),
    ] {
        let realm = realm(client_idle, offline_max);
        assert_eq!(
            expires(&realm, offline, session_ends, NOW, NOW),
            ends,
            "{client_idle} {offline_max:?} {offline}"
        );
    }
}

fn signed(given: &Given, changes: &Value, typ: &str) -> String {
    let mut claims = json!({
        "exp": NOW.seconds() + 1800, "iat": NOW.seconds(), "jti": given.grant.id.numbered(3),
        "iss": given.realm.issuer, "aud": given.realm.issuer, "typ": "Refresh", "scope": "openid email",
    });
    let members = claims.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            members.shift_remove(name)
        } else {
            members.insert(name.clone(), value.clone())
        };
    }
    jws::sign(&given.realm.keys.refresh[0], typ, &claims).expect("signed")
}

#[test]
fn refresh_token_says_its_family_and_generation() {
    let given = given(ClientKind::Public);
    for typ in ["Refresh", "Offline"] {
        let token = signed(&given, &json!({"typ": typ}), "JWT");
        let presented = parse(&given.realm, &token, NOW).expect("ours");
        assert_eq!((presented.grant, presented.generation), (given.grant.id, 3));
        assert_eq!((presented.issued, presented.scopes.to_string()), (NOW, "openid email".to_owned()));
    }
    let endless = signed(&given, &json!({"typ": "Offline", "exp": null}), "JWT");
    assert!(parse(&given.realm, &endless, NOW).is_ok(), "an offline token may have no end");
}

#[test]
fn what_is_not_a_refresh_token_of_ours_is_refused_without_a_read() {
    let given = given(ClientKind::Public);
    let now = NOW.seconds();
    let invalid = Cause::RefreshTokenInvalid;
    for (changes, cause) in [
        (json!({"exp": now}), Cause::RefreshTokenExpired),
        (json!({"typ": "Bearer"}), invalid.clone()),
        (json!({"typ": "ID"}), invalid.clone()),
        (json!({"typ": null}), invalid.clone()),
        (json!({"iss": "https://other.example/realms/r"}), invalid.clone()),
        (json!({"aud": "https://other.example/realms/r"}), invalid.clone()),
        (json!({"aud": null}), invalid.clone()),
        (json!({"jti": null}), invalid.clone()),
        (json!({"jti": "x"}), invalid.clone()),
        (json!({"jti": "0198c3a0-0000-7000-8000-000000000000"}), invalid.clone()),
        (json!({"iat": null}), invalid.clone()),
        (json!({"typ": "Refresh", "exp": null}), invalid.clone()),
    ] {
        let token = signed(&given, &changes, "JWT");
        assert_eq!(parse(&given.realm, &token, NOW).err(), Some(cause), "{changes}");
    }
    let token = signed(&given, &json!({}), "JWT");
    let (signed_part, _) = token.rsplit_once('.').expect("three parts");
    for forged in [format!("{signed_part}.AAAA"), format!("{signed_part}."), "x".to_owned(), String::new()] {
        assert_eq!(parse(&given.realm, &forged, NOW).err(), Some(invalid.clone()), "{forged}");
    }
    let access =
        jws::sign(&given.realm.keys.signing[0], "JWT", &json!({"exp": now + 60, "iss": given.realm.issuer}));
    assert_eq!(parse(&given.realm, &access.expect("signed"), NOW).err(), Some(invalid));
}

#[test]
fn older_key_still_verifies_what_it_signed() {
    let mut given = given(ClientKind::Public);
    let token = signed(&given, &json!({}), "JWT");
    let key = |kid: &str| SigningKey::symmetric(Algorithm::Hs512, kid, &[9; 64]).expect("long enough");
    given.realm.keys.refresh.insert(0, key("newest"));
    assert!(parse(&given.realm, &token, NOW).is_ok());
    given.realm.keys.refresh = vec![key("refresh")];
    assert_eq!(
        parse(&given.realm, &token, NOW).err(),
        Some(Cause::RefreshTokenInvalid),
        "the name is not the key"
    );
}
