//! Every page, in every state and language, held against the rules of the design.
#![cfg(test)]

use std::collections::HashSet;

use sekisho_ui::{ASSET_PREFIX, Frame, InfoKind, InfoPage, Language, LanguageLink, Renderer, asset};

mod catalogues;
mod forms;
mod html;
#[path = "../../examples/gallery/samples.rs"]
mod samples;

use html::{Element, elements};
use samples::{Say, samples};

const STYLE: &str = include_str!("../../assets/app.css");

fn frame(language: Language) -> Frame<'static> {
    let link = |language: &Language| LanguageLink {
        language: *language,
        url: format!("/realms/acme/here?kc_locale={}", language.tag()),
    };
    Frame {
        realm_title: "Acme Works",
        language,
        language_links: Language::ALL.iter().map(link).collect(),
        home: None,
    }
}

/// Runs a check on every page in every state and language.
fn on_every_page(say: Say, check: impl Fn(&str, Language, &str)) {
    let renderer = Renderer::new().expect("templates and catalogues are readable");
    for language in Language::ALL {
        for sample in samples(say) {
            let html = (sample.render)(&renderer, &frame(*language));
            let html = html.unwrap_or_else(|error| panic!("{} {language:?}: {error:?}", sample.name));
            check(&sample.name, *language, &html);
        }
    }
}

fn values<'a>(elements: &'a [Element], attribute: &'a str) -> impl Iterator<Item = &'a str> {
    elements.iter().filter_map(move |element| element.attribute(attribute))
}

#[test]
fn page_is_one_question_in_one_language() {
    on_every_page(str::to_owned, |name, language, html| {
        let elements = elements(html);
        let count = |tag: &str| elements.iter().filter(|element| element.name == tag).count();
        assert_eq!((count("h1"), count("main"), count("title")), (1, 1, 1), "{name}");
        assert_eq!(values(&elements[..1], "lang").next(), Some(language.tag()), "{name}");
        assert!(html.contains(" · Acme Works</title>"), "{name}");
        for marker in ["{$", "{ $", "{{", "{%", "undefined"] {
            assert!(!html.contains(marker), "{name} has {marker}");
        }
        let title = html.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
        assert!(title.is_some_and(|(title, _)| !title.contains('<') && title.len() > 13), "{name}");
    });
}

#[test]
fn page_needs_nothing_the_security_policy_forbids() {
    on_every_page(str::to_owned, |name, _, html| {
        for element in elements(html) {
            for (key, value) in &element.attributes {
                assert!(key != "style" && !key.starts_with("on"), "{name}: {key} on {}", element.name);
                assert!(!value.starts_with("data:"), "{name}: {key}={value}");
            }
            assert_ne!(element.name, "style", "{name}");
            let outside = element.attribute("src").is_some_and(|source| !source.starts_with(ASSET_PREFIX));
            assert!(!outside, "{name}: source of {}", element.name);
            assert!(element.name != "script" || element.attribute("src").is_some(), "{name}: inline script");
        }
        for script in html.split("<script").skip(1) {
            assert!(script.split_once('>').is_some_and(|(_, rest)| rest.starts_with("</script>")), "{name}");
        }
    });
}

#[test]
fn page_refers_to_what_there_is() {
    on_every_page(str::to_owned, |name, _, html| {
        let elements = elements(html);
        let ids: Vec<&str> = values(&elements, "id").collect();
        let unique: HashSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: an id twice");
        for attribute in ["for", "aria-describedby", "data-copy"] {
            for id in values(&elements, attribute) {
                assert!(unique.contains(id), "{name}: no element {id}");
            }
        }
        for class in values(&elements, "class").flat_map(str::split_whitespace) {
            assert!(has_class(class), "{name}: no style for {class}");
        }
        for url in values(&elements, "href").chain(values(&elements, "src")) {
            assert!(!url.is_empty() && url != "#", "{name}: a dead link");
            if let Some(path) = url.strip_prefix(ASSET_PREFIX) {
                assert!(asset(path).is_some(), "{name}: no asset {path}");
            }
        }
    });
}

/// Whether the style sheet has the class as a whole word.
fn has_class(class: &str) -> bool {
    STYLE.split('.').skip(1).any(|rest| {
        let word = rest.find(|character: char| !character.is_ascii_alphanumeric() && character != '-');
        word.is_some_and(|end| &rest[..end] == class)
    })
}

#[test]
fn text_from_outside_is_never_markup() {
    const HOSTILE: &str = "<script>alert(1)</script>\"'&";
    let hostile: Say = |text| format!("{text}{HOSTILE}");
    on_every_page(hostile, |name, _, html| {
        elements(html);
        let shown = html.contains("&lt;/script&gt;") || html.contains("&lt;<wbr>/script&gt;");
        assert!(shown || name.ends_with("-close"), "{name}");
        for marker in ["<script>", "alert(1)</", "\"'", "'&", "& ", "&&"] {
            assert!(!html.contains(marker), "{name} has {marker}");
        }
    });
}

#[test]
fn realm_and_links_are_escaped_too() {
    let renderer = Renderer::new().expect("templates and catalogues are readable");
    let sample = samples(str::to_owned).into_iter().next().expect("a page");
    for language in Language::ALL {
        let hostile = Frame {
            realm_title: "<b>\"Acme\"</b>",
            home: Some("/\"><script>"),
            language_links: vec![LanguageLink { language: *language, url: "/?a=b&c=\"".to_owned() }],
            ..frame(*language)
        };
        let html = (sample.render)(&renderer, &hostile).expect("page renders");
        elements(&html);
        assert!(html.contains("· &lt;b&gt;&quot;Acme&quot;&lt;/b&gt;</title>"));
        assert!(html.contains("href=\"/&quot;&gt;&lt;script&gt;\""));
        assert!(html.contains("href=\"/?a=b&amp;c=&quot;\""));
    }
}

#[test]
fn link_that_runs_script_stops_the_page() {
    let renderer = Renderer::new().expect("templates and catalogues are readable");
    let page = |url: &str| InfoPage { kind: InfoKind::SignedOut { continue_url: Some(url.to_owned()) } };
    let frame = frame(Language::English);
    assert!(renderer.render(&page("https://app.example/"), &frame).is_ok());
    assert!(renderer.render(&page("javascript:alert(1)"), &frame).is_err());
}

#[test]
fn assets_are_below_the_base_path() {
    let renderer = Renderer::at("/auth/").expect("templates and catalogues are readable");
    let sample = samples(str::to_owned).into_iter().next().expect("a page");
    let html = (sample.render)(&renderer, &frame(Language::English)).expect("page renders");
    assert!(html.contains("<link rel=\"stylesheet\" href=\"/auth/resources/app."));
}
