//! Which addresses are of special use: RFC 6890 and the two IANA registries it made.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether anybody on the internet may be behind `address`. Private, loopback, link-local, shared,
/// documentation, benchmark, multicast and reserved addresses are not, nor those that carry one of them.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Base address, prefix length.
const SPECIAL_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Not in the registry: the Azure host agent, which answers every virtual machine there.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(192, 175, 48, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast and reserved, up to the broadcast address.
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// Parts of 2000::/3, the only block from which addresses are given out, that are not for everybody.
const SPECIAL_V6: &[(Ipv6Addr, u32)] = &[
    // Protocol assignments; holds Teredo (2001::/32), which carries an IPv4 address.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4 (RFC 7526: deprecated), which carries an IPv4 address.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// NAT64 (RFC 6052). On a network with IPv6 only, every IPv4 host is behind it.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|&(base, length)| within(base.into(), address.into(), length))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if within(NAT64.0.into(), address.into(), NAT64.1) {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    within(GLOBAL_UNICAST.0.into(), address.into(), GLOBAL_UNICAST.1)
        && !SPECIAL_V6.iter().any(|&(base, length)| within(base.into(), address.into(), length))
}

/// Whether `address` shares the first `length` bits of `base`. Families never meet: the numbers say which.
pub(crate) fn within(base: Bits, address: Bits, length: u32) -> bool {
    let shift = base.width.saturating_sub(length);
    base.width == address.width
        && base.value.checked_shr(shift).unwrap_or(0) == address.value.checked_shr(shift).unwrap_or(0)
}

/// An address as a number of 32 or 128 bits.
#[derive(Clone, Copy)]
pub(crate) struct Bits {
    value: u128,
    width: u32,
}

impl From<Ipv4Addr> for Bits {
    fn from(address: Ipv4Addr) -> Self {
        Self { value: address.to_bits().into(), width: 32 }
    }
}

impl From<Ipv6Addr> for Bits {
    fn from(address: Ipv6Addr) -> Self {
        Self { value: address.to_bits(), width: 128 }
    }
}

impl From<IpAddr> for Bits {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => address.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First and last address of each block.
    const REFUSED: &[&str] = &[
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.255",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.0",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "2001::1",
        "2001:1ff:ffff::",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2620:4f:8000::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
    ];

    const ALLOWED: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "128.0.0.0",
        "168.63.129.17",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "64:ff9b::8.8.8.8",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2606:4700:4700::1111",
        "2003::1",
        "2a00:1450:4001::1",
    ];

    #[test]
    fn addresses_of_special_use_are_not_public() {
        for text in REFUSED {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn neighbours_of_special_blocks_are_public() {
        for text in ALLOWED {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }
}
