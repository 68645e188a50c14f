//! As much of an HTML reader as the tests need: elements in order, and whether they nest.

const VOID: [&str; 6] = ["br", "input", "link", "meta", "path", "wbr"];

pub(crate) struct Element {
    pub(crate) name: String,
    /// Name and value as written; the value of an attribute without one is empty.
    pub(crate) attributes: Vec<(String, String)>,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Every element of a document whose tags nest; panics where they do not.
pub(crate) fn elements(html: &str) -> Vec<Element> {
    let mut rest = html.strip_prefix("<!DOCTYPE html>").expect("a doctype, first of all");
    let mut open: Vec<String> = Vec::new();
    let mut found = Vec::new();
    while let Some((text, behind)) = rest.split_once('<') {
        assert!(!text.contains('>'), "stray > in {text}");
        let (tag, behind) = tag(behind);
        rest = behind;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closing tag");
            continue;
        }
        let element = element(tag.trim_end_matches('/'));
        if !VOID.contains(&element.name.as_str()) {
            open.push(element.name.clone());
        }
        found.push(element);
    }
    assert_eq!(open, Vec::<String>::new(), "left open");
    found
}

/// Up to the `>` that is not in a quoted value.
fn tag(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let end = text.find(|character| {
        quoted ^= character == '"';
        character == '>' && !quoted
    });
    let end = end.expect("a tag ends");
    (&text[..end], &text[end + 1..])
}

fn element(tag: &str) -> Element {
    let (name, mut rest) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        let end = rest.find([' ', '=', '\n']).unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        let (key, behind) = rest.split_at(end);
        let (value, behind) = match behind.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').expect("a value ends"),
            None => ("", behind),
        };
        attributes.push((key.to_owned(), value.to_owned()));
        rest = behind;
    }
    Element { name: name.to_owned(), attributes }
}
