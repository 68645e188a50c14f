//! From bytes to a representation, or to an error that names the place.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_path_to_error::Path;

use super::{nearest, representation::OF};

/// Reads one representation from the whole of `json`.
pub fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, RepresentationError> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = place(error.path());
        RepresentationError::new(path, &error.into_inner(), json)
    })?;
    deserializer.end().map_err(|error| RepresentationError::new(".".to_owned(), &error, json))?;
    Ok(value)
}

/// Why a document is not the representation it should be. Never holds a value of the document: a password
/// in the wrong place must not end in a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepresentationError {
    /// The place, `clients[3].attributez`; `.` is the document itself.
    pub path: String,
    /// What is wrong there.
    pub fault: Fault,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1 in bytes; of an unknown member where its value has begun, as Keycloak counts.
    pub column: usize,
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text is not JSON, or ends too early.
    NotJson {
        /// In words.
        message: String,
    },
    /// A value has the wrong type.
    WrongType {
        /// In words, without the value.
        message: String,
    },
    /// A member that the representation does not have.
    UnknownMember {
        /// Its name.
        member: String,
        /// The representation that was being read.
        representation: String,
        /// The name that was probably meant.
        nearest: Option<String>,
    },
}

impl RepresentationError {
    fn new(path: String, error: &serde_json::Error, json: &[u8]) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let text = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
        if !error.is_data() {
            return Self { path, fault: Fault::NotJson { message: text.to_owned() }, line, column };
        }
        let Some((representation, unknown)) = text.split_once(OF) else {
            return Self { path, fault: Fault::WrongType { message: without_value(text) }, line, column };
        };
        let (line, column) = value_position(json, line, column);
        let (member, known) = unknown_and_known(unknown);
        let nearest = nearest(member, known).map(str::to_owned);
        let fault = Fault::UnknownMember {
            member: member.to_owned(),
            representation: representation.to_owned(),
            nearest,
        };
        Self { path, fault, line, column }
    }

    /// The words of Keycloak's answer to an unknown member, if that is what it is.
    pub fn unrecognized_field(&self) -> Option<String> {
        let Fault::UnknownMember { member, representation, .. } = &self.fault else { return None };
        Some(format!(
            "Invalid json representation for {representation}. Unrecognized field \"{member}\" at line {} column {}.",
            self.line, self.column
        ))
    }
}

impl fmt::Display for RepresentationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path != "." {
            write!(f, "{}: ", self.path)?;
        }
        match &self.fault {
            Fault::NotJson { message } => write!(f, "not JSON: {message}")?,
            Fault::WrongType { message } => f.write_str(message)?,
            Fault::UnknownMember { nearest: None, .. } => f.write_str("unknown member")?,
            Fault::UnknownMember { nearest: Some(name), .. } => {
                write!(f, "unknown member, did you mean {name}?")?;
            }
        }
        write!(f, " (line {}, column {})", self.line, self.column)
    }
}

impl std::error::Error for RepresentationError {}

/// The path as text; a name that could not be read is left out of it.
fn place(path: &Path) -> String {
    let text = path.to_string();
    match text.strip_suffix('?') {
        Some("") => ".".to_owned(),
        Some(parent) => parent.trim_end_matches('.').to_owned(),
        None => text,
    }
}

/// Takes the value out of serde's `invalid type: string "hush", expected a list`.
fn without_value(text: &str) -> String {
    let Some((found, expected)) = text.rsplit_once(", expected ") else { return text.to_owned() };
    let kind = found.split(['"', '`']).next().unwrap_or_default().trim_end();
    format!("{kind}, expected {expected}")
}

/// Takes serde's ``unknown field `a`, expected one of `b`, `c` `` apart.
fn unknown_and_known(text: &str) -> (&str, Vec<&str>) {
    let (found, expected) = text.rsplit_once(", expected ").unwrap_or((text, ""));
    let member = found.split_once('`').map_or(found, |(_, name)| name);
    (member.strip_suffix('`').unwrap_or(member), expected.split('`').skip(1).step_by(2).collect())
}

/// Where Keycloak's parser stands when it meets an unknown member: behind the first character of a text,
/// list or object, behind the whole of a number or word. serde stands behind the name.
fn value_position(json: &[u8], line: usize, column: usize) -> (usize, usize) {
    let line_start = |line: usize| {
        json.iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .nth(line.wrapping_sub(2))
            .map_or(0, |(at, _)| at + 1)
    };
    let name_end = line_start(line) + column;
    let behind = json.get(name_end..).unwrap_or_default();
    let gap = behind.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b':').count();
    let value = behind.get(gap..).unwrap_or_default();
    let opening = match value.first() {
        Some(b'"' | b'{' | b'[') => 1,
        _ => value.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count(),
    };
    let end = name_end + gap + opening;
    let line = line + behind.iter().take(gap).filter(|byte| **byte == b'\n').count();
    (line, end + 1 - line_start(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keycloak::{ClientScopeRepresentation, RealmRepresentation, Sensitive};

    fn refused(json: &str) -> String {
        parse::<RealmRepresentation>(json.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn an_unknown_member_is_refused_with_its_place_and_the_nearest_name() {
        for (json, expected) in [
            (r#"{"realmz":"r"}"#, "realmz: unknown member, did you mean realm? (line 1, column 12)"),
            (r#"{"foo":1}"#, "foo: unknown member (line 1, column 9)"),
            (
                r#"{"clients":[{},{"attributez":{}}]}"#,
                "clients[1].attributez: unknown member, did you mean attributes? (line 1, column 31)",
            ),
            (
                "{\"users\":\n [{\"credentials\":[{\"secretdata\"\n:\n 12 }]}]}",
                "users[0].credentials[0].secretdata: unknown member, did you mean secretData? (line 4, column 4)",
            ),
            (
                r#"{"roles":{"client":{"web":[{"composites":{"realms":[]}}]}}}"#,
                "roles.client.web[0].composites.realms: unknown member, did you mean realm? (line 1, column 53)",
            ),
            (
                r#"{"components":{"p":[{"subComponents":{"q":[{"parentId":"x"}]}}]}}"#,
                "components.p[0].subComponents.q[0].parentId: unknown member (line 1, column 57)",
            ),
            (
                r#"{"clientPolicies":{"policies":[{"conditions":[{"conditon":"x"}]}]}}"#,
                "clientPolicies.policies[0].conditions[0].conditon: unknown member, did you mean condition? (line 1, column 60)",
            ),
        ] {
            assert_eq!(refused(json), expected, "{json}");
        }
    }

    #[test]
    fn a_value_of_the_wrong_type_is_refused_with_its_place_and_without_the_value() {
        for (json, expected) in [
            (
                r#"{"clients":[{"secret":["hush"]}]}"#,
                "clients[0].secret: invalid type: sequence, expected a text",
            ),
            (r#"{"enabled":"hush"}"#, "enabled: invalid value: string, expected true or false"),
            (
                r#"{"notBefore":"hush, expected y"}"#,
                "notBefore: invalid value: string, expected a whole number",
            ),
            (
                r#"{"notBefore":2147483648}"#,
                "notBefore: invalid value: integer, expected a number of 32 bits",
            ),
            (r#"{"notBefore":1.5}"#, "notBefore: invalid type: floating point, expected a whole number"),
            (
                r#"{"groups":[{"attributes":{"a":"hush"}}]}"#,
                "groups[0].attributes.a: invalid type: string, expected a list",
            ),
            (r#"{"attributes":{"a":{}}}"#, "attributes.a: invalid type: map, expected a text"),
            (r#"{"users":[null]}"#, "users[0]: invalid type: null, expected an object"),
            (r#"{"users":[["hush"]]}"#, "users[0]: invalid type: sequence, expected an object"),
            (r#"["hush"]"#, "invalid type: sequence, expected an object"),
            (r#""hush""#, "invalid type: string, expected an object"),
        ] {
            let refused = refused(json);
            assert!(refused.starts_with(expected), "{json}: {refused}");
            assert!(!refused.contains("hush"), "{refused}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused_as_such() {
        for (json, expected) in [
            ("", "not JSON: EOF while parsing a value (line 1, column 0)"),
            ("{", "not JSON: EOF while parsing an object (line 1, column 1)"),
            ("{} {}", "not JSON: trailing characters (line 1, column 4)"),
            (r#"{"realm":hush}"#, "realm: not JSON: expected value (line 1, column 10)"),
        ] {
            let error = parse::<RealmRepresentation>(json.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), expected, "{json}");
            assert!(matches!(error.fault, Fault::NotJson { .. }), "{json}");
            assert_eq!(error.unrecognized_field(), None, "{json}");
        }
    }

    #[test]
    fn values_are_read_as_leniently_as_keycloak_reads_them() {
        let json =
            br#"{"enabled":"true","notBefore":"7","displayName":null,"smtpServer":{"port":587,"auth":true},
            "attributes":{"gone":null},"codeSecret":5}"#;
        let realm: RealmRepresentation = parse(json).unwrap();
        assert_eq!((realm.enabled, realm.not_before, realm.display_name), (Some(true), Some(7), None));
        assert_eq!(realm.code_secret.as_ref().map(Sensitive::reveal), Some("5"));
        let smtp = realm.smtp_server.unwrap();
        assert_eq!((smtp["port"].as_str(), smtp["auth"].as_str()), ("587", "true"));
        assert_eq!(realm.attributes.unwrap()["gone"], "");
    }

    #[test]
    fn a_mark_of_byte_order_is_skipped() {
        let realm: RealmRepresentation = parse(b"\xef\xbb\xbf{\"realm\":\"r\"}").unwrap();
        assert_eq!(realm.realm.as_deref(), Some("r"));
    }

    #[test]
    fn an_unknown_member_of_a_client_scope_is_ignored() {
        let scope: ClientScopeRepresentation = parse(br#"{"name":"s","foo":1}"#).unwrap();
        assert_eq!(scope.name.as_deref(), Some("s"));
    }

    #[test]
    fn a_representation_prints_nothing_of_what_it_holds() {
        let realm: RealmRepresentation = parse(br#"{"smtpServer":{"password":"hush"}}"#).unwrap();
        assert_eq!(format!("{realm:?}"), "RealmRepresentation { .. }");
    }
}
