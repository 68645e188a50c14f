//! Pages, as far as a test must know them: forms, links, words.

/// A page, read.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) html: String,
    pub(crate) forms: Vec<Form>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) buttons: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) is_box: bool,
    pub(crate) checked: bool,
}

struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, String)>,
}

impl Page {
    pub(crate) fn read(html: &str) -> Self {
        let mut forms: Vec<Form> = Vec::new();
        for tag in tags(html) {
            match tag.name {
                "form" => forms.push(Form { action: tag.text("action"), ..Form::default() }),
                "input" => forms.last_mut().expect("inputs stand in forms").fields.push(tag.field()),
                "button" if tag.text("type") == "submit" => {
                    let button = (tag.text("name"), tag.text("value"));
                    forms.last_mut().expect("buttons stand in forms").buttons.push(button);
                }
                _ => {}
            }
        }
        Self { html: html.to_owned(), forms }
    }

    /// The form that has a field or a button of this name.
    pub(crate) fn form(&self, name: &str) -> &Form {
        self.find_form(name).unwrap_or_else(|| panic!("no form with {name} in {}", self.html))
    }

    pub(crate) fn find_form(&self, name: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.has(name))
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        self.words().contains(text)
    }

    /// The words between the tags, without the marks that keep names apart from the text around them.
    pub(crate) fn words(&self) -> String {
        let mut text = String::new();
        let mut rest = self.html.as_str();
        while let Some((before, after)) = rest.split_once('<') {
            text.push_str(before);
            rest = after.split_once('>').map_or("", |(_, rest)| rest);
        }
        text.push_str(rest);
        unescape(&text.replace(['\u{2068}', '\u{2069}', '\u{200b}'], ""))
    }

    /// The address of the link with this id.
    pub(crate) fn link(&self, id: &str) -> String {
        let mut links = tags(&self.html).into_iter().filter(|tag| tag.name == "a" && tag.text("id") == id);
        links.next().unwrap_or_else(|| panic!("no link {id} in {}", self.html)).text("href")
    }

    /// Addresses of links in another language.
    pub(crate) fn language_links(&self) -> Vec<(String, String)> {
        let links =
            tags(&self.html).into_iter().filter(|tag| tag.name == "a" && !tag.text("hreflang").is_empty());
        links.map(|tag| (tag.text("hreflang"), tag.text("href"))).collect()
    }

    /// The language that the page says it is in.
    pub(crate) fn language(&self) -> String {
        tags(&self.html).into_iter().find(|tag| tag.name == "html").expect("a document").text("lang")
    }
}

impl Form {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
            || self.buttons.iter().any(|(known, _)| known == name)
    }

    /// The value of a field.
    pub(crate) fn value(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|field| field.name == name);
        &field.unwrap_or_else(|| panic!("no field {name}")).value
    }

    /// The boxes of this name: value, and whether it is ticked.
    pub(crate) fn boxes(&self, name: &str) -> Vec<(&str, bool)> {
        let boxes = self.fields.iter().filter(|field| field.is_box && field.name == name);
        boxes.map(|field| (field.value.as_str(), field.checked)).collect()
    }

    /// What is sent when nobody touches anything; no button.
    pub(crate) fn untouched(&self) -> Vec<(String, String)> {
        let sent = self.fields.iter().filter(|field| !field.is_box || field.checked);
        sent.map(|field| (field.name.clone(), field.value.clone())).collect()
    }
}

impl Tag<'_> {
    fn text(&self, name: &str) -> String {
        self.attributes
            .iter()
            .find(|(known, _)| *known == name)
            .map_or_else(String::new, |(_, it)| it.clone())
    }

    fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(known, _)| *known == name)
    }

    fn field(&self) -> Field {
        let is_box = self.text("type") == "checkbox";
        let value = if is_box && !self.has("value") { "on".to_owned() } else { self.text("value") };
        Field { name: self.text("name"), value, is_box, checked: self.has("checked") }
    }
}

fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let (inside, behind) = split_tag(after);
        let name_ends = inside.find(|it: char| it.is_ascii_whitespace()).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(name_ends);
        tags.push(Tag { name, attributes: read_attributes(attributes) });
        rest = behind;
    }
    tags
}

/// A `>` inside quotes does not end a tag.
fn split_tag(text: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (None, '>') => return (&text[..at], &text[at + 1..]),
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    (text, "")
}

fn read_attributes(text: &str) -> Vec<(&str, String)> {
    let mut attributes = Vec::new();
    let mut rest = text.trim_matches(|it: char| it.is_ascii_whitespace() || it == '/');
    while !rest.is_empty() {
        let ends = rest.find(|it: char| it == '=' || it.is_ascii_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(ends);
        let (value, behind) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').expect("a closed quote"),
            None => ("", after),
        };
        attributes.push((name, unescape(value)));
        rest = behind.trim_start();
    }
    attributes
}

fn unescape(text: &str) -> String {
    let plain =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&#x27;", "'")];
    let text = plain.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain));
    text.replace("&#x2f;", "/").replace("&#x2F;", "/").replace("&amp;", "&")
}
