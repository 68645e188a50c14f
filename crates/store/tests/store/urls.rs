//! Public addresses (attack 84: they never come from a request).

use sekisho_protocol::keycloak::RealmRepresentation;
use sekisho_store::PublicUrls;

#[test]
fn issuer_is_under_the_hostname_or_under_what_the_realm_says() {
    for (hostname, frontend, issuer) in [
        ("https://as.example", None, "https://as.example/realms/r"),
        ("https://as.example/", None, "https://as.example/realms/r"),
        ("https://as.example/auth", None, "https://as.example/auth/realms/r"),
        ("https://as.example", Some(""), "https://as.example/realms/r"),
        ("https://as.example", Some("https://login.example/"), "https://login.example/realms/r"),
    ] {
        let mut config = RealmRepresentation::default();
        if let Some(url) = frontend {
            config.attributes.get_or_insert_default().insert("frontendUrl".to_owned(), url.to_owned());
        }
        assert_eq!(PublicUrls::new(hostname).issuer("r", &config), issuer, "{hostname} {frontend:?}");
    }
    let issuer = PublicUrls::new("https://as.example").issuer("a b", &RealmRepresentation::default());
    assert_eq!(issuer, "https://as.example/realms/a%20b");
}
