//! The known name that somebody probably meant.

/// The name among `known` that is at most a third of its length away from `word`, the closest first.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (distance(word, name), name))
        .filter(|(distance, name)| *distance * 3 <= name.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Levenshtein's distance, upper and lower case being the same.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.to_lowercase().chars().enumerate() {
        let mut diagonal = above;
        let mut behind = above + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(&right) {
            let substituted = diagonal + usize::from(letter != *other);
            diagonal = *cell;
            behind = substituted.min(*cell + 1).min(behind + 1);
            *cell = behind;
        }
        if let Some(first) = row.first_mut() {
            *first = above + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_name_and_nonsense_finds_none() {
        const KNOWN: [&str; 4] = ["attributes", "clientId", "id", "enabled"];
        for (word, expected) in [
            ("attributez", Some("attributes")),
            ("Attributes", Some("attributes")),
            ("atributes", Some("attributes")),
            ("client_id", Some("clientId")),
            ("enable", Some("enabled")),
            ("disabled", None),
            ("foo", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, KNOWN), expected, "{word}");
        }
    }
}
