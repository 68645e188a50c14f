//! What a template may do with a value: escape it, isolate a name, break a URL where it reads best.

use minijinja::{AutoEscape, Error, ErrorKind, Output, State, Value, escape_formatter};

/// Writes a value as text. The five characters of HTML and no more: a `/` stays what it is, so that a
/// form's action can be found by whoever looks for its path.
pub(crate) fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() && *state.auto_escape() != AutoEscape::None => {
            out.write_str(&escape(text)).map_err(Error::from)
        }
        _ => escape_formatter(out, state, value),
    }
}

/// Text as it stands in an element or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// `name|isolated`: text of someone else's choosing, which cannot turn the sentence around it.
pub(crate) fn isolated(name: &Value) -> Value {
    Value::from_safe_string(format!("<bdi>{}</bdi>", html_of(name)))
}

/// `uri|breakable`: whole, with room to break before each step of the path. The authority stays in one piece.
pub(crate) fn breakable(uri: &str) -> Value {
    let (origin, rest) = uri.split_at(end_of_authority(uri));
    Value::from_safe_string(escape(origin) + &with_breaks(rest))
}

/// `asked|marked(registered)`: as above, and underlined what sets it apart from every registered one:
/// the scheme and host where none has them, else what follows.
pub(crate) fn marked(asked: &str, registered: &Value) -> Result<Value, Error> {
    let (origin, rest) = asked.split_at(end_of_host(asked));
    let mut known = false;
    for uri in registered.try_iter()? {
        known |= uri.as_str().is_some_and(|uri| uri.get(..end_of_host(uri)) == Some(origin));
    }
    let (origin, rest) = (escape(origin), with_breaks(rest));
    Ok(Value::from_safe_string(match (known, rest.is_empty()) {
        (true, false) => format!("{origin}<mark>{rest}</mark>"),
        (false, _) => format!("<mark>{origin}</mark>{rest}"),
        (true, true) => origin,
    }))
}

/// `url|link`: a place to go. A `javascript:` URL that came through a client's metadata ends here,
/// not in a page of ours.
pub(crate) fn link(url: &Value) -> Result<Value, Error> {
    let text = url.as_str().ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "link is not text"))?;
    if runs_script(text) {
        return Err(Error::new(ErrorKind::InvalidOperation, "link would run script"));
    }
    Ok(url.clone())
}

/// Browsers read a scheme in any case, and skip control characters and spaces before and in it.
fn runs_script(url: &str) -> bool {
    const SCRIPT: [&str; 4] = ["javascript", "data", "vbscript", "blob"];
    let letters: String = url.chars().filter(|character| *character > ' ').collect();
    letters
        .split_once(':')
        .is_some_and(|(scheme, _)| SCRIPT.iter().any(|script| scheme.eq_ignore_ascii_case(script)))
}

/// A value as HTML: escaped, unless it is HTML already.
pub(crate) fn html_of(value: &Value) -> String {
    let text = value.to_string();
    if value.is_safe() { text } else { escape(&text) }
}

fn with_breaks(path: &str) -> String {
    let mut html = String::new();
    for character in path.chars() {
        if matches!(character, '/' | ':' | '?' | '&') {
            html.push_str("<wbr>");
        }
        html.push_str(&escape(character.encode_utf8(&mut [0; 4])));
    }
    html
}

fn end_of_authority(uri: &str) -> usize {
    let start = uri.find("//").map_or(0, |at| at + 2);
    let authority = uri.get(start..).unwrap_or_default();
    start + authority.find(['/', '?', '#']).unwrap_or(authority.len())
}

/// Before the port, if there is one.
fn end_of_host(uri: &str) -> usize {
    let end = end_of_authority(uri);
    let authority = uri.get(..end).unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            host.len()
        }
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_break_behind_the_authority_only() {
        let cases = [
            ("https://mcp.acme.example/invoices", "https://mcp.acme.example<wbr>/invoices"),
            ("http://localhost:53682/a/b?c&d", "http://localhost:53682<wbr>/a<wbr>/b<wbr>?c<wbr>&amp;d"),
            ("cursor://anysphere/cb", "cursor://anysphere<wbr>/cb"),
            ("https://a.example", "https://a.example"),
            ("com.example.app:/cb", "com.example.app:<wbr>/cb"),
            ("\"><script>//x/y", "&quot;&gt;&lt;script&gt;//x<wbr>/y"),
            ("", ""),
        ];
        for (uri, expected) in cases {
            assert_eq!(breakable(uri).to_string(), expected);
        }
    }

    #[test]
    fn mark_is_on_what_sets_the_address_apart() {
        let registered = Value::from(vec!["http://127.0.0.1/callback", "https://a.example:8443/cb"]);
        let cases = [
            (
                "http://127.0.0.1.evil.example:8123/callback",
                "<mark>http://127.0.0.1.evil.example</mark><wbr>:8123<wbr>/callback",
            ),
            ("https://127.0.0.1/callback", "<mark>https://127.0.0.1</mark><wbr>/callback"),
            ("http://127.0.0.1/other", "http://127.0.0.1<mark><wbr>/other</mark>"),
            ("https://a.example/cb", "https://a.example<mark><wbr>/cb</mark>"),
            ("https://a.example", "https://a.example"),
            ("http://[::1]/cb", "<mark>http://[::1]</mark><wbr>/cb"),
            ("<script>", "<mark>&lt;script&gt;</mark>"),
        ];
        for (asked, expected) in cases {
            assert_eq!(marked(asked, &registered).expect("a list").to_string(), expected);
        }
    }

    #[test]
    fn link_that_runs_script_is_refused() {
        for url in
            ["javascript:alert(1)", " JavaScript:x", "java\tscript:x", "\u{1}data:text/html,x", "blob:x"]
        {
            assert!(link(&Value::from(url)).is_err(), "{url}");
        }
        for url in ["/realms/a", "?x=javascript:", "https://a.example/data:", "cursor://cb", "#", ""] {
            assert!(link(&Value::from(url)).is_ok(), "{url}");
        }
    }
}
