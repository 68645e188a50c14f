//! The commands for an administrator, on a database of their own.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::program::{Finished, run};

/// A folder with a database, and commands that work on it.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) async fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Finished {
        let database = self.file("sekisho.db");
        let arguments = [arguments, &["--database", database.to_str().unwrap()]].concat();
        run(&arguments, environment).await
    }

    /// Runs a command that must succeed, and answers what it printed.
    pub(crate) async fn done(&self, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let finished = self.run(arguments, environment).await;
        assert_eq!(finished.code, Some(0), "{arguments:?}: {}", finished.stderr);
        finished.stdout
    }

    /// Runs a command that must fail, and answers what it said.
    pub(crate) async fn refused(&self, arguments: &[&str]) -> String {
        let finished = self.run(arguments, &[]).await;
        assert_eq!((finished.code, &*finished.stdout), (Some(1), ""), "{arguments:?}: {}", finished.stderr);
        finished.stderr
    }
}

fn json_of(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

#[tokio::test]
async fn a_realm_goes_in_and_out() {
    let place = Place::new();
    let (small, whole, again) =
        (place.file("small.json"), place.file("whole.json"), place.file("again.json"));
    fs::write(&small, json!({"realm": "shop", "enabled": true}).to_string()).unwrap();
    let path = |file: &PathBuf| file.to_str().unwrap().to_owned();
    place.done(&["realm", "import", &path(&small)], &[]).await;
    let said = place.refused(&["realm", "import", &path(&small)]).await;
    assert!(said.contains("realm shop is there already: replace it with --overwrite"), "{said}");
    place.done(&["realm", "import", "--skip-existing", &path(&small)], &[]).await;

    place.done(&["realm", "export", "--realm", "shop", &path(&whole)], &[]).await;
    place.done(&["realm", "import", "--overwrite", &path(&whole)], &[]).await;
    place.done(&["realm", "export", "--realm", "shop", &path(&again)], &[]).await;
    assert_eq!(json_of(&whole), json_of(&again));
    let printed = place.done(&["realm", "export", "--realm", "shop", "--without-secrets", "-"], &[]).await;
    assert!(!printed.contains("privateKey"), "{printed}");
}

#[cfg(unix)]
#[tokio::test]
async fn what_holds_secrets_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new();
    place.done(&["realm", "create", "shop"], &[]).await;
    let export = place.file("shop.json");
    place.done(&["realm", "export", "--realm", "shop", export.to_str().unwrap()], &[]).await;
    for name in ["shop.json", "sekisho.db", "sekisho.key"] {
        let mode = fs::metadata(place.file(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn an_unknown_member_is_named() {
    let place = Place::new();
    let file = place.file("typo.json");
    fs::write(&file, r#"{"realm":"shop","userz":[]}"#).unwrap();
    let said = place.refused(&["realm", "import", file.to_str().unwrap()]).await;
    assert!(said.contains("typo.json: userz: unknown member, did you mean users?"), "{said}");
    assert!(!place.file("sekisho.db").exists(), "nothing was made");
}

#[tokio::test]
async fn the_first_administrator_needs_no_server() {
    let place = Place::new();
    let command = ["user", "create", "--realm", "master", "--admin", "operator"];
    let invented = place.done(&command, &[]).await;
    assert_eq!(invented.trim_end().len(), 16, "the password alone: {invented}");
    let said = place.refused(&command).await;
    assert!(said.contains(r#"user "operator" exists already"#), "{said}");
    let given = [("SEKISHO_PASSWORD", "correct horse")];
    let printed = place.done(&["user", "set-password", "--realm", "master", "operator"], &given).await;
    assert_eq!(printed, "", "a password that was given is not shown");
    let said = place.refused(&["user", "set-password", "--realm", "master", "nobody"]).await;
    assert!(said.contains(r#"there is no user "nobody""#), "{said}");
}

#[tokio::test]
async fn keys_are_listed_and_rotated() {
    let place = Place::new();
    place.done(&["realm", "create", "shop"], &[]).await;
    let states = async |arguments: &[&str]| {
        let keys: Value = serde_json::from_str(&place.done(arguments, &[]).await).unwrap();
        let state = |key: &Value| format!("{} {}", key["algorithm"], key["state"]).replace('"', "");
        let mut states: Vec<String> = keys.as_array().unwrap().iter().map(state).collect();
        states.sort_unstable();
        states
    };
    let made = states(&["keys", "rotate", "--realm", "shop", "--algorithm", "ES256", "--json"]).await;
    assert_eq!(made, ["ES256 next"]);
    let listed = states(&["keys", "list", "--realm", "shop", "--json"]).await;
    let expected = ["A256GCMSIV active", "ES256 active", "ES256 next", "HS512 active", "RS256 active"];
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn a_mistyped_database_is_not_made() {
    let place = Place::new();
    let said = place.refused(&["keys", "list", "--realm", "shop"]).await;
    assert!(said.contains("there is no database"), "{said}");
    assert!(!place.file("sekisho.db").exists());
}

#[tokio::test]
async fn check_config_names_what_is_weak_and_fails_on_what_is_wrong() {
    let place = Place::new();
    let file = place.file("shop.json");
    let clients = json!([{"clientId": "web", "redirectUris": ["https://shop.example/*"]}]);
    fs::write(&file, json!({"realm": "shop", "clients": clients}).to_string()).unwrap();
    place.done(&["realm", "import", file.to_str().unwrap()], &[]).await;
    let printed = place.done(&["check-config"], &[]).await;
    for expected in [
        r#"warning: realm shop: client "web": redirect URI https://shop.example/* has a wildcard"#,
        r#"warning: realm shop: client "web": confidential, and may go without PKCE"#,
    ] {
        assert!(printed.contains(expected), "{printed}");
    }
    let other = place.file("other.json");
    let clients = json!([{"clientId": "app", "publicClient": true, "redirectUris": ["javascript:alert(1)"]}]);
    fs::write(&other, json!({"realm": "other", "clients": clients}).to_string()).unwrap();
    let printed = place
        .done(&["check-config", "--trusted-proxy", "127.0.0.1", "--import", other.to_str().unwrap()], &[])
        .await;
    assert!(
        printed.contains(r#"client "app": redirect URI javascript:alert(1) has the scheme"#),
        "{printed}"
    );
    fs::write(&other, "{").unwrap();
    let finished = place.run(&["check-config", "--import", other.to_str().unwrap()], &[]).await;
    assert_eq!(finished.code, Some(1));
    assert!(finished.stdout.contains("error: --import "), "{}", finished.stdout);
    let finished = place.run(&["check-config", "--hostname", "http://id.example.org"], &[]).await;
    assert_eq!(finished.code, Some(1));
    assert!(
        finished.stdout.contains("error: --hostname http://id.example.org is http"),
        "{}",
        finished.stdout
    );
}
