//! The user profile of a realm: which attributes its users have, and what speaks against values that an
//! administrator gives them. Validators and messages are Keycloak's.

mod validator;

use std::collections::{BTreeMap, HashMap};

use sekisho_protocol::keycloak::defaults::user_profile;
use sekisho_protocol::keycloak::{self, RealmRepresentation, UPAttribute, UPConfig};
use serde_json::Value;

use validator::Validator;

/// Whom the profile is read for here.
const ADMINISTRATOR: &str = "admin";
/// The type of the component that holds the profile, and its entry.
const COMPONENT: &str = "org.keycloak.userprofile.UserProfileProvider";
const ENTRY: &str = "kc.user.profile.config";
const USERNAME: &str = "username";

/// Values by attribute; `username`, `email`, `firstName` and `lastName` are attributes like others.
pub type Values = BTreeMap<String, Vec<String>>;

/// What is asked of users.
#[derive(Clone, Debug, Default)]
pub struct UserProfile {
    attributes: HashMap<String, Attribute>,
    unmanaged: Unmanaged,
}

/// What happens to attributes that the profile does not list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Unmanaged {
    #[default]
    LeftOut,
    Viewed,
    Kept,
}

#[derive(Clone, Debug)]
struct Attribute {
    required: bool,
    editable: bool,
    validators: Vec<Validator>,
}

/// What speaks against a value, as Keycloak says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileFault {
    pub field: String,
    pub message: String,
    /// The field, and what the message is filled in with.
    pub params: Vec<Value>,
}

/// The profile as a realm's document has it, or the one of a new realm.
pub fn config(realm: &RealmRepresentation) -> UPConfig {
    let component = realm.components.as_ref().and_then(|all| all.get(COMPONENT)?.first());
    let text = component.and_then(|component| component.config.as_ref()?.get(ENTRY)?.first());
    text.and_then(|text| keycloak::parse(text.as_bytes()).ok()).unwrap_or_else(user_profile)
}

impl UserProfile {
    /// The profile of a realm.
    pub fn of(realm: &RealmRepresentation) -> Self {
        let config = config(realm);
        let mut attributes: HashMap<String, Attribute> = config
            .attributes
            .iter()
            .flatten()
            .filter_map(|attribute| Some((attribute.name.clone()?, Attribute::of(attribute))))
            .collect();
        // Whatever the profile says, it is this switch that lets a name be changed.
        if let Some(username) = attributes.get_mut(USERNAME) {
            username.editable = realm.edit_username_allowed == Some(true);
        }
        let unmanaged = match config.unmanaged_attribute_policy.as_deref() {
            Some("ENABLED" | "ADMIN_EDIT") => Unmanaged::Kept,
            Some("ADMIN_VIEW") => Unmanaged::Viewed,
            _ => Unmanaged::LeftOut,
        };
        Self { attributes, unmanaged }
    }

    /// Whether the profile lists the attribute.
    pub fn lists(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    /// Whether an administrator sees the attribute.
    pub fn shows(&self, name: &str) -> bool {
        self.lists(name) || self.unmanaged != Unmanaged::LeftOut
    }

    /// Whether what an administrator gives to the attribute is kept; what is not is passed over in silence.
    pub fn keeps(&self, name: &str) -> bool {
        self.lists(name) || self.unmanaged == Unmanaged::Kept
    }

    /// What speaks against these values, by the attributes' names; `before` is what the user has so far.
    pub fn check(&self, values: &Values, before: Option<&Values>) -> Vec<ProfileFault> {
        let mut names: Vec<&String> = self.attributes.keys().collect();
        names.sort_unstable();
        let checked = |name: &String| self.check_one(name, values.get(name), before);
        names.into_iter().flat_map(checked).collect()
    }

    fn check_one(
        &self,
        name: &str,
        given: Option<&Vec<String>>,
        before: Option<&Values>,
    ) -> Vec<ProfileFault> {
        let Some(attribute) = self.attributes.get(name) else { return Vec::new() };
        if !attribute.editable && before.is_some_and(|before| before.get(name) != given) {
            return vec![ProfileFault::new(name, "error-user-attribute-read-only", [])];
        }
        let values: Vec<&str> =
            given.into_iter().flatten().map(String::as_str).filter(|value| !value.is_empty()).collect();
        if attribute.required && values.is_empty() {
            return vec![ProfileFault::new(name, "error-user-attribute-required", [])];
        }
        let faults = |value| attribute.validators.iter().filter_map(move |check| check.fault(name, value));
        values.into_iter().flat_map(faults).collect()
    }
}

impl Attribute {
    fn of(attribute: &UPAttribute) -> Self {
        let edit = attribute.permissions.as_ref().and_then(|permissions| permissions.edit.as_ref());
        let validations = attribute.validations.iter().flatten();
        Self {
            required: is_required(attribute),
            editable: edit.is_none_or(|roles| roles.iter().any(|role| role == ADMINISTRATOR)),
            validators: validations.filter_map(|(name, config)| Validator::of(name, config)).collect(),
        }
    }
}

/// Whether the attribute must have a value when an administrator writes it: what is asked of users themselves, or
/// for some scopes, is not.
pub fn is_required(attribute: &UPAttribute) -> bool {
    attribute.required.as_ref().is_some_and(|required| {
        let is_empty = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
        let of_administrators =
            required.roles.as_ref().is_some_and(|roles| roles.iter().any(|role| role == ADMINISTRATOR));
        of_administrators || (is_empty(&required.roles) && is_empty(&required.scopes))
    })
}

impl ProfileFault {
    fn new(field: &str, message: &str, filled_in: impl IntoIterator<Item = Value>) -> Self {
        let params = std::iter::once(field.into()).chain(filled_in).collect();
        Self { field: field.to_owned(), message: message.to_owned(), params }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn profile(realm: Value) -> UserProfile {
        UserProfile::of(&serde_json::from_value(realm).unwrap())
    }

    fn values(given: &[(&str, &str)]) -> Values {
        given.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()])).collect()
    }

    /// The first five as `admin.user.create.*` recorded them.
    #[test]
    fn what_a_new_realm_asks_of_users() {
        let profile = profile(json!({}));
        for (name, value, message) in [
            ("username", "nu", "error-invalid-length"),
            ("username", "a<b", "error-username-invalid-character"),
            ("username", " newuser ", "error-username-invalid-character"),
            ("firstName", "<b>", "error-person-name-invalid-character"),
            ("email", "x", "error-invalid-email"),
            // A Cyrillic а that looks like a Latin one.
            ("username", "\u{430}lice", "error-username-invalid-character"),
        ] {
            let faults = profile.check(&values(&[(name, value)]), None);
            assert_eq!(faults.len(), 1, "{name} {value}: {faults:?}");
            assert_eq!(faults[0].message, message, "{name} {value}");
        }
        let fine = values(&[("username", "newuser"), ("firstName", "花子"), ("email", ""), ("team", "<")]);
        assert_eq!(profile.check(&fine, None), []);
    }

    #[test]
    fn a_name_is_changed_only_where_the_realm_lets() {
        let (before, after) = (values(&[("username", "newuser")]), values(&[("username", "newuser2")]));
        for (allowed, faults) in [(false, 1), (true, 0)] {
            let profile = profile(json!({ "editUsernameAllowed": allowed }));
            assert_eq!(profile.check(&after, Some(&before)).len(), faults);
            assert_eq!(profile.check(&after, None).len(), 0, "a new user has any name");
        }
    }

    #[test]
    fn what_is_asked_of_users_themselves_is_not_asked_of_administrators() {
        for (required, faults) in [
            (json!({ "roles": ["user"] }), 0),
            (json!({ "roles": ["admin", "user"] }), 1),
            (json!({ "scopes": ["phone"] }), 0),
            (json!({}), 1),
        ] {
            let text = json!({ "attributes": [{ "name": "team", "required": required }] }).to_string();
            let component = json!({ "config": { ENTRY: [text] } });
            let profile = profile(json!({ "components": { COMPONENT: [component] } }));
            assert_eq!(profile.check(&Values::new(), None).len(), faults, "{required}");
        }
    }

    #[test]
    fn attributes_that_are_not_listed_follow_the_policy() {
        for (policy, shows, keeps) in
            [(None, false, false), (Some("ADMIN_VIEW"), true, false), (Some("ENABLED"), true, true)]
        {
            let text = json!({ "unmanagedAttributePolicy": policy }).to_string();
            let component = json!({ "config": { ENTRY: [text] } });
            let profile = profile(json!({ "components": { COMPONENT: [component] } }));
            assert_eq!((profile.shows("team"), profile.keeps("team")), (shows, keeps), "{policy:?}");
        }
    }
}
