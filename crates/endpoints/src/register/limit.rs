//! How often one address may register without a token. Counted by each node for itself: what holds for all of them is
//! the number of clients that a realm takes.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use sekisho_protocol::Timestamp;

/// Seconds over which registrations are counted together.
pub const WINDOW: i64 = 600;
/// Registrations without a token from one address in that time.
pub const MOST: u32 = 60;
/// Addresses that are counted at once.
const ADDRESSES: usize = 10_000;

/// Counts registrations by address.
#[derive(Default)]
pub struct Limiter {
    counted: Mutex<HashMap<IpAddr, Counted>>,
}

#[derive(Clone, Copy)]
struct Counted {
    since: Timestamp,
    times: u32,
}

impl Limiter {
    /// Counts one more registration; whether it may go on.
    pub fn admit(&self, address: &str, now: Timestamp) -> bool {
        // An address that cannot be read counts as one with all others like it.
        let address = address.parse().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), neighbourhood);
        let is_over = |counted: &Counted| now.seconds_since(counted.since) >= WINDOW;
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= ADDRESSES && !counted.contains_key(&address) {
            counted.retain(|_, counted| !is_over(counted));
            // Whoever has so many addresses is not stopped by counting them; memory has an end.
            if counted.len() >= ADDRESSES {
                counted.clear();
            }
        }
        let entry = counted.entry(address).or_insert(Counted { since: now, times: 0 });
        if is_over(entry) {
            *entry = Counted { since: now, times: 0 };
        }
        entry.times = entry.times.saturating_add(1);
        entry.times <= MOST
    }
}

/// One customer of IPv6 has at least a /64.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    #[test]
    fn one_neighbourhood_is_stopped_and_others_are_not() {
        let limiter = Limiter::default();
        for number in 0..MOST {
            assert!(limiter.admit(&format!("2001:db8::{number:x}"), NOW));
        }
        assert!(!limiter.admit("2001:db8::ffff:1", NOW));
        assert!(limiter.admit("2001:db8:0:1::1", NOW));
        assert!(limiter.admit("192.0.2.1", NOW));
        assert!(limiter.admit("2001:db8::1", NOW.plus_seconds(WINDOW)));
    }

    #[test]
    fn many_addresses_do_not_fill_the_memory() {
        let limiter = Limiter::default();
        for number in 0..u32::try_from(ADDRESSES * 2).expect("a number") {
            limiter.admit(&std::net::Ipv4Addr::from_bits(number).to_string(), NOW);
        }
        assert!(limiter.counted.lock().expect("not poisoned").len() <= ADDRESSES);
    }
}
