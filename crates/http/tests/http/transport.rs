//! What every answer has: CORS, security headers, methods, sizes, and what of a request is not believed.

use axum::body::Body;
use axum::http::Request;
use sekisho_http::Settings;
use serde_json::json;

use super::support::answer::Answer;
use super::support::client::basic;
use super::support::town::{app, realm, service, town, web};
use super::support::world::{World, with_headers};

const PAGE: (&str, &str) = ("origin", "https://app.example");

async fn preflight(world: &World, path: &str, origin: &str) -> Answer {
    let headers = [("origin", origin), ("access-control-request-method", "POST")];
    world.send(with_headers(Request::options(path), &headers, Body::empty())).await
}

/// [cors.token.*], [cors.token-error.*]
#[tokio::test]
async fn a_page_uses_only_a_client_that_names_its_origin() {
    let world = town().await;
    for (origin, allowed) in [
        ("https://app.example", true),
        ("https://app.example:443", false),
        ("http://app.example", false),
        ("https://app.example.evil", false),
        ("https://evil.example", false),
        ("null", false),
        ("", false),
    ] {
        let tokens = app(&world).sign_in(&world.browser()).await;
        let form = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh())];
        for (what, form) in [("right", form), ("wrong", [form[0], ("refresh_token", "x")])] {
            let answer = app(&world).post_with("/token", &[("origin", origin)], &form).await;
            let shown = answer.header("access-control-allow-origin").to_owned();
            if allowed {
                assert_eq!(answer.status(), if what == "right" { 200 } else { 400 }, "{origin} {what}");
                assert_eq!(shown, origin, "{what}");
            } else {
                assert_eq!(
                    answer.error(),
                    (403, "Invalid origin".to_owned(), String::new()),
                    "{origin} {what}"
                );
                assert_eq!(shown, "", "{origin} {what}");
            }
            assert!(answer.all("vary").contains(&"Origin"), "{origin} {what}");
        }
    }
}

/// [cors.userinfo.*], [logout.post.*]: the same rule wherever a page may ask.
#[tokio::test]
async fn the_same_rule_holds_wherever_a_page_may_ask() {
    let world = town().await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    let bearer = format!("Bearer {}", tokens.access());
    for (origin, allowed) in [("https://app.example", true), ("https://evil.example", false), ("null", false)]
    {
        let header = ("origin", origin);
        let answers = [
            world.get_with(&world.endpoint("/userinfo"), &[header, ("authorization", &bearer)]).await,
            app(&world).post_with("/revoke", &[header], &[("token", "x")]).await,
            app(&world).post_with("/logout", &[header], &[("refresh_token", "x")]).await,
        ];
        for (n, answer) in answers.iter().enumerate() {
            assert_eq!(answer.status() == 403, !allowed, "{n} {origin}: {}", answer.text);
            let shown = if allowed { origin } else { "" };
            assert_eq!(answer.header("access-control-allow-origin"), shown, "{n} {origin}");
        }
    }
}

/// [cors.web-origins.plus], [cors.web-origins.star]
#[tokio::test]
async fn web_origins_may_be_all_or_those_of_the_redirect_uris() {
    for (setting, origin, status) in [
        ("+", "https://app.example", 200),
        ("+", "https://other.example", 403),
        ("*", "https://other.example", 200),
        ("https://third.example", "https://app.example", 403),
    ] {
        let world = town().await;
        world.change_client("app", |client| client.web_origins = Some(vec![setting.to_owned()])).await;
        let answer = app(&world).post_with("/revoke", &[("origin", origin)], &[("token", "x")]).await;
        assert_eq!(answer.status(), status, "{setting} {origin}");
    }
}

/// Which client will ask is not known yet; the request itself is judged.
#[tokio::test]
async fn a_preflight_is_answered_where_pages_may_ask_and_nowhere_else() {
    let world = town().await;
    for (path, answered) in [
        ("/token", true),
        ("/userinfo", true),
        ("/revoke", true),
        ("/logout", true),
        ("/certs", true),
        ("/token/introspect", false),
        ("/auth", false),
    ] {
        let answer = preflight(&world, &world.endpoint(path), "https://any.example").await;
        assert_eq!(answer.status() == 200, answered, "{path}");
        assert_eq!(!answer.header("access-control-allow-origin").is_empty(), answered, "{path}");
    }
    let answer = preflight(&world, &world.endpoint("/token"), "https://any.example").await;
    for header in ["Authorization", "Content-Type", "DPoP", "MCP-Protocol-Version"] {
        assert!(answer.header("access-control-allow-headers").contains(header), "{header}");
    }
}

#[tokio::test]
async fn introspection_is_read_by_no_page() {
    let world = town().await;
    let headers = [("origin", "https://web.example")];
    let answer = web(&world).post_with("/token/introspect", &headers, &[("token", "x")]).await;
    assert_eq!((answer.status(), answer.header("access-control-allow-origin")), (200, ""));
}

/// Every path, right or wrong: framing, sniffing, caching.
#[tokio::test]
async fn every_answer_is_protected() {
    let world = town().await;
    let huge = "a=".to_owned() + &"x".repeat(200_000);
    let post = |path: String, body: String| {
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        request.body(Body::from(body)).expect("a request")
    };
    let tokens = app(&world).sign_in(&world.browser()).await;
    let answers = [
        app(&world).asks().by(&world.browser()).await.answer,
        app(&world).asks().with("prompt", "none").by(&world.browser()).await.answer,
        app(&world).asks().without("client_id").by(&world.browser()).await.answer,
        world.browser().open("/realms/nothing/protocol/openid-connect/auth").await.answer,
        world.browser().open(&world.endpoint("/logout")).await.answer,
        world.browser().open("/nothing").await.answer,
        world.get("/").await,
        world.get("/realms/nothing").await,
        world.get(&world.endpoint("/userinfo")).await,
        app(&world).userinfo(tokens.access()).await,
        world.get(&world.endpoint("/token")).await,
        app(&world).revoke("x").await,
        app(&world).refresh("x").await,
        service(&world).token(&[("grant_type", "client_credentials")]).await,
        preflight(&world, &world.endpoint("/token"), "https://any.example").await,
        world.send(post(world.endpoint("/token"), huge)).await,
        world.get("/resources/nothing.css").await,
    ];
    for (n, answer) in answers.iter().enumerate() {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("x-robots-tag", "none"),
            ("cache-control", "no-store"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), value, "{n}: {name}");
        }
        if answer.header("content-type").starts_with("text/html") {
            let policy = answer.header("content-security-policy");
            for rule in
                ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]
            {
                assert!(policy.contains(rule), "{n}: {policy}");
            }
            assert!(!policy.contains("unsafe"), "{n}: {policy}");
        }
    }
}

/// RFC 6797 §7.2: over plain HTTP nothing is promised.
#[tokio::test]
async fn a_server_without_https_does_not_promise_it() {
    let world = World::set(realm(), Settings::default()).await;
    assert_eq!(world.get("/realms/r").await.header("strict-transport-security"), "");
}

/// What a page links to is there, may be kept for ever, and is not what a page is.
#[tokio::test]
async fn assets_of_a_page_are_served_and_may_be_kept() {
    let world = town().await;
    let page = app(&world).asks().by(&world.browser()).await.answer.text;
    let mut links: Vec<&str> = page.split('"').filter(|text| text.starts_with("/resources/")).collect();
    links.sort_unstable();
    links.dedup();
    assert!(links.len() > 1, "{links:?}");
    for link in links {
        let link = link.split('#').next().unwrap_or_default();
        let answer = world.get(link).await;
        assert_eq!(answer.status(), 200, "{link}");
        assert!(answer.header("cache-control").contains("immutable"), "{link}");
    }
}

/// RFC 9110 §15.5.6.
#[tokio::test]
async fn another_method_is_405_and_another_path_404() {
    let world = town().await;
    for (method, path, status, allow) in [
        ("GET", "/token", 405, "POST"),
        ("PUT", "/token", 405, "POST"),
        ("GET", "/token/introspect", 405, "POST"),
        ("DELETE", "/userinfo", 405, "GET"),
        ("PUT", "/auth", 405, "GET"),
        ("GET", "/logout/logout-confirm", 405, "POST"),
        ("GET", "/nothing", 404, ""),
        ("POST", "/nothing", 404, ""),
    ] {
        let request = Request::builder().method(method).uri(world.endpoint(path)).body(Body::empty());
        let answer = world.send(request.expect("a request")).await;
        assert_eq!(answer.status(), status, "{method} {path}");
        assert!(answer.header("allow").contains(allow), "{method} {path}: {}", answer.header("allow"));
        assert!(answer.json()["error"].is_string(), "{method} {path}");
    }
    for (accept, is_page) in [("text/html", true), ("application/json", false), ("*/*", false)] {
        let answer = world.get_with("/nothing", &[("accept", accept)]).await;
        assert_eq!(answer.status(), 404, "{accept}");
        assert_eq!(answer.header("content-type").starts_with("text/html"), is_page, "{accept}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_long_is_not_read() {
    let world = town().await;
    for (length, status) in [(1_000, 400), (128 * 1024, 400), (128 * 1024 + 1, 413), (10_000_000, 413)] {
        let body = "a=".to_owned() + &"x".repeat(length - 2);
        let request = Request::post(world.endpoint("/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body));
        let answer = world.send(request.expect("a request")).await;
        assert_eq!(answer.status(), status, "{length}");
        assert!(answer.json()["error"].is_string(), "{length}");
    }
}

/// Attack 84: what a request says of the server changes nothing.
#[tokio::test]
async fn host_and_forwarded_headers_never_change_an_address() {
    let world = town().await;
    let lies = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-for", "6.6.6.6"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-url", "/realms/evil"),
    ];
    let honest = world.get("/realms/r/.well-known/openid-configuration").await;
    let misled = world.get_with("/realms/r/.well-known/openid-configuration", &lies).await;
    assert_eq!(misled.text, honest.text);
    let basic = basic("service", "service secret");
    let headers = [&lies[..], &[("authorization", &*basic)]].concat();
    let answer =
        world.post_with(&world.endpoint("/token"), &headers, &[("grant_type", "client_credentials")]).await;
    let claims = answer.tokens().claims();
    assert_eq!(claims["iss"], json!(world.issuer()));
    assert_eq!(claims["clientAddress"], json!("127.0.0.1"));
    let url = app(&world).asks().with("state", "x").url();
    let location = world.get_with(&format!("{url}&prompt=none"), &lies).await;
    assert!(location.header("location").contains("iss=https%3A%2F%2Fas.example"), "{:?}", location.headers);
}

/// Attack 75: only a listed proxy says who is behind it, and what cannot be read is not believed.
#[tokio::test]
async fn only_a_listed_proxy_says_who_is_behind_it() {
    let settings = Settings { secure: true, trusted_proxies: vec!["10.0.0.1".parse().expect("an address")] };
    let mut realm = realm();
    realm.config.ssl_required = Some("all".to_owned());
    let world = World::set(realm, settings).await;
    let authorization = basic("service", "service secret");
    for (peer, forwarded, proto, address) in [
        ("10.0.0.1", "203.0.113.9", "https", Some("203.0.113.9")),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", "HTTPS", Some("203.0.113.9")),
        ("10.0.0.1", "garbage", "https", Some("10.0.0.1")),
        ("10.0.0.1", "203.0.113.9", "http", None),
        ("10.0.0.1", "203.0.113.9", "", None),
        ("10.0.0.2", "203.0.113.9", "https", None),
        ("127.0.0.1", "203.0.113.9", "https", None),
    ] {
        let headers = [
            ("x-forwarded-for", forwarded),
            ("x-forwarded-proto", proto),
            ("authorization", &*authorization),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let body = Body::from("grant_type=client_credentials");
        let request = with_headers(Request::post(world.endpoint("/token")), &headers, body);
        let answer = world.send_from(peer, request).await;
        match address {
            Some(address) => assert_eq!(answer.tokens().claims()["clientAddress"], json!(address)),
            None => {
                assert_eq!(answer.error(), (403, "invalid_request".to_owned(), "HTTPS required".to_owned()));
            }
        }
    }
}

/// [realm.ssl-all]
#[tokio::test]
async fn strangers_must_come_by_https() {
    let world = town().await;
    for (peer, status) in [("127.0.0.1", 200), ("10.1.2.3", 200), ("::1", 200), ("203.0.113.9", 403)] {
        let authorization = basic("service", "service secret");
        let headers =
            [("authorization", &*authorization), ("content-type", "application/x-www-form-urlencoded")];
        let request = Request::post(world.endpoint("/token"));
        let body = Body::from("grant_type=client_credentials");
        let peer = if peer.contains("::") { format!("[{peer}]") } else { peer.to_owned() };
        let answer = world.send_from(&peer, with_headers(request, &headers, body)).await;
        assert_eq!(answer.status(), status, "{peer}");
        let page = app(&world).asks().by(&world.browser().at(&peer)).await;
        assert_eq!(page.status(), if status == 200 { 200 } else { 400 }, "{peer}");
        assert!(page.is_page(), "{peer}");
    }
}

/// A node that does not know what others revoked issues nothing (DESIGN §5.7).
#[tokio::test]
async fn a_node_that_lost_touch_asks_to_come_again() {
    let world = town().await;
    world.clock.advance(10);
    let answers = [
        service(&world).token(&[("grant_type", "client_credentials")]).await,
        app(&world).userinfo("x").await,
        service(&world).introspect("x", "").await,
        service(&world).revoke("x").await,
        app(&world).asks().by(&world.browser()).await.answer,
    ];
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!((answer.status(), answer.header("retry-after")), (503, "1"), "{n}");
    }
    assert_eq!(world.get("/realms/r/.well-known/openid-configuration").await.status(), 200);
    world.wait(0).await;
    assert_eq!(service(&world).token(&[("grant_type", "client_credentials")]).await.status(), 200);
}

/// [realm.get]
#[tokio::test]
async fn the_realms_document_is_keycloaks() {
    let world = town().await;
    let document = world.get_with("/realms/r", &[PAGE]).await.json();
    let members: Vec<&String> = document.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["realm", "public_key", "token-service", "account-service", "tokens-not-before"]);
}

/// Attack 38: no other spelling of a path reaches what the path does not.
#[tokio::test]
async fn paths_have_one_spelling() {
    let world = town().await;
    for path in [
        "/realms/r;x/protocol/openid-connect/certs",
        "/realms/r/protocol/openid-connect/certs;x",
        "//realms/r/protocol/openid-connect/certs",
        "/realms//r/protocol/openid-connect/certs",
        "/realms/x/../r/protocol/openid-connect/certs",
        "/realms/x%2f..%2fr/protocol/openid-connect/certs",
        "/realms/r%00/protocol/openid-connect/certs",
        "/realms/R/protocol/openid-connect/certs",
        "/REALMS/r/protocol/openid-connect/certs",
        "/realms/r/protocol/openid-connect/certs/",
        "/realms/r/protocol/openid-connect%2fcerts",
        "/resources/..%2f..%2fCargo.toml",
    ] {
        assert_eq!(world.get(path).await.status(), 404, "{path}");
    }
}

/// Broken cookies are none (attack 76).
#[tokio::test]
async fn cookies_that_cannot_be_read_sign_nobody_in() {
    let world = town().await;
    let browser = world.browser();
    app(&world).sign_in(&browser).await;
    let good = browser.cookie("KEYCLOAK_IDENTITY").expect("a session");
    let url = format!("{}&prompt=none", app(&world).asks().url());
    for (cookie, signed_in) in [
        (format!("KEYCLOAK_IDENTITY={good}"), true),
        (format!("a=b; KEYCLOAK_IDENTITY={good}; c=d"), true),
        (format!("KEYCLOAK_IDENTITY={good}; KEYCLOAK_IDENTITY={good}"), false),
        (format!("KEYCLOAK_IDENTITY={}", &good[1..]), false),
        (format!("KEYCLOAK_IDENTITY={good}A"), false),
        (format!("keycloak_identity={good}"), false),
        ("KEYCLOAK_IDENTITY=".to_owned(), false),
        (";;;=".to_owned(), false),
    ] {
        let answer = world.get_with(&url, &[("cookie", &cookie)]).await;
        assert_eq!(answer.header("location").contains("code="), signed_in, "{cookie}");
    }
}
