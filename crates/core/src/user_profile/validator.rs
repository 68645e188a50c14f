//! Validators of attributes, by their names in Keycloak.

use serde_json::Value;

use super::ProfileFault;
use crate::pattern::Pattern;

/// One rule about one value.
#[derive(Clone, Debug)]
pub(super) enum Validator {
    Length {
        min: Option<i64>,
        max: Option<i64>,
    },
    Email,
    UsernameLetters,
    PersonNameLetters,
    /// Letters of one script, so that no name looks like another one.
    NotHomograph(Option<Pattern>),
    Pattern {
        pattern: Option<Pattern>,
        message: String,
    },
    Options(Vec<String>),
}

/// Characters that Keycloak lets in no username, beside blanks and controls.
const NOT_IN_USERNAMES: &str = "<>&\"'$%!#?§,;:*~/\\|^=[]{}()`";
/// The same of the names of people.
const NOT_IN_PERSON_NAMES: &str = "<>&\"$%!#?§;*~/\\|^=[]{}()";

impl Validator {
    /// The validator of this name; what is not known is not asked for.
    pub(super) fn of(name: &str, config: &Value) -> Option<Self> {
        let text = |name: &str| config.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        Some(match name {
            "length" => Self::Length { min: number(config.get("min")), max: number(config.get("max")) },
            "email" => Self::Email,
            "username-prohibited-characters" => Self::UsernameLetters,
            "person-name-prohibited-characters" => Self::PersonNameLetters,
            "up-username-not-idn-homograph" => Self::NotHomograph(Pattern::parse(r"[\p{Latin}\p{Common}]+")),
            "pattern" => Self::Pattern {
                pattern: text("pattern").and_then(Pattern::parse),
                message: text("error-message").unwrap_or("error-pattern-no-match").to_owned(),
            },
            "options" => {
                let options = config.get("options")?.as_array()?;
                Self::Options(options.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            _ => return None,
        })
    }

    /// What speaks against a value.
    pub(super) fn fault(&self, field: &str, value: &str) -> Option<ProfileFault> {
        let fault = |message: &str| Some(ProfileFault::new(field, message, []));
        match self {
            Self::Length { min, max } => check_length(*min, *max, field, value),
            Self::Email if !is_email(value) => {
                Some(ProfileFault::new(field, "error-invalid-email", [value.into()]))
            }
            Self::UsernameLetters if has_any(value, NOT_IN_USERNAMES, char::is_whitespace) => {
                fault("error-username-invalid-character")
            }
            Self::PersonNameLetters if has_any(value, NOT_IN_PERSON_NAMES, |_| false) => {
                fault("error-person-name-invalid-character")
            }
            Self::NotHomograph(pattern) if !matches(pattern.as_ref(), value) => {
                fault("error-username-invalid-character")
            }
            Self::Pattern { pattern, message } if !matches(pattern.as_ref(), value) => fault(message),
            Self::Options(options) if !options.iter().any(|option| option == value) => {
                fault("error-invalid-value")
            }
            _ => None,
        }
    }
}

/// Written as a number or as a text.
fn number(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A pattern that cannot be read is matched by nothing.
fn matches(pattern: Option<&Pattern>, value: &str) -> bool {
    pattern.is_some_and(|pattern| pattern.matches(value))
}

fn has_any(value: &str, characters: &str, also: impl Fn(char) -> bool) -> bool {
    value.chars().any(|c| characters.contains(c) || c.is_control() || also(c))
}

/// Counted as Java does: a character outside the basic plane is two.
fn check_length(min: Option<i64>, max: Option<i64>, field: &str, value: &str) -> Option<ProfileFault> {
    let length = i64::try_from(value.trim().encode_utf16().count()).unwrap_or(i64::MAX);
    let fits = min.is_none_or(|min| length >= min) && max.is_none_or(|max| length <= max);
    let message = match (min, max) {
        (Some(_), Some(_)) => "error-invalid-length",
        (Some(_), None) => "error-invalid-length-too-short",
        (None, _) => "error-invalid-length-too-long",
    };
    (!fits).then(|| ProfileFault::new(field, message, [min.into(), max.into()]))
}

/// As Keycloak reads RFC 5321 §4.1.2: a name of atoms or in quotation marks, and a domain of labels.
fn is_email(address: &str) -> bool {
    let Some((name, domain)) = address.rsplit_once('@') else { return false };
    name.len() <= 64 && domain.len() <= 255 && is_mailbox(name) && is_domain(domain)
}

fn is_mailbox(name: &str) -> bool {
    let quoted = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let atom = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    match quoted {
        Some(inside) => !inside.is_empty() && !inside.contains(['"', '\\']),
        None => name.split('.').all(|part| !part.is_empty() && part.chars().all(atom)),
    }
}

fn is_domain(domain: &str) -> bool {
    let literal = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(literal) = literal {
        return literal.strip_prefix("IPv6:").unwrap_or(literal).parse::<std::net::IpAddr>().is_ok();
    }
    let letter = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || c == '-';
    domain.split('.').all(|label| {
        let within = (1..=63).contains(&label.len()) && label.chars().all(letter);
        within && !label.starts_with('-') && !label.ends_with('-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_keycloak_reads_them() {
        for (address, good) in [
            ("alice@example.org", true),
            ("a.b+c@mail.example.org", true),
            ("root@localhost", true),
            ("\"a b\"@example.org", true),
            ("花子@例え.jp", true),
            ("a@[203.0.113.9]", true),
            ("x", false),
            ("@example.org", false),
            ("a@", false),
            ("a b@example.org", false),
            (".a@example.org", false),
            ("a@-example.org", false),
            ("a@example..org", false),
        ] {
            assert_eq!(is_email(address), good, "{address}");
        }
        assert!(!is_email(&format!("{}@example.org", "a".repeat(65))));
    }

    #[test]
    fn lengths_are_named_by_the_limits_that_there_are() {
        let message = |min, max| check_length(min, max, "a", "").or(check_length(min, max, "a", "123456789"));
        for (min, max, expected) in [
            (Some(3), Some(5), "error-invalid-length"),
            (Some(3), None, "error-invalid-length-too-short"),
            (None, Some(5), "error-invalid-length-too-long"),
        ] {
            assert_eq!(message(min, max).unwrap().message, expected);
        }
        assert_eq!(check_length(Some(3), Some(3), "a", "関所長"), None);
    }
}
