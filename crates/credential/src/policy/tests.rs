//! Password policies as Keycloak writes them.

use super::*;

fn rules(policy: &str) -> Rules {
    Rules::parse(policy).unwrap()
}

fn violations(policy: &str, password: &str) -> Vec<Violation> {
    let password = Password::parse(password.to_owned()).unwrap();
    check(&rules(policy), &password, "newuser", Some("newuser@example.org"))
}

/// Recorded answers of Keycloak (`admin.user.password.policy.*`).
const RECORDED: &[(&str, &str, &str, &str)] = &[
    ("length(8)", "abc", "invalidPasswordMinLengthMessage", "Invalid password: minimum length 8."),
    (
        "digits(2)",
        "abcdefgh",
        "invalidPasswordMinDigitsMessage",
        "Invalid password: must contain at least 2 numerical digits.",
    ),
    (
        "upperCase(1)",
        "abcdefgh",
        "invalidPasswordMinUpperCaseCharsMessage",
        "Invalid password: must contain at least 1 upper case characters.",
    ),
    (
        "lowerCase(1)",
        "ABCDEFGH",
        "invalidPasswordMinLowerCaseCharsMessage",
        "Invalid password: must contain at least 1 lower case characters.",
    ),
    (
        "specialChars(1)",
        "abcdefgh",
        "invalidPasswordMinSpecialCharsMessage",
        "Invalid password: must contain at least 1 special characters.",
    ),
    (
        "notUsername(undefined)",
        "newuser",
        "invalidPasswordNotUsernameMessage",
        "Invalid password: must not be equal to the username.",
    ),
    (
        "notEmail(undefined)",
        "newuser@example.org",
        "invalidPasswordNotEmailMessage",
        "Invalid password: must not be equal to the email.",
    ),
    (
        "regexPattern(^a.*$)",
        "bbb",
        "invalidPasswordRegexPatternMessage",
        "Invalid password: fails to match regex pattern(s).",
    ),
    ("maxLength(4)", "abcdefgh", "invalidPasswordMaxLengthMessage", "Invalid password: maximum length 4."),
    (
        "notContainsUsername(undefined)",
        "xnewuserx",
        "invalidPasswordNotContainsUsernameMessage",
        "Invalid password: Can not contain the username.",
    ),
];

#[test]
fn violations_are_named_as_keycloak_names_them() {
    for (policy, password, key, sentence) in RECORDED {
        let found = violations(policy, password);
        assert_eq!(found.len(), 1, "{policy}");
        assert_eq!((found[0].key(), found[0].to_string().as_str()), (*key, *sentence), "{policy}");
    }
    assert_eq!(Violation::History(2).key(), "invalidPasswordHistoryMessage");
    assert_eq!(
        Violation::History(2).to_string(),
        "Invalid password: must not be equal to any of last 2 passwords."
    );
}

#[test]
fn rules_hold_at_their_bounds() {
    let cases = [
        ("", "", true),
        ("  ", "x", true),
        ("length(3)", "abc", true),
        ("length(3)", "錠前屋", true),
        ("length(3)", "錠前", false),
        ("length", "1234567", false),
        ("length", "12345678", true),
        ("maxLength(3)", "abc", true),
        ("maxLength(3)", "abcd", false),
        ("length(2)", "😀", true),
        ("digits(2)", "a1b2", true),
        ("digits", "a", false),
        ("digits(1)", "１", true),
        ("upperCase(1)", "É", true),
        ("lowerCase(1)", "ÉÜ", false),
        ("specialChars(1)", "日本語ー", false),
        ("specialChars(1)", "a b", true),
        ("notUsername", "NEWUSER", false),
        ("notUsername", "newuser1", true),
        ("notEmail()", "NewUser@Example.org", false),
        ("notContainsUsername", "my-NewUser-1", false),
        ("notContainsUsername", "newuse", true),
        ("regexPattern((a|b)c)", "bc", true),
    ];
    for (policy, password, accepted) in cases {
        assert_eq!(violations(policy, password).is_empty(), accepted, "{policy} {password}");
    }
}

#[test]
fn every_violation_is_told_in_the_order_of_the_rules() {
    let policy = "digits(1) and length(8) and notUsername(undefined) and upperCase(1)";
    let expected =
        [Violation::Digits(1), Violation::MinLength(8), Violation::NotUsername, Violation::UpperCase(1)];
    assert_eq!(violations(policy, "newuser"), expected);
    let both = "regexPattern(^a.*$) and regexPattern(.*z$)";
    assert_eq!(violations(both, "abc"), [Violation::RegexPattern]);
    assert_eq!(violations(both, "abz"), []);
}

#[test]
fn nobody_is_refused_for_an_absent_name() {
    let password = Password::parse("password".to_owned()).unwrap();
    let rules = rules("notContainsUsername and notEmail and notUsername");
    assert_eq!(check(&rules, &password, "", None), []);
}

#[test]
fn what_cannot_be_checked_here_is_kept_and_named() {
    let rules = rules(
        "passwordHistory(3) and passwordBlacklist(10k.txt) and forceExpiredPasswordChange(365) and \
         passwordAge(30) and maxAuthAge(300) and recoveryCodesWarningThreshold(4) and length(1)",
    );
    let expected = [
        "passwordHistory",
        "passwordBlacklist",
        "forceExpiredPasswordChange",
        "passwordAge",
        "maxAuthAge",
        "recoveryCodesWarningThreshold",
    ];
    assert_eq!(rules.unenforced().collect::<Vec<_>>(), expected);
    assert_eq!(rules.history(), Some(3));
    assert_eq!(self::rules("length(1)").history(), None);
}

#[test]
fn hashing_follows_the_policy() {
    let cases = [
        ("", Parameters::KEYCLOAK),
        ("length(8) and hashIterations(3)", Parameters::argon2id(7168, 3, 1).unwrap()),
        ("hashIterations(-1)", Parameters::KEYCLOAK),
        ("hashAlgorithm(argon2) and hashIterations(210000)", Parameters::KEYCLOAK),
        (
            "hashIterations(1000) and hashAlgorithm(pbkdf2-sha512)",
            Parameters::of_policy(Some("pbkdf2-sha512"), Some(1000)),
        ),
    ];
    for (policy, expected) in cases {
        assert_eq!(rules(policy).parameters(), expected, "{policy}");
    }
}

#[test]
fn malformed_policy_is_refused() {
    let cases = [
        ("length(", RulesError::Unclosed("length".to_owned())),
        ("length(8", RulesError::Unclosed("length".to_owned())),
        ("length()", RulesError::NotANumber("length")),
        ("length(-1)", RulesError::NotANumber("length")),
        ("length(99999999999)", RulesError::NotANumber("length")),
        ("digits(undefined)", RulesError::NotANumber("digits")),
        ("hashIterations(many)", RulesError::NotANumber("hashIterations")),
        ("regexPattern", RulesError::Pattern),
        ("regexPattern()", RulesError::Pattern),
        ("regexPattern([)", RulesError::Pattern),
        ("noSuchPolicy(1)", RulesError::Unknown("noSuchPolicy".to_owned())),
        ("length(8) or digits(1)", RulesError::NotANumber("length")),
        ("(8)", RulesError::Unknown(String::new())),
    ];
    for (policy, expected) in cases {
        assert_eq!(Rules::parse(policy).unwrap_err(), expected, "{policy}");
    }
}
