//! Clients that sign (RFC 7523) at the endpoints that clients call.

use sekisho_jose::{Algorithm, SigningKey, jws};
use sekisho_protocol::Clock as _;
use sekisho_testkit::builders::NewRealm;
use serde_json::json;
use tokio::task::JoinSet;

use super::policies::govern;
use super::support::answer::Answer;
use super::support::client::basic;
use super::support::town::realm;
use super::support::world::{World, fresh};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ENDPOINTS: [&str; 3] = ["/token", "/token/introspect", "/revoke"];
const SECRET: &str = "a secret of thirty-two bytes or more";

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).expect("a key")
}

/// Adds clients `signer`, by this key, and `mac`, by a secret.
fn add_clients(realm: &mut NewRealm, key: &SigningKey) {
    let keys = json!({"keys": [key.public()]}).to_string();
    for (name, authenticator) in [("signer", "client-jwt"), ("mac", "client-secret-jwt")] {
        realm.add_client(&json!({
            "clientId": name, "secret": SECRET, "serviceAccountsEnabled": true,
            "clientAuthenticatorType": authenticator,
            "attributes": {"use.jwks.string": "true", "jwks.string": keys},
        }));
    }
}

async fn served(key: &SigningKey) -> World {
    let mut realm = realm();
    add_clients(&mut realm, key);
    World::with(realm).await
}

/// A good assertion of a client.
fn assertion(world: &World, key: &SigningKey, client: &str) -> String {
    let now = world.clock.now().seconds();
    let claims = json!({
        "iss": client, "sub": client, "aud": world.issuer(), "jti": fresh(), "iat": now, "exp": now + 60,
    });
    jws::sign(key, "JWT", &claims).expect("a token")
}

async fn ask(world: &World, endpoint: &str, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("token", "x"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ];
    form.extend(more);
    world.post(&world.endpoint(endpoint), &form).await
}

#[tokio::test]
async fn a_signature_is_as_good_as_a_secret_at_every_endpoint() {
    let key = key();
    let world = served(&key).await;
    let mac = SigningKey::symmetric(Algorithm::Hs256, "", SECRET.as_bytes()).expect("long enough");
    for endpoint in ENDPOINTS {
        for (key, client) in [(&key, "signer"), (&mac, "mac")] {
            let answer = ask(&world, endpoint, &assertion(&world, key, client), &[]).await;
            assert_eq!(answer.status(), 200, "{endpoint} {client}: {}", answer.text);
        }
        // Neither key is the other client's.
        for (key, client) in [(&key, "mac"), (&mac, "signer")] {
            let (status, code, text) =
                ask(&world, endpoint, &assertion(&world, key, client), &[]).await.error();
            assert_eq!((status, code.as_str()), (400, "invalid_client"), "{endpoint} {client}");
            assert_eq!(text, "Invalid signature algorithm", "{endpoint} {client}");
        }
    }
    let logout = ask(&world, "/logout", &assertion(&world, &key, "signer"), &[("refresh_token", "x")]).await;
    assert_eq!(logout.error().1, "invalid_grant", "the client is authenticated, its token is none");
}

/// RFC 7523 §3 (7), attacks 9 and 11: at whichever endpoint it was seen.
#[tokio::test]
async fn an_assertion_is_good_once() {
    let key = key();
    let world = served(&key).await;
    let once = assertion(&world, &key, "signer");
    assert_eq!(ask(&world, "/token/introspect", &once, &[]).await.status(), 200);
    for endpoint in ENDPOINTS {
        let (status, code, text) = ask(&world, endpoint, &once, &[]).await.error();
        assert_eq!((status, code.as_str(), text.as_str()), (400, "invalid_client", "Token reuse detected"));
    }
}

/// Attack 9: of sixteen at once one wins.
#[tokio::test]
async fn of_parallel_uses_of_an_assertion_one_wins() {
    let key = key();
    let world = served(&key).await;
    let once = assertion(&world, &key, "signer");
    let mut all = JoinSet::new();
    for _ in 0..16 {
        let (world, once) = (world.clone(), once.clone());
        all.spawn(async move { ask(&world, "/token", &once, &[]).await });
    }
    let answers = all.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.status() == 200).count(), 1);
    for refused in answers.iter().filter(|answer| answer.status() != 200) {
        assert_eq!(refused.error().2, "Token reuse detected");
    }
}

/// Attack 10: a name is burnt by nobody who cannot sign.
#[tokio::test]
async fn a_bad_signature_does_not_burn_a_jti() {
    let key = key();
    let world = served(&key).await;
    let good = assertion(&world, &key, "signer");
    let (head, tail) = good.rsplit_once('.').expect("a token");
    let first = if tail.starts_with('A') { 'B' } else { 'A' };
    let bad = format!("{head}.{first}{}", &tail[1..]);
    assert_eq!(ask(&world, "/token", &bad, &[]).await.status(), 400);
    assert_eq!(ask(&world, "/token", &good, &[]).await.status(), 200);
}

/// Attack 40 (CVE-2026-16093): what did not authenticate the client is judged by nobody.
#[tokio::test]
async fn an_assertion_beside_a_secret_is_refused() {
    let key = key();
    let world = served(&key).await;
    let good = assertion(&world, &key, "signer");
    let headers = [("authorization", &*basic("service", "service secret"))];
    for endpoint in ENDPOINTS {
        let form =
            [("grant_type", "client_credentials"), ("token", "x"), ("client_assertion_type", JWT_BEARER)];
        let form: Vec<_> = form.into_iter().chain([("client_assertion", &*good)]).collect();
        let answer = world.post_with(&world.endpoint(endpoint), &headers, &form).await;
        assert_eq!((answer.status(), answer.error().1.as_str()), (400, "invalid_request"), "{endpoint}");
        let both = ask(&world, endpoint, &good, &[("client_secret", SECRET)]).await;
        assert_eq!((both.status(), both.error().1.as_str()), (400, "invalid_request"), "{endpoint}");
    }
    assert_eq!(ask(&world, "/token", &good, &[]).await.status(), 200, "and none of it spent the assertion");
}

/// Attack 45: the address is the client's own word.
#[tokio::test]
async fn a_key_set_inside_our_own_network_is_not_fetched() {
    let key = key();
    let mut realm = realm();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    for (name, scheme) in [("plain", "http"), ("tls", "https")] {
        realm.add_client(&json!({
            "clientId": name, "serviceAccountsEnabled": true, "clientAuthenticatorType": "client-jwt",
            "attributes": {"use.jwks.url": "true", "jwks.url": format!("{scheme}://127.0.0.1:{port}/keys")},
        }));
    }
    let world = World::with(realm).await;
    for client in ["plain", "tls"] {
        let (status, code, text) = ask(&world, "/token", &assertion(&world, &key, client), &[]).await.error();
        assert_eq!((status, code.as_str()), (400, "invalid_client"), "{client}");
        assert_eq!(text, "Unable to load public key", "{client}");
    }
    tokio::select! {
        biased;
        _ = listener.accept() => panic!("somebody called"),
        () = tokio::task::yield_now() => {}
    }
}

/// The executors look at the assertion that authenticated the client, and each refuses in its own words.
#[tokio::test]
async fn policies_judge_the_assertion_that_authenticated_the_client() {
    let key = SigningKey::generate(Algorithm::Rs256).expect("a key");
    let mut realm = realm();
    add_clients(&mut realm, &key);
    let required = json!({"require-client-assertion": true});
    govern(&mut realm, "secure-signature-algorithm-signed-jwt", &required);
    let world = World::with(realm).await;
    for endpoint in ENDPOINTS {
        let (_, code, text) = ask(&world, endpoint, &assertion(&world, &key, "signer"), &[]).await.error();
        assert_eq!((code.as_str(), text.as_str()), ("invalid_request", "not allowed signature algorithm."));
    }
    let form = [("grant_type", "client_credentials")];
    let headers = [("authorization", &*basic("service", "service secret"))];
    let by_secret = world.post_with(&world.endpoint("/token"), &headers, &form).await;
    assert_eq!(by_secret.error().2, "client assertion is required.");
}
