//! Which assertions authenticate a client, claim by claim.

use sekisho_jose::{SigningKey, base64url, sign};
use serde_json::{Map, Value, json};

use super::*;
use crate::client::tests::confidential;
use crate::client::{self, Presented};
use crate::policy::tests::realm;
use crate::secret::Secret;

const NOW: Timestamp = Timestamp(1_767_225_600_000);
const ISSUER: &str = "https://as.example/realms/r";
const SECRET: &str = "a secret of thirty-two bytes or more";

type Claims = Map<String, Value>;

fn key(algorithm: Algorithm, kid: &str) -> SigningKey {
    SigningKey::generate(algorithm).expect("a key").with_kid(kid)
}

/// A client with the public side of these.
fn with_keys(keys: &[&SigningKey]) -> Client {
    let keys = Keys::new(keys.iter().map(|key| key.verifying()).collect());
    let keys = ClientKeys::Held(keys.into());
    Client { authenticator: Authenticator::PrivateKeyJwt, keys, ..confidential(SECRET) }
}

fn with_secret(secret: &str) -> Client {
    Client { authenticator: Authenticator::SecretJwt, ..confidential(secret) }
}

/// A good assertion but for these claims; `null` takes one away.
fn claims(changes: Value) -> Claims {
    let now = NOW.seconds();
    let Value::Object(mut claims) = json!({
        "iss": "c", "sub": "c", "aud": ISSUER, "jti": "1", "iat": now, "exp": now + 60,
    }) else {
        panic!("an object")
    };
    let Value::Object(changes) = changes else { panic!("an object") };
    claims.extend(changes);
    claims.retain(|_, value| !value.is_null());
    claims
}

fn signed(key: &SigningKey, changes: Value) -> String {
    sign(key, "JWT", &claims(changes)).expect("a token")
}

/// A token with any header and no signature of anybody.
fn bare(header: &Value) -> String {
    let claims = Value::Object(claims(json!({})));
    let part = |value: &Value| base64url::encode(value.to_string().as_bytes());
    format!("{}.{}.", part(header), part(&claims))
}

fn judge(client: &Client, text: &str) -> Result<(), Cause> {
    let assertion = UnverifiedAssertion::parse(text)?;
    check(&realm(&json!({})), client, &assertion, None, NOW).map(|_| ())
}

fn refused(fault: AssertionFault) -> Result<(), Cause> {
    Err(Cause::ClientAssertion(fault))
}

#[test]
fn every_claim_is_what_it_must_be() {
    use AssertionFault as Fault;
    let key = key(Algorithm::Es256, "k");
    let client = with_keys(&[&key]);
    let now = NOW.seconds();
    let endpoint = |path: &str| format!("{ISSUER}/protocol/openid-connect{path}");
    for (changes, expected) in [
        (json!({}), Ok(())),
        (json!({"aud": [ISSUER]}), Ok(())),
        (json!({"aud": endpoint("/token")}), Ok(())),
        (json!({"aud": endpoint("/token/introspect")}), Ok(())),
        (json!({"aud": endpoint("/ext/par/request")}), Ok(())),
        (json!({"aud": null}), refused(Fault::Audience)),
        (json!({"aud": []}), refused(Fault::Audience)),
        (json!({"aud": format!("{ISSUER}/")}), refused(Fault::Audience)),
        (json!({"aud": endpoint("/userinfo")}), refused(Fault::Audience)),
        (json!({"aud": "https://as.example/realms/other"}), refused(Fault::Audience)),
        (json!({"aud": [ISSUER, endpoint("/token")]}), refused(Fault::Audiences)),
        (json!({"aud": 7}), refused(Fault::Malformed)),
        (json!({"exp": null}), refused(Fault::ExpiryMissing)),
        (json!({"exp": "soon"}), refused(Fault::Malformed)),
        (json!({"exp": now - 14}), Ok(())),
        (json!({"exp": now - 15}), refused(Fault::Inactive)),
        (json!({"exp": now + 90_000}), Ok(())),
        (json!({"nbf": now + 15}), Ok(())),
        (json!({"nbf": now + 16}), refused(Fault::Inactive)),
        (json!({"iat": now + 15}), Ok(())),
        (json!({"iat": now + 16}), refused(Fault::IssuedInFuture)),
        (json!({"iat": now - 74}), Ok(())),
        (json!({"iat": now - 75}), refused(Fault::IssuedLongAgo)),
        (json!({"iat": i64::MIN, "exp": i64::MAX}), refused(Fault::IssuedLongAgo)),
        (json!({"iat": null}), Ok(())),
        (json!({"iat": null, "exp": now + 75}), Ok(())),
        (json!({"iat": null, "exp": now + 76}), refused(Fault::ExpiryFar)),
        (json!({"jti": null}), refused(Fault::JtiMissing)),
        (json!({"jti": ""}), refused(Fault::JtiMissing)),
        (json!({"jti": 7}), refused(Fault::Malformed)),
        (json!({"iss": "d"}), Err(Cause::ClientAuthenticationMissing)),
        (json!({"sub": "d"}), Err(Cause::ClientAuthenticationMissing)),
        (json!({"iss": null}), Err(Cause::ClientAuthenticationMissing)),
        (json!({"sub": null}), Err(Cause::ClientAuthenticationMissing)),
        // The caller finds the client by the assertion; were it another one, it would still be refused.
        (json!({"iss": "d", "sub": "d"}), refused(Fault::Malformed)),
    ] {
        assert_eq!(judge(&client, &signed(&key, changes.clone())), expected, "{changes}");
    }
}

#[test]
fn the_key_is_the_clients_and_of_the_kind_that_the_algorithm_says() {
    use AssertionFault as Fault;
    let (rsa, ec) = (key(Algorithm::Rs256, "rsa"), key(Algorithm::Es256, "ec"));
    let (stranger, imitation) = (key(Algorithm::Es256, "other"), key(Algorithm::Es256, "ec"));
    let public = rsa.rsa_public_der().expect("a key");
    let confused = SigningKey::symmetric(Algorithm::Hs256, "rsa", &public).expect("long enough");
    let secret = SigningKey::symmetric(Algorithm::Hs256, "ec", SECRET.as_bytes()).expect("long enough");
    let client = with_keys(&[&rsa, &ec]);
    for (what, text, expected) in [
        ("RSA", signed(&rsa, json!({})), Ok(())),
        ("EC", signed(&ec, json!({})), Ok(())),
        ("another key under its own name", signed(&stranger, json!({})), refused(Fault::Key)),
        ("another key under the client's", signed(&imitation, json!({})), refused(Fault::Signature)),
        ("an RSA key's name over EC", signed(&imitation.with_kid("rsa"), json!({})), refused(Fault::Key)),
        ("a public key as a secret", signed(&confused, json!({})), refused(Fault::Algorithm)),
        ("the secret of the client", signed(&secret, json!({})), refused(Fault::Algorithm)),
        ("none", bare(&json!({"alg": "none"})), refused(Fault::Algorithm)),
        ("no algorithm", bare(&json!({"kid": "ec"})), refused(Fault::Algorithm)),
        ("no signature", bare(&json!({"alg": "ES256", "kid": "ec"})), refused(Fault::Signature)),
        ("no name, and one key fits", bare(&json!({"alg": "ES256"})), refused(Fault::Signature)),
        ("critical", bare(&json!({"alg": "ES256", "crit": ["x"]})), refused(Fault::Malformed)),
        ("no token", "x".to_owned(), Err(Cause::ClientAuthenticationMissing)),
        ("parts of nothing", "x.y.z".to_owned(), Err(Cause::ClientAuthenticationMissing)),
    ] {
        assert_eq!(judge(&client, &text), expected, "{what}");
    }
}

#[test]
fn a_setting_of_the_client_leaves_one_algorithm() {
    let (rsa, ec) = (key(Algorithm::Ps256, "rsa"), key(Algorithm::Es256, "ec"));
    let mut client = with_keys(&[&rsa, &ec]);
    for (setting, by_rsa, by_ec) in [
        ("", true, true),
        ("any", true, true),
        ("PS256", true, false),
        ("HS256", false, false),
        ("none", false, false),
    ] {
        client.attributes.insert(SIGNING_ALGORITHM.to_owned(), setting.to_owned());
        for (key, good) in [(&rsa, by_rsa), (&ec, by_ec)] {
            let expected = if good { Ok(()) } else { refused(AssertionFault::Algorithm) };
            assert_eq!(judge(&client, &signed(key, json!({}))), expected, "{setting} {}", key.algorithm());
        }
    }
}

#[test]
fn a_secret_signs_while_it_is_good_and_where_it_is_long_enough() {
    use AssertionFault as Fault;
    let by = |algorithm, secret: &str| {
        let key = SigningKey::symmetric(algorithm, "x", secret.as_bytes()).expect("long enough");
        signed(&key, json!({}))
    };
    let good = by(Algorithm::Hs256, SECRET);
    let mut rotated = with_secret("another secret of thirty-two bytes");
    rotated.rotated_secret = Some(Secret::new(SECRET));
    let mut ended = rotated.clone();
    for (client, seconds) in [(&mut rotated, 1), (&mut ended, -1)] {
        let ends = NOW.seconds() + seconds;
        client.attributes.insert(secret_life::ROTATED_ENDS.to_owned(), ends.to_string());
    }
    let wrong = "not this secret of thirty-two bytes or more";
    for (what, client, text, expected) in [
        ("right", &with_secret(SECRET), &good, Ok(())),
        ("wrong", &with_secret(SECRET), &by(Algorithm::Hs256, wrong), refused(Fault::Signature)),
        ("before", &rotated, &good, Ok(())),
        ("before, ended", &ended, &good, refused(Fault::Signature)),
        ("short for HS256", &with_secret("short"), &good, refused(Fault::SecretShort)),
        ("none", &with_secret(""), &good, refused(Fault::Signature)),
        (
            "RSA",
            &with_secret(SECRET),
            &signed(&key(Algorithm::Rs256, "x"), json!({})),
            refused(Fault::Algorithm),
        ),
        ("unsigned", &with_secret(SECRET), &bare(&json!({"alg": "none"})), refused(Fault::Algorithm)),
        ("cut", &with_secret(SECRET), &bare(&json!({"alg": "HS256"})), refused(Fault::Signature)),
    ] {
        assert_eq!(judge(client, text), expected, "{what}");
    }
}

#[test]
fn only_a_client_that_is_registered_for_it_and_served_authenticates_so() {
    let key = key(Algorithm::Es256, "k");
    let good = signed(&key, json!({}));
    let client = with_keys(&[&key]);
    let by = |authenticator| Client { authenticator, ..client.clone() };
    for (client, cause) in [
        (by(Authenticator::Secret), Cause::ClientAuthenticationMethod),
        (by(Authenticator::Other("client-x509".to_owned())), Cause::ClientAuthenticationMethod),
        (by(Authenticator::SecretJwt), Cause::ClientAssertion(AssertionFault::Algorithm)),
        (Client { kind: ClientKind::Public, ..client.clone() }, Cause::ClientAuthenticationMethod),
        (Client { enabled: false, ..client.clone() }, Cause::ClientDisabled),
        (Client { keys: ClientKeys::None, ..client.clone() }, Cause::ClientAssertion(AssertionFault::Key)),
    ] {
        assert_eq!(judge(&client, &good), Err(cause));
    }
}

/// Attack 45: an address is called for an assertion that could be good, and for no other.
#[test]
fn a_key_set_is_fetched_for_what_could_be_good() {
    let (ec, other) = (key(Algorithm::Es256, "ec"), key(Algorithm::Es256, "other"));
    let url = "https://c.example/keys";
    let client = Client { keys: ClientKeys::At(url.to_owned()), ..with_keys(&[]) };
    let asked = |client: &Client, text: &str| {
        let assertion = UnverifiedAssertion::parse(text).expect("names a client");
        wanted(client, &assertion).map(|wanted| wanted.is_in(&Keys::new(vec![ec.verifying()])))
    };
    let good = signed(&ec, json!({}));
    assert_eq!(asked(&client, &good), Some(true));
    assert_eq!(asked(&client, &signed(&other, json!({}))), Some(false));
    assert_eq!(asked(&client, &bare(&json!({"alg": "HS256", "kid": "ec"}))), None);
    assert_eq!(asked(&Client { authenticator: Authenticator::Secret, ..client.clone() }, &good), None);
    assert_eq!(asked(&with_keys(&[&ec]), &good), None);
    let assertion = UnverifiedAssertion::parse(&good).expect("names a client");
    let realm = realm(&json!({}));
    let keys = |key: &SigningKey| Keys::new(vec![key.verifying()]);
    for (fetched, expected) in [(Some(keys(&ec)), true), (Some(keys(&other)), false), (None, false)] {
        let checked = check(&realm, &client, &assertion, fetched.as_ref(), NOW);
        assert_eq!(checked.is_ok(), expected);
    }
}

/// Attack 10: the name is the client's own, and is remembered for as long as the assertion could be good.
#[test]
fn a_jti_is_spent_once_for_each_client() {
    let key = key(Algorithm::Es256, "k");
    let guard = |id: u128, changes: Value| {
        let client = Client { id: Uuid::from_u128(id), ..with_keys(&[&key]) };
        let assertion = UnverifiedAssertion::parse(&signed(&key, changes)).expect("names a client");
        let spendable = check(&realm(&json!({})), &client, &assertion, None, NOW).expect("a good one");
        let mut guards = spendable.spend(Uuid::nil()).guards;
        assert_eq!(guards.len(), 1);
        let Some(Guard::UseOnce { kind: SingleUse::ClientAssertion, key, keep_until, .. }) = guards.pop()
        else {
            panic!("another guard")
        };
        (key, keep_until)
    };
    let (first, kept) = guard(7, json!({}));
    assert_eq!(first, guard(7, json!({"exp": NOW.seconds() + 30})).0);
    assert_ne!(first, guard(7, json!({"jti": "2"})).0);
    assert_ne!(first, guard(8, json!({})).0);
    assert_eq!(kept, NOW.plus_seconds(60 + LEEWAY + 3600));
    assert_eq!(guard(7, json!({"exp": NOW.seconds() + 90_000})).1, kept, "its age ends it before");
}

/// Attack 40.
#[test]
fn who_wins_the_race_is_authenticated_by_that_assertion() {
    let key = key(Algorithm::Es256, "k");
    let client = with_keys(&[&key]);
    let settled = |outcome| {
        let assertion = UnverifiedAssertion::parse(&signed(&key, json!({}))).expect("names a client");
        let spendable = check(&realm(&json!({})), &client, &assertion, None, NOW).expect("a good one");
        settle(spendable, outcome)
    };
    let assertion = settled(Outcome::Won).expect("authenticated").assertion().expect("by an assertion");
    assert_eq!((assertion.algorithm.as_str(), &assertion.claims["jti"]), ("ES256", &json!("1")));
    let replayed = Cause::ClientAssertion(AssertionFault::Replayed);
    assert_eq!(settled(Outcome::Lost(0)).err(), Some(replayed));
    assert_eq!(settled(Outcome::Unknown).err(), Some(Cause::Unavailable));
    let by_secret = confidential("s");
    let by_secret = client::authenticate(&by_secret, &Presented::Secret("s"), NOW).expect("the secret");
    assert!(by_secret.assertion().is_none());
}
