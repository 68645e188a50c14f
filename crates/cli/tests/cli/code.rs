//! `sekisho realm diff` and `sekisho realm apply`, on a database of their own.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::administration::Place;

const SECRET: &[(&str, &str)] = &[("SHOP_SECRET", "correct horse")];

fn write(file: &Path, document: &Value) -> String {
    fs::write(file, document.to_string()).unwrap();
    file.to_str().unwrap().to_owned()
}

fn shop(secret: &str) -> Value {
    json!({
        "realm": "shop",
        "clientScopes": [{"name": "orders"}],
        "clients": [{"clientId": "web", "redirectUris": ["https://shop.example/cb"],
            "optionalClientScopes": ["orders"], "secret": secret}],
    })
}

#[tokio::test]
async fn a_file_is_shown_applied_and_applied_again() {
    let place = Place::new();
    place.done(&["realm", "create", "shop"], &[]).await;
    let file = write(&place.file("shop.json"), &shop("${env:SHOP_SECRET}"));

    let shown = place.run(&["realm", "diff", &file], SECRET).await;
    assert_eq!(shown.code, Some(1), "{}", shown.stderr);
    assert!(shown.stdout.contains("+ client scope orders\n"), "{}", shown.stdout);
    assert!(shown.stdout.contains("    secret: set\n"), "{}", shown.stdout);
    let applied = place.run(&["realm", "apply", "--yes", &file], SECRET).await;
    assert_eq!(applied.code, Some(0), "{}", applied.stderr);
    assert_eq!(applied.stdout, shown.stdout, "what was shown is what was done");
    assert!(applied.stderr.contains("realm shop: 2 changes done"), "{}", applied.stderr);

    let again = place.run(&["realm", "apply", "--yes", &file], SECRET).await;
    assert_eq!((again.code, &*again.stdout), (Some(0), ""), "{}", again.stderr);
    assert!(again.stderr.contains("realm shop: nothing to do"), "{}", again.stderr);
    let same = place.run(&["realm", "diff", &file], SECRET).await;
    assert_eq!((same.code, &*same.stdout), (Some(0), ""), "{}", same.stderr);

    let other = place.run(&["realm", "diff", &file], &[("SHOP_SECRET", "battery staple")]).await;
    assert_eq!(other.stdout, "~ client web\n    secret: changed\n", "{}", other.stderr);
    for said in [&shown, &applied, &again, &other] {
        assert!(!format!("{}{}", said.stdout, said.stderr).contains("horse"), "a secret is never printed");
    }

    let code = place.file("code.json").to_str().unwrap().to_owned();
    place.done(&["realm", "export", "--realm", "shop", "--for-apply", &code], &[]).await;
    let exported = place.run(&["realm", "apply", "--yes", "--prune", &code], &[]).await;
    assert_eq!((exported.code, &*exported.stdout), (Some(0), ""), "{}", exported.stderr);
}

/// As the README shows it.
#[tokio::test]
async fn the_example_applies_to_the_realm_of_the_examples() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples");
    let example = |name: &str| examples.join(name).to_str().unwrap().to_owned();
    let place = Place::new();
    place.done(&["realm", "import", &example("realm.json")], &[]).await;
    let secret = [("WEB_SECRET", "correct horse")];
    let shown = place.run(&["realm", "diff", &example("apply.json")], &secret).await;
    let readme = fs::read_to_string(examples.join("../../README.md")).unwrap();
    assert!(readme.contains(&shown.stdout), "{}", shown.stdout);
    place.done(&["realm", "apply", "--yes", &example("apply.json")], &secret).await;
    let again = place.run(&["realm", "apply", "--yes", &example("apply.json")], &secret).await;
    assert!(again.stderr.ends_with("realm notes: nothing to do"), "{}", again.stderr);
}

#[tokio::test]
async fn a_secret_may_stand_in_a_file_of_its_own() {
    let place = Place::new();
    place.done(&["realm", "create", "shop"], &[]).await;
    fs::write(place.file("secret"), "correct horse\n").unwrap();
    let file = write(&place.file("shop.json"), &shop("${file:secret}"));
    place.done(&["realm", "apply", "--yes", &file], &[]).await;
    let literal = write(&place.file("literal.json"), &shop("correct horse"));
    let same = place.run(&["realm", "diff", &literal], &[]).await;
    assert_eq!((same.code, &*same.stdout), (Some(0), ""), "the line break is not part of it");
    assert!(
        same.stderr.contains("warning: clients[0].secret is a secret that stands in the file"),
        "{}",
        same.stderr
    );
}

#[tokio::test]
async fn a_reference_that_leads_nowhere_changes_nothing() {
    let place = Place::new();
    place.done(&["realm", "create", "shop"], &[]).await;
    for (secret, said) in [
        ("${env:SHOP_SECRET}", "clients[0].secret: ${env:SHOP_SECRET}: the variable is not set"),
        ("${file:nothing}", "clients[0].secret: ${file:nothing}: No such file"),
    ] {
        let file = write(&place.file("shop.json"), &shop(secret));
        let refused = place.refused(&["realm", "apply", "--yes", &file]).await;
        assert!(refused.contains(said), "{refused}");
        let trouble = place.run(&["realm", "diff", &file], &[]).await;
        assert_eq!(trouble.code, Some(2), "{}", trouble.stderr);
    }
    let file = write(&place.file("shop.json"), &shop("${env:SHOP_SECRET}"));
    let asked = place.run(&["realm", "apply", &file], SECRET).await;
    assert_eq!(asked.code, Some(2), "nobody can be asked: {}", asked.stderr);
    let shown = place.run(&["realm", "diff", "--json", &file], SECRET).await;
    let report: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(report["changes"].as_array().unwrap().len(), 2, "nothing was applied: {report}");
}

#[tokio::test]
async fn a_refusal_names_the_policy_and_what_was_done_is_said() {
    let place = Place::new();
    place.done(&["realm", "create", "shop"], &[]).await;
    let mut document = shop("${env:SHOP_SECRET}");
    document["clients"][0]["redirectUris"] = json!(["https://shop.example/*"]);
    let file = write(&place.file("shop.json"), &document);
    let applied = place.run(&["realm", "apply", "--yes", "--json", &file], SECRET).await;
    assert_eq!(applied.code, Some(1), "{}", applied.stderr);
    let report: Value = serde_json::from_str(&applied.stdout).unwrap();
    assert_eq!(report["changes"][0]["outcome"], "done", "{report}");
    assert_eq!(report["changes"][1]["outcome"], "failed", "{report}");
    let error = report["changes"][1]["error"].as_str().unwrap();
    for part in [r#"policy "oauth-2-1""#, "profile", "condition", "executor secure-redirect-uris-enforcer"] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!applied.stdout.contains("horse"), "{}", applied.stdout);
}

#[tokio::test]
async fn what_is_no_code_is_refused_with_its_own_command() {
    let place = Place::new();
    place.done(&["realm", "create", "shop"], &[]).await;
    for (document, said) in [
        (
            json!({"realm": "shop", "users": []}),
            "users: is not applied: users are not code: make one with `sekisho user create`",
        ),
        (json!({"realm": "shop", "components": {}}), "components: is not applied"),
        (json!({"clients": []}), "names no realm; name it with --realm"),
        (json!({"realm": "nothing", "clients": []}), r#"there is no realm "nothing""#),
        (json!({"realm": "shop", "clientz": []}), "clientz: unknown member, did you mean clients?"),
    ] {
        let file = write(&place.file("shop.json"), &document);
        let refused = place.refused(&["realm", "apply", "--yes", &file]).await;
        assert!(refused.contains(said), "{refused}");
    }
}

/// Any file may be named that the person may read; what is in it is not printed, whatever it is.
#[tokio::test]
async fn a_file_that_is_no_secret_is_refused_and_not_shown() {
    let place = Place::new();
    place.done(&["realm", "create", "shop"], &[]).await;
    fs::write(place.file("lines"), "correct horse\nbattery staple\n").unwrap();
    fs::write(place.file("binary"), [0x66, 0xff, 0xfe]).unwrap();
    let folder = place.file("").to_str().unwrap().to_owned();
    for (path, said) in [
        ("lines", "is no secret: more than one line"),
        ("binary", "is no secret: not a text"),
        ("/dev/zero", "is no secret: longer than 4096 bytes"),
        ("/dev/null", "is empty"),
        (folder.as_str(), "Is a directory"),
    ] {
        let file = write(&place.file("shop.json"), &shop(&format!("${{file:{path}}}")));
        let refused = place.refused(&["realm", "apply", "--yes", &file]).await;
        assert!(refused.contains(said), "{path}: {refused}");
        assert!(!refused.contains("horse"), "{refused}");
    }
    fs::write(place.file("elsewhere"), "correct horse").unwrap();
    let absolute = place.file("elsewhere").to_str().unwrap().to_owned();
    let file = write(&place.file("shop.json"), &shop(&format!("${{file:{absolute}}}")));
    place.done(&["realm", "apply", "--yes", &file], &[]).await;
}

#[tokio::test]
async fn a_file_that_is_no_json_is_said_to_be_none() {
    let place = Place::new();
    place.done(&["realm", "create", "shop"], &[]).await;
    fs::write(place.file("shop.yaml"), "realm: shop\n").unwrap();
    let file = place.file("shop.yaml").to_str().unwrap().to_owned();
    let trouble = place.run(&["realm", "diff", &file], &[]).await;
    assert_eq!(trouble.code, Some(2));
    assert!(trouble.stderr.contains("not JSON: expected value (line 1, column 1)"), "{}", trouble.stderr);
}

/// As in `sekisho realm export - | head -1`.
#[tokio::test]
async fn a_reader_that_goes_ends_it_quietly() {
    let place = Place::new();
    place.done(&["realm", "create", "shop"], &[]).await;
    let file = write(&place.file("shop.json"), &shop("correct horse"));
    for arguments in [
        &["realm", "export", "--realm", "shop", "-"][..],
        &["realm", "diff", &file],
        &["policy", "explain", "--realm", "shop", "--all-clients"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sekisho"));
        command.args(arguments).arg("--database").arg(place.file("sekisho.db"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(141), "{arguments:?}: {said}");
        assert!(!said.contains("error:"), "{arguments:?}: {said}");
    }
}
