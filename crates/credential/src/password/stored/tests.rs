//! Stored passwords as exports hold them.

use super::*;

const ARGON2: &str = r#"{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}"#;
const SECRET: &str = r#"{"value":"N4eWhI+8nO7okmZmCfkqIi7liG+b3CcDcrN/G9cg6KE=","salt":"i41oZusxCBDkDYkIlfOI8w==","additionalParameters":{}}"#;
/// The password `abc` at cost 6, from the vectors of OpenBSD's implementation.
const CRYPT: &str = "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i";

fn parse_error(credential_data: &str, secret_data: &str) -> String {
    match StoredPassword::parse(credential_data, secret_data) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn password(typed: &str) -> Password {
    Password::parse(typed.to_owned()).unwrap()
}

#[test]
fn credential_data_that_is_not_keycloaks_is_refused() {
    let cases = [
        ("", "credentialData is not readable"),
        ("null", "credentialData is not readable"),
        ("[]", "credentialData is not readable"),
        ("{}", "credentialData is not readable"),
        ("{\"algorithm\":", "credentialData is not readable"),
        (r#"{"algorithm":5}"#, "credentialData is not readable"),
        (r#"{"algorithm":"argon2","hashIterations":"5"}"#, "credentialData is not readable"),
        (
            r#"{"algorithm":"argon2","hashIterations":5,"additionalParameters":{"type":"id"}}"#,
            "credentialData is not readable",
        ),
        (r#"{"algorithm":"scrypt","hashIterations":5}"#, "password hash algorithm \"scrypt\" is not known"),
        (r#"{"algorithm":"","hashIterations":5}"#, "password hash algorithm \"\" is not known"),
        (
            r#"{"algorithm":"argon2","hashIterations":5}"#,
            "password hash parameter type is missing or not readable",
        ),
        (
            r#"{"algorithm":"argon2","hashIterations":5,"additionalParameters":null}"#,
            "password hash parameter type is missing or not readable",
        ),
        (
            r#"{"algorithm":"pbkdf2-sha256"}"#,
            "password hash parameter hashIterations is missing or not readable",
        ),
        (
            r#"{"algorithm":"pbkdf2-sha256","hashIterations":-1}"#,
            "password hash parameter hashIterations is missing or not readable",
        ),
        (r#"{"algorithm":"pbkdf2-sha256","hashIterations":0}"#, "cost below what the algorithm needs"),
        (
            r#"{"algorithm":"pbkdf2-sha256","hashIterations":4294967295}"#,
            "cost above what this server computes",
        ),
        (r#"{"algorithm":"bcrypt","hashIterations":10}"#, "secretData is not readable"),
    ];
    for (credential_data, expected) in cases {
        assert_eq!(parse_error(credential_data, SECRET), expected, "{credential_data}");
    }
}

#[test]
fn argon2_parameters_out_of_bounds_are_refused() {
    let cases = [
        (r#""type":["id"]"#, r#""type":[]"#, "password hash parameter type is missing or not readable"),
        (r#""type":["id"]"#, r#""type":["ID"]"#, "password hash parameter type is missing or not readable"),
        (
            r#""version":["1.3"]"#,
            r#""version":["1.4"]"#,
            "password hash parameter version is missing or not readable",
        ),
        (
            r#""memory":["7168"]"#,
            r#""memory":["-1"]"#,
            "password hash parameter memory is missing or not readable",
        ),
        (r#""memory":["7168"]"#, r#""memory":["7"]"#, "cost below what the algorithm needs"),
        (r#""memory":["7168"]"#, r#""memory":["4294967295"]"#, "cost above what this server computes"),
        (r#""parallelism":["1"]"#, r#""parallelism":["0"]"#, "cost below what the algorithm needs"),
        (r#""parallelism":["1"]"#, r#""parallelism":["16777215"]"#, "cost above what this server computes"),
        (r#""hashLength":["32"]"#, r#""hashLength":["16"]"#, "secretData is not readable"),
        (r#""hashLength":["32"]"#, r#""hashLength":["0"]"#, "hash shorter than 16 or longer than 128 bytes"),
        (r#""hashIterations":5"#, r#""hashIterations":0"#, "cost below what the algorithm needs"),
        (r#""hashIterations":5"#, r#""hashIterations":100000"#, "cost above what this server computes"),
    ];
    assert_eq!(parse_error(ARGON2, SECRET), "accepted");
    for (from, to, expected) in cases {
        let changed = ARGON2.replace(from, to);
        assert_ne!(changed, ARGON2);
        assert_eq!(parse_error(&changed, SECRET), expected, "{to}");
    }
}

#[test]
fn secret_data_that_is_not_keycloaks_is_refused() {
    let pbkdf2 = r#"{"hashIterations":1,"algorithm":"pbkdf2-sha256"}"#;
    let bcrypt = r#"{"hashIterations":10,"algorithm":"bcrypt"}"#;
    let unreadable = "secretData is not readable";
    let cases = [
        (ARGON2, "", unreadable),
        (ARGON2, "null", unreadable),
        (ARGON2, "{}", unreadable),
        (ARGON2, r#"{"value":7,"salt":"i41oZusxCBDkDYkIlfOI8w=="}"#, unreadable),
        (ARGON2, r#"{"value":"N4eWhI+8nO7okmZmCfkqIi7liG+b3CcDcrN/G9cg6KE="}"#, unreadable),
        (ARGON2, r#"{"value":"N4eWhI+8nO7okmZmCfkqIi7liG+b3CcDcrN/G9cg6KE=","salt":"aGk="}"#, unreadable),
        (ARGON2, r#"{"value":"!","salt":"i41oZusxCBDkDYkIlfOI8w=="}"#, unreadable),
        (ARGON2, r#"{"value":"","salt":"i41oZusxCBDkDYkIlfOI8w=="}"#, unreadable),
        (
            pbkdf2,
            r#"{"value":"","salt":"i41oZusxCBDkDYkIlfOI8w=="}"#,
            "hash shorter than 16 or longer than 128 bytes",
        ),
        (
            pbkdf2,
            r#"{"value":"aGFzaA==","salt":"i41oZusxCBDkDYkIlfOI8w=="}"#,
            "hash shorter than 16 or longer than 128 bytes",
        ),
        (pbkdf2, r#"{"value":"N4eWhI+8nO7okmZmCfkqIi7liG+b3CcDcrN/G9cg6KE=","salt":""}"#, unreadable),
        (bcrypt, r#"{"value":"$2a$06$If6bvum7DFjUnE9p2uDeDu","salt":""}"#, unreadable),
        (bcrypt, r#"{"value":"錠錠錠錠錠錠錠錠錠錠錠錠錠錠錠錠錠錠錠錠","salt":""}"#, unreadable),
        (
            bcrypt,
            r#"{"value":"$2a$03$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"}"#,
            "cost below what the algorithm needs",
        ),
        (
            bcrypt,
            r#"{"value":"$2a$31$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"}"#,
            "cost above what this server computes",
        ),
    ];
    for (credential_data, secret_data, expected) in cases {
        assert_eq!(parse_error(credential_data, secret_data), expected, "{secret_data}");
    }
}

/// As the plugins write it, with and without what Keycloak adds.
#[test]
fn bcrypt_of_the_plugins_verifies_and_is_always_upgraded() {
    let cases = [
        r#"{"hashIterations":-1,"algorithm":"bcrypt"}"#,
        r#"{"hashIterations":6,"algorithm":"bcrypt","additionalParameters":{}}"#,
    ];
    for credential_data in cases {
        for prefix in ["$2a$", "$2b$", "$2y$"] {
            let crypt = CRYPT.replace("$2a$", prefix);
            let secret_data = format!(r#"{{"value":"{crypt}","salt":"","additionalParameters":{{}}}}"#);
            let stored = StoredPassword::parse(credential_data, &secret_data).unwrap();
            assert_eq!(stored.matches(&password("abc"), &mut Blocks::new()), Ok(true));
            assert_eq!(stored.matches(&password("abd"), &mut Blocks::new()), Ok(false));
            assert!(needs_upgrade(&stored, &Parameters::KEYCLOAK));
            assert_eq!(stored.secret_data(), secret_data);
        }
    }
}

#[test]
fn debug_shows_no_secret() {
    let stored = StoredPassword::parse(ARGON2, SECRET).unwrap();
    let shown = format!("{stored:?}");
    assert!(shown.contains("7168"), "{shown}");
    assert!(!shown.contains("N4eWhI") && !shown.contains("i41oZ"), "{shown}");
}

#[test]
fn every_parameter_counts_for_the_upgrade() {
    let wanted = Parameters::KEYCLOAK;
    let upgrade = |credential_data: &str| {
        needs_upgrade(&StoredPassword::parse(credential_data, SECRET).unwrap(), &wanted)
    };
    assert!(!upgrade(ARGON2));
    let changes = [
        (r#""hashIterations":5"#, r#""hashIterations":4"#),
        (r#""type":["id"]"#, r#""type":["i"]"#),
        (r#""version":["1.3"]"#, r#""version":["1.0"]"#),
        (r#""memory":["7168"]"#, r#""memory":["19456"]"#),
        (r#""parallelism":["1"]"#, r#""parallelism":["2"]"#),
    ];
    for (from, to) in changes {
        assert!(upgrade(&ARGON2.replace(from, to)), "{to}");
    }
    assert!(upgrade(r#"{"hashIterations":27500,"algorithm":"pbkdf2-sha256"}"#));
}
