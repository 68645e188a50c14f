//! Reads `WWW-Authenticate` (RFC 9110 §11.6.1) and finds the Bearer challenge in it (RFC 6750 §3, RFC 9728 §5.1).

/// What a resource server said when it refused.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) error: Option<String>,
    pub(crate) error_description: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) resource_metadata: Option<String>,
}

impl Challenge {
    /// The Bearer challenge of the header value; one without parameters where there is none.
    pub(crate) fn parse(header: &str) -> Self {
        let mut challenge = Self::default();
        let mut scanner = Scanner { rest: header };
        let mut bearer = false;
        while let Some(item) = scanner.next_item() {
            match item {
                Item::Scheme(scheme) => bearer = scheme.eq_ignore_ascii_case("bearer"),
                Item::Parameter(name, value) if bearer => challenge.take(name, value),
                Item::Parameter(..) => {}
            }
        }
        challenge
    }

    /// Whether a token was accepted as such and only its scope falls short.
    pub(crate) fn is_insufficient_scope(&self) -> bool {
        self.error.as_deref() == Some("insufficient_scope")
    }

    /// The first value of a parameter counts; a second one is not allowed by the RFC.
    fn take(&mut self, name: &str, value: String) {
        let place = match name.to_ascii_lowercase().as_str() {
            "error" => &mut self.error,
            "error_description" => &mut self.error_description,
            "scope" => &mut self.scope,
            "resource_metadata" => &mut self.resource_metadata,
            _ => return,
        };
        place.get_or_insert(value);
    }
}

enum Item<'a> {
    Scheme(&'a str),
    Parameter(&'a str, String),
}

struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    fn next_item(&mut self) -> Option<Item<'a>> {
        let separates = |c: char| c == ',' || c == '=' || c.is_ascii_whitespace();
        self.rest = self.rest.trim_start_matches(separates);
        let name = self.until(separates);
        if name.is_empty() {
            return None;
        }
        match self.rest.trim_start().strip_prefix('=') {
            Some(value) => {
                self.rest = value.trim_start();
                Some(Item::Parameter(name, self.value()))
            }
            None => Some(Item::Scheme(name)),
        }
    }

    /// A token or a quoted string, in which a backslash hides the next character.
    fn value(&mut self) -> String {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            return self.until(|c| c == ',' || c.is_ascii_whitespace()).to_owned();
        };
        let mut value = String::new();
        let mut characters = quoted.chars();
        while let Some(character) = characters.next() {
            match character {
                '"' => break,
                '\\' => value.extend(characters.next()),
                other => value.push(other),
            }
        }
        self.rest = characters.as_str();
        value
    }

    fn until(&mut self, end: impl Fn(char) -> bool) -> &'a str {
        let (taken, rest) = self.rest.split_at(self.rest.find(end).unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(error: &str, description: &str, scope: &str, metadata: &str) -> Challenge {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Challenge {
            error: some(error),
            error_description: some(description),
            scope: some(scope),
            resource_metadata: some(metadata),
        }
    }

    #[test]
    fn bearer_challenges_are_read_as_servers_write_them() {
        for (header, expected) in [
            ("Bearer", challenge("", "", "", "")),
            (
                r#"Bearer resource_metadata="https://rs/.well-known/x", scope="a b""#,
                challenge("", "", "a b", "https://rs/.well-known/x"),
            ),
            (
                r#"bearer realm="x",error="insufficient_scope",scope=hello,error_description="a \"b\", c=d""#,
                challenge("insufficient_scope", r#"a "b", c=d"#, "hello", ""),
            ),
            (r#"Bearer error = "invalid_token" , scope = "a""#, challenge("invalid_token", "", "a", "")),
            (r#"Basic realm="x", Bearer scope="a""#, challenge("", "", "a", "")),
            (r#"Bearer scope="a", DPoP scope="b", error="use_dpop_nonce""#, challenge("", "", "a", "")),
            (r#"Negotiate abc==, Bearer SCOPE="a""#, challenge("", "", "a", "")),
            (r#"Bearer scope="a", scope="b""#, challenge("", "", "a", "")),
            (r#"Basic scope="a""#, challenge("", "", "", "")),
            (r#"Bearer scope="open"#, challenge("", "", "open", "")),
            (r#"Bearer scope="a\"#, challenge("", "", "a", "")),
            ("", challenge("", "", "", "")),
            (",,= ,", challenge("", "", "", "")),
        ] {
            assert_eq!(Challenge::parse(header), expected, "{header}");
        }
    }

    #[test]
    fn only_insufficient_scope_is_a_matter_of_scope() {
        assert!(Challenge::parse(r#"Bearer error="insufficient_scope""#).is_insufficient_scope());
        assert!(!Challenge::parse(r#"Bearer error="invalid_token""#).is_insufficient_scope());
        assert!(!Challenge::parse("Bearer").is_insufficient_scope());
    }
}
