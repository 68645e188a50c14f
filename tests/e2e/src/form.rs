//! Reads the forms of a page and fills them in, as far as our own pages need it.

use std::collections::BTreeMap;

/// A form of a page.
#[derive(Debug, Default, Clone)]
pub struct Form {
    pub id: String,
    pub action: String,
    fields: Vec<Field>,
    buttons: Vec<Button>,
}

#[derive(Debug, Clone)]
struct Field {
    name: String,
    value: String,
    /// A box that is not ticked is not sent.
    is_sent: bool,
}

#[derive(Debug, Clone)]
struct Button {
    id: String,
    name: String,
    value: String,
}

impl Form {
    /// The forms of a page, in its order.
    pub fn read(html: &str) -> Vec<Self> {
        let mut forms = Vec::new();
        let mut open: Option<Self> = None;
        for tag in tags(html) {
            match (tag.name.as_str(), &mut open) {
                ("form", _) => {
                    open = Some(Self { id: tag.get("id"), action: tag.get("action"), ..Self::default() });
                }
                ("/form", _) => forms.extend(open.take()),
                ("input" | "button", Some(form)) => form.add(&tag),
                _ => {}
            }
        }
        forms
    }

    fn add(&mut self, tag: &Tag) {
        let kind = if tag.name == "button" && tag.get("type").is_empty() {
            "submit".to_owned()
        } else {
            tag.get("type")
        };
        let (id, name, value) = (tag.get("id"), tag.get("name"), tag.get("value"));
        match kind.as_str() {
            "submit" => self.buttons.push(Button { id, name, value }),
            "checkbox" | "radio" => {
                let value = if tag.has("value") { value } else { "on".to_owned() };
                self.fields.push(Field { name, value, is_sent: tag.has("checked") });
            }
            "button" | "reset" => {}
            _ => self.fields.push(Field { name, value, is_sent: true }),
        }
    }

    /// Types into a field.
    pub fn fill(&mut self, name: &str, text: &str) {
        for field in self.fields.iter_mut().filter(|field| field.name == name) {
            text.clone_into(&mut field.value);
        }
    }

    /// Ticks exactly these boxes of that name.
    pub fn tick(&mut self, name: &str, values: &[&str]) {
        for field in self.fields.iter_mut().filter(|field| field.name == name) {
            field.is_sent = values.contains(&field.value.as_str());
        }
    }

    /// The values of the fields of that name, whether they would be sent or not.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|field| field.name == name).map(|field| field.value.as_str()).collect()
    }

    pub fn has_button(&self, id: &str) -> bool {
        self.buttons.iter().any(|button| button.id == id)
    }

    /// What the browser sends when the button with this id is pressed.
    pub fn press(&self, id: &str) -> Vec<(&str, &str)> {
        let sent = self.fields.iter().filter(|field| field.is_sent && !field.name.is_empty());
        let pressed = self.buttons.iter().filter(|button| button.id == id && !button.name.is_empty());
        sent.map(|field| (field.name.as_str(), field.value.as_str()))
            .chain(pressed.map(|button| (button.name.as_str(), button.value.as_str())))
            .collect()
    }
}

/// A start tag, or an end tag whose name begins with a slash.
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
}

impl Tag {
    fn get(&self, name: &str) -> String {
        self.attributes.get(name).cloned().unwrap_or_default()
    }

    fn has(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }
}

fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let (name, after) = split_while(after, |c| c.is_ascii_alphanumeric() || c == '/' || c == '-');
        if name.is_empty() {
            // A bare `<` in the text.
            rest = after;
            continue;
        }
        let (attributes, after) = attributes(after);
        tags.push(Tag { name: name.to_ascii_lowercase(), attributes });
        rest = after;
    }
    tags
}

/// Reads attributes up to the `>`; gives them and what follows.
fn attributes(mut rest: &str) -> (BTreeMap<String, String>, &str) {
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return (attributes, after);
        }
        let (name, after) = split_while(rest, |c| !c.is_ascii_whitespace() && !matches!(c, '=' | '>' | '/'));
        if name.is_empty() {
            // Not a tag of ours: go on behind its end.
            return (attributes, after.split_once('>').map_or("", |(_, rest)| rest));
        }
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(value) => attribute_value(value.trim_start()),
            None => ("", after),
        };
        attributes.insert(name.to_ascii_lowercase(), unescape(value));
        rest = after;
    }
}

fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    split_while(text, |c| !c.is_ascii_whitespace() && c != '>')
}

fn split_while(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

/// Character references: the five of XML and the numeric ones.
fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let known = after.split_once(';').and_then(|(name, after)| Some((character(name)?, after)));
        let (character, after) = known.unwrap_or(('&', after));
        plain.push(character);
        rest = after;
    }
    plain + rest
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><!-- <form id="none"> --><p>1 < 2
        <form id="kc-form-login" method="post" action="/auth?a=1&amp;b=&#x2f;2">
        <input type="text" name="username" value="mi&quot;ka" required><input type=password name=password>
        <input type="checkbox" name="rememberMe"><input type="hidden" name="credentialId" value="">
        <button class="btn" type="submit" name="login" id="kc-login">Sign in</button></form>
        <form action='c>d'><input type="checkbox" name="scope" value="hello" checked/>
        <input type="checkbox" name="scope" value="offline_access">
        <button name="accept" id="kc-login" value="yes">Yes</button>
        <button name="cancel" id="kc-cancel" value="no">No</button></form>"#;

    #[test]
    fn a_form_is_read_with_its_fields_and_buttons() {
        let forms = Form::read(PAGE);
        assert_eq!(forms.len(), 2);
        assert_eq!((forms[0].id.as_str(), forms[0].action.as_str()), ("kc-form-login", "/auth?a=1&b=/2"));
        assert_eq!(forms[0].values("username"), ["mi\"ka"]);
        assert_eq!(forms[1].action, "c>d");
        assert!(forms[1].has_button("kc-cancel") && !forms[0].has_button("kc-cancel"));
    }

    #[test]
    fn what_was_filled_in_is_sent_with_the_pressed_button() {
        let mut login = Form::read(PAGE).remove(0);
        login.fill("username", "u");
        login.fill("password", "p");
        let expected = [("username", "u"), ("password", "p"), ("credentialId", ""), ("login", "")];
        assert_eq!(login.press("kc-login"), expected);
    }

    #[test]
    fn only_ticked_boxes_are_sent() {
        let mut consent = Form::read(PAGE).remove(1);
        assert_eq!(consent.press("kc-login"), [("scope", "hello"), ("accept", "yes")]);
        consent.tick("scope", &["offline_access"]);
        assert_eq!(consent.press("kc-cancel"), [("scope", "offline_access"), ("cancel", "no")]);
    }

    #[test]
    fn a_broken_page_ends() {
        for html in
            ["<", "<form", "<form action", "<form action=\"", "<!--", "&", "<input value=&#x110000;>", "< =>"]
        {
            Form::read(html);
        }
    }
}
