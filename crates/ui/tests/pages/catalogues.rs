//! Both catalogues are complete, and Japanese is set as Japanese is.

use std::collections::{BTreeMap, BTreeSet};
use std::{env, fs};

/// The variables of every text in one language, by `file/message` or `file/message.attribute`.
type Texts = BTreeMap<String, BTreeSet<String>>;

fn files(language: &str) -> BTreeMap<String, String> {
    let folder = format!("{}/locales/{language}", env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(folder).expect("a folder per language");
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(&path).expect("a readable file"))
    };
    entries.map(read).collect()
}

fn texts(language: &str) -> Texts {
    let mut texts = Texts::new();
    for (file, source) in files(language) {
        let mut message = String::new();
        let mut id = String::new();
        for line in source.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            if let Some(name) = defined(line) {
                if line.starts_with(' ') {
                    id = format!("{message}{name}");
                } else {
                    message = format!("{file}/{name}");
                    id.clone_from(&message);
                }
                assert!(texts.insert(id.clone(), BTreeSet::new()).is_none(), "{language} has {id} twice");
            }
            texts.get_mut(&id).expect("a text before its lines").extend(variables(line));
        }
    }
    texts
}

/// The name a line begins: `message` or `.attribute`.
fn defined(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim();
    let plain = name.chars().all(|character| character.is_ascii_lowercase() || "-.".contains(character));
    plain.then_some(name)
}

fn variables(line: &str) -> impl Iterator<Item = String> {
    line.split('$').skip(1).map(|rest| {
        rest.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
    })
}

#[test]
fn languages_have_the_same_texts_with_the_same_variables() {
    let (english, japanese) = (texts("en"), texts("ja"));
    assert!(english.len() > 150, "{} texts were read", english.len());
    assert_eq!(english, japanese);
}

#[test]
fn japanese_particles_and_counters_are_not_parted() {
    for (file, source) in files("ja") {
        for (number, line) in source.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let characters: Vec<char> = line.chars().collect();
            for three in characters.windows(3) {
                let [before, between, behind] = three else { continue };
                let narrow = before.is_ascii_alphanumeric() || "}>".contains(*before);
                let tied = ('ぁ'..='ん').contains(behind) || "個件回分日人台".contains(*behind);
                assert!(!(narrow && *between == ' ' && tied), "{file}:{}: {line}", number + 1);
            }
        }
    }
}

#[test]
fn nobody_is_asked_to_please_or_told_we_are_sorry() {
    for (file, source) in files("en") {
        let source = source.to_ascii_lowercase();
        for word in ["please", "sorry", "oops", "!", "invalid request", "an error occurred", "are you sure"] {
            assert!(!source.contains(word), "{file} says {word}");
        }
    }
}
