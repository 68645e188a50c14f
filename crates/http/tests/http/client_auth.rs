//! Client authentication (OAuth 2.1 §2.4) at the endpoints that want it.

use super::support::answer::Answer;
use super::support::client::basic;
use super::support::town::{app, realm, town};
use super::support::world::World;
use serde_json::json;

const ENDPOINTS: [&str; 3] = ["/token", "/token/introspect", "/revoke"];

/// What is sent, in the header and in the body, and the status that it gets.
type Case<'a> = (&'static str, Option<&'a str>, &'static [(&'static str, &'static str)], u16);

async fn ask(world: &World, endpoint: &str, authorization: Option<&str>, body: &[(&str, &str)]) -> Answer {
    let mut form = vec![("grant_type", "client_credentials"), ("token", "x")];
    form.extend(body);
    let headers: Vec<(&str, &str)> =
        authorization.map(|value| ("authorization", value)).into_iter().collect();
    world.post_with(&world.endpoint(endpoint), &headers, &form).await
}

/// [token.client-auth.*]: a wrong secret is told from an unknown client by nobody.
#[tokio::test]
async fn a_client_proves_who_it_is_by_one_right_way() {
    let world = town().await;
    let good = basic("service", "service secret");
    let wrong = basic("service", "service");
    let unknown = basic("nobody", "service secret");
    let cases: [Case<'_>; 16] = [
        ("header", Some(&good), &[], 200),
        ("header, and the same client in the body", Some(&good), &[("client_id", "service")], 200),
        ("scheme in lower case", Some(&good.replace("Basic", "basic")), &[], 200),
        ("body", None, &[("client_id", "service"), ("client_secret", "service secret")], 200),
        ("nothing", None, &[], 401),
        ("client alone", None, &[("client_id", "service")], 401),
        ("secret alone", None, &[("client_secret", "service secret")], 401),
        ("wrong secret", Some(&wrong), &[], 401),
        ("wrong secret in the body", None, &[("client_id", "service"), ("client_secret", "x")], 401),
        ("empty secret", None, &[("client_id", "service"), ("client_secret", "")], 401),
        ("unknown client", Some(&unknown), &[], 401),
        ("another client in the body", Some(&good), &[("client_id", "web")], 401),
        ("garbage", Some("Basic x"), &[("client_id", "service"), ("client_secret", "service secret")], 401),
        ("tab for a space", Some(&good.replace(' ', "\t")), &[], 401),
        ("bearer", Some("Bearer x"), &[], 401),
        ("both", Some(&good), &[("client_secret", "service secret")], 400),
    ];
    for endpoint in ENDPOINTS {
        for (what, authorization, body, status) in cases {
            let answer = ask(&world, endpoint, authorization, body).await;
            assert_eq!(answer.status(), status, "{endpoint}: {what}: {}", answer.text);
            if status == 401 {
                assert_eq!(answer.error().1, "invalid_client", "{endpoint}: {what}");
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_secret_looks_as_an_unknown_client_does() {
    let world = town().await;
    for endpoint in ["/token", "/revoke"] {
        let answers = [
            ask(&world, endpoint, Some(&basic("service", "x")), &[]).await,
            ask(&world, endpoint, Some(&basic("nobody", "x")), &[]).await,
        ];
        assert_eq!(answers[0].text, answers[1].text, "{endpoint}");
        assert_eq!(answers[0].headers, answers[1].headers, "{endpoint}");
    }
}

/// OAuth 2.1 §3.2.4: who tried by the header is told by the header.
#[tokio::test]
async fn a_401_names_the_scheme_that_was_tried() {
    let world = town().await;
    for (authorization, challenge) in [(Some(basic("service", "x")), "Basic realm=\"sekisho\""), (None, "")] {
        let answer = ask(&world, "/token", authorization.as_deref(), &[("client_id", "service")]).await;
        assert_eq!((answer.status(), answer.header("www-authenticate")), (401, challenge));
    }
}

/// RFC 9110 §11.6.2, attack 39: two credentials are two opinions.
#[tokio::test]
async fn two_authorization_headers_are_refused() {
    let world = town().await;
    let good = basic("service", "service secret");
    let headers = [("authorization", &*good), ("authorization", &*good)];
    for endpoint in ENDPOINTS {
        let answer = world
            .post_with(&world.endpoint(endpoint), &headers, &[("grant_type", "client_credentials")])
            .await;
        assert_eq!(answer.error().0, 400, "{endpoint}");
        assert_eq!(answer.error().1, "invalid_request", "{endpoint}");
    }
    let twice = [("authorization", "Bearer x"), ("authorization", "Bearer x")];
    assert_eq!(world.get_with(&world.endpoint("/userinfo"), &twice).await.status(), 400);
}

/// RFC 6749 §2.3.1: names and secrets are form-encoded before they are put into the header.
#[tokio::test]
async fn a_secret_may_hold_any_character() {
    for secret in ["a:b", "p%+&=ü", "https://x/?y#z"] {
        let mut realm = realm();
        realm.add_client(&json!({
            "clientId": "https://c.example/x?y", "secret": secret, "serviceAccountsEnabled": true,
        }));
        let world = World::with(realm).await;
        let answer = ask(&world, "/token", Some(&basic("https://c.example/x?y", secret)), &[]).await;
        assert_eq!(answer.status(), 200, "{secret}: {}", answer.text);
    }
}

/// Attack 60: of whatever kind, a client that is switched off or speaks another protocol gets nothing.
#[tokio::test]
async fn a_client_that_is_not_served_authenticates_nowhere() {
    let mut realm = realm();
    let client = |id: &str, more: serde_json::Value| {
        let mut client = json!({"clientId": id, "secret": "s", "serviceAccountsEnabled": true});
        client.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        client
    };
    realm.add_client(&client("off", json!({"enabled": false})));
    realm.add_client(&client("saml", json!({"protocol": "saml"})));
    realm.add_client(&client("jwt", json!({"clientAuthenticatorType": "client-jwt"})));
    realm.add_client(&client("certificate", json!({"clientAuthenticatorType": "client-x509"})));
    realm.add_client(&client("bearer", json!({"bearerOnly": true})));
    let world = World::with(realm).await;
    for endpoint in ENDPOINTS {
        // [token.private-key-jwt.secret]: who is to sign is told so.
        for (id, status) in [("off", 401), ("saml", 401), ("certificate", 401), ("jwt", 400), ("bearer", 400)]
        {
            let answer = ask(&world, endpoint, Some(&basic(id, "s")), &[]).await;
            assert_eq!((answer.status(), &*answer.error().1), (status, "invalid_client"), "{endpoint} {id}");
        }
    }
}

/// A public client has no secret to be wrong, and no service account.
#[tokio::test]
async fn a_public_client_names_itself() {
    let world = town().await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh()), ("client_id", "app")];
    assert_eq!(world.post(&world.endpoint("/token"), &form).await.status(), 200);
    let answer = ask(&world, "/token", None, &[("client_id", "app")]).await;
    assert_eq!(answer.error().2, "Public client not allowed to retrieve service account");
}
