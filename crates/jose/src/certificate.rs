//! A certificate that a key signs for itself (RFC 5280 §4.1), for tools that carry public keys in nothing else. None is
//! believed here: who trusts the key trusts it without.

use sekisho_protocol::Timestamp;

use crate::algorithm::Algorithm;
use crate::key::SigningKey;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTF8_STRING: u8 = 0x0c;
const GENERALIZED_TIME: u8 = 0x18;
const UTC_TIME: u8 = 0x17;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// 1.2.840.113549.1.1.11 with its NULL: RSA with SHA-256.
const SHA256_WITH_RSA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 0x0b, 0x05, 0];
/// 2.5.4.3: the common name.
const COMMON_NAME: &[u8] = &[0x06, 3, 0x55, 4, 3];

const DAY: i64 = 86_400;
/// From this year on times are written with all digits (RFC 5280 §4.1.2.5).
const FULL_YEARS: i64 = 2050;

/// A certificate of version 1, as Keycloak makes them: the name twice, the key, and its signature. `None` for a key that
/// is not one of RSA with SHA-256.
pub fn self_signed(
    key: &SigningKey,
    name: &str,
    serial: u64,
    from: Timestamp,
    until: Timestamp,
) -> Option<Vec<u8>> {
    if key.algorithm() != Algorithm::Rs256 {
        return None;
    }
    let algorithm = element(SEQUENCE, SHA256_WITH_RSA);
    let common_name = element(SEQUENCE, &[COMMON_NAME, &element(UTF8_STRING, name.as_bytes())].concat());
    let name = element(SEQUENCE, &element(SET, &common_name));
    let validity = element(SEQUENCE, &[time(from), time(until)].concat());
    let parts = [integer(serial), algorithm.clone(), name.clone(), validity, name, key.rsa_public_der()?];
    let signed = element(SEQUENCE, &parts.concat());
    let signature = [vec![0], key.sign(&signed).ok()?].concat();
    Some(element(SEQUENCE, &[signed, algorithm, element(BIT_STRING, &signature)].concat()))
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut der = vec![tag];
    if content.len() >= 0x80 {
        der.push(0x80 | u8::try_from(significant.len()).unwrap_or_default());
    }
    der.extend(if significant.is_empty() { vec![0] } else { significant });
    der.extend_from_slice(content);
    der
}

/// A positive number: a leading zero keeps the sign bit clear.
fn integer(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let mut bytes: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    if bytes.first().is_none_or(|byte| *byte >= 0x80) {
        bytes.insert(0, 0);
    }
    element(INTEGER, &bytes)
}

fn time(at: Timestamp) -> Vec<u8> {
    let seconds = at.seconds();
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let of_day = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if year < FULL_YEARS {
        element(UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        element(GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes())
    }
}

/// Year, month and day of a day since 1970, in the Gregorian calendar: counted in years that begin in March, so that
/// the day that leap years add is their last.
fn date(days: i64) -> (i64, i64, i64) {
    const CENTURIES: i64 = 146_097;
    let since = days + 719_468;
    let (era, of_era) = (since.div_euclid(CENTURIES), since.rem_euclid(CENTURIES));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, calendar) in [
            (0, (1970, 1, 1)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (20_782, (2026, 11, 25)),
            (29_220, (2050, 1, 1)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(date(days), calendar, "{days}");
        }
    }

    #[test]
    fn a_certificate_says_what_it_was_made_of() {
        let key = SigningKey::generate(Algorithm::Rs256).expect("a key");
        let (from, until) = (Timestamp::from_seconds(0), Timestamp::from_seconds(29_220 * DAY));
        let der = self_signed(&key, "web", 0x80, from, until).expect("a certificate");
        let holds = |part: &[u8]| der.windows(part.len()).any(|window| window == part);
        assert!(holds(&[INTEGER, 2, 0, 0x80]));
        assert!(holds(b"\x17\x0d700101000000Z\x18\x0f20500101000000Z"));
        assert!(holds(b"\x0c\x03web"));
        assert!(holds(&key.rsa_public_der().expect("a key")));
        let ec = SigningKey::generate(Algorithm::Es256).expect("a key");
        assert_eq!(self_signed(&ec, "web", 1, from, until), None);
    }
}
