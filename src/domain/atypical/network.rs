//! Where a request came from, as far as it says something: addresses change inside the network of an office or of a
//! supplier, so that a network is what is compared. Nothing here knows countries: that would take somebody else's tables.

use std::fmt;
use std::net::IpAddr;

/// The first 24 bits of an IPv4 address, or the first 48 of an IPv6 one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Network(String);

impl Network {
    /// The network of an address.
    pub fn of(source: IpAddr) -> Self {
        Self(match source.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}::/48")
            }
        })
    }

    /// One that a row keeps.
    pub fn kept(text: String) -> Self {
        Self(text)
    }

    /// As rows keep it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
