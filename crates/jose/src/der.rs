//! DER (X.690) as far as public keys need it: elements, and `RSAPublicKey` (RFC 8017 appendix A.1.1).

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;

/// Modulus and public exponent, big-endian, without leading zeros.
pub(crate) fn rsa_public_key(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, rest) = take(SEQUENCE, der)?;
    let (modulus, sequence) = take(INTEGER, sequence)?;
    let (exponent, sequence) = take(INTEGER, sequence)?;
    (rest.is_empty() && sequence.is_empty()).then(|| (unsigned(modulus), unsigned(exponent)))
}

/// Splits off one element with this tag: its content, and what follows it.
pub(crate) fn take(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk::<2>()?;
    if found != tag {
        return None;
    }
    if first < 0x80 {
        return rest.split_at_checked(usize::from(first));
    }
    let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f)).filter(|(o, _)| o.len() <= 2)?;
    let length = octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    rest.split_at_checked(length)
}

fn unsigned(integer: &[u8]) -> &[u8] {
    match integer {
        [0, rest @ ..] => rest,
        all => all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_out_without_the_sign_octet() {
        let der = [0x30, 0x08, 0x02, 0x03, 0x00, 0x81, 0x02, 0x02, 0x01, 0x03];
        assert_eq!(rsa_public_key(&der), Some((&[0x81, 0x02][..], &[0x03][..])));
    }

    #[test]
    fn what_is_cut_or_too_long_is_refused() {
        let der = [0x30, 0x08, 0x02, 0x03, 0x00, 0x81, 0x02, 0x02, 0x01, 0x03];
        for length in 0..der.len() {
            assert_eq!(rsa_public_key(&der[..length]), None);
        }
        assert_eq!(rsa_public_key(&[&der[..], &[0]].concat()), None);
        assert_eq!(rsa_public_key(&[0x30, 0x83, 0, 0, 0]), None);
    }
}
