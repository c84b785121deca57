//! Ranges of addresses («192.0.2.0/24»), as an organism declares them for a partner: its people are
//! expected from there.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// Ranges that are declared for one partner, at most.
pub const MOST: usize = 50;
/// Fewer bits than that, and a range takes in whole countries: it would say nothing of anybody.
const LEAST_V4: u8 = 8;
const LEAST_V6: u8 = 16;
/// More characters than that, and a line is no range.
const LONGEST: usize = 50;

/// The addresses that begin by the same bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Range(IpNet);

/// Why a line is no range.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RangeError {
    /// Not the shape of one.
    Shape,
    /// A length that such addresses do not have, or that takes in too many.
    Length {
        /// The shortest that is accepted.
        least: u8,
        /// The longest that there is.
        most: u8,
    },
    /// The address is not the first of its range.
    First {
        /// What was meant, in all likelihood.
        meant: Range,
    },
}

impl Range {
    /// Whether an address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl FromStr for Range {
    type Err = RangeError;

    /// A range, or one address alone.
    fn from_str(typed: &str) -> Result<Self, RangeError> {
        let (address, length) =
            typed.split_once('/').map_or((typed, None), |(address, length)| (address, Some(length)));
        let typed: IpAddr = address.parse().map_err(|_| RangeError::Shape)?;
        let address = typed.to_canonical();
        let (least, most) = if address.is_ipv4() { (LEAST_V4, 32) } else { (LEAST_V6, 128) };
        let bits = match length {
            None => most,
            // The length of an IPv4 address written as an IPv6 one is that of neither.
            Some(_) if typed != address => return Err(RangeError::Shape),
            Some(length) if !length.is_empty() && length.bytes().all(|digit| digit.is_ascii_digit()) => {
                length.parse().unwrap_or(u8::MAX)
            }
            Some(_) => return Err(RangeError::Shape),
        };
        let range = IpNet::new(address, bits).ok().filter(|_| bits >= least);
        let range = range.ok_or(RangeError::Length { least, most })?;
        let meant = Self(range.trunc());
        if meant.0 == range { Ok(meant) } else { Err(RangeError::First { meant }) }
    }
}

/// As it is typed: an address alone has no length.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() {
            write!(f, "{}", self.0.addr())
        } else {
            write!(f, "{}", self.0)
        }
    }
}

/// What a form declares, one range a line, each once and in order; otherwise each line that is none, and why.
pub fn read(typed: &str) -> Result<Vec<Range>, Vec<(String, RangeError)>> {
    let (mut ranges, mut wrong) = (Vec::new(), Vec::new());
    for line in typed.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let shown: String = line.chars().take(LONGEST).collect();
        match if shown == line { line.parse() } else { Err(RangeError::Shape) } {
            Ok(range) => ranges.push(range),
            Err(why) => wrong.push((shown, why)),
        }
    }
    ranges.sort_unstable();
    ranges.dedup();
    if wrong.is_empty() { Ok(ranges) } else { Err(wrong) }
}

/// Whether somebody came from outside of all that is declared: nothing is known of it when nothing is, or when it is not
/// known from where.
pub fn is_outside(declared: &[Range], source: Option<IpAddr>) -> Option<bool> {
    let source = source.filter(|_| !declared.is_empty())?;
    Some(!declared.iter().any(|range| range.contains(source)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    fn range(typed: &str) -> Result<Range, RangeError> {
        typed.parse()
    }

    fn address(typed: &str) -> IpAddr {
        typed.parse().unwrap()
    }

    #[test]
    fn a_range_is_written_as_it_is_read() {
        for typed in
            ["192.0.2.0/24", "192.0.2.7", "10.0.0.0/8", "2001:db8:7::/48", "2001:db8::1", "192.0.2.128/25"]
        {
            assert_eq!(range(typed).unwrap().to_string(), typed);
        }
        assert_eq!(range("192.0.2.7/32").unwrap().to_string(), "192.0.2.7");
        assert_eq!(range("::ffff:192.0.2.7").unwrap().to_string(), "192.0.2.7");
    }

    #[test]
    fn what_is_no_range_says_why() {
        for typed in
            ["", "abc", "192.0.2", "192.0.2.0/", "192.0.2.0/+8", "192.0.2.0/24/8", "::ffff:192.0.2.0/120"]
        {
            assert_eq!(range(typed), Err(RangeError::Shape), "{typed}");
        }
        for typed in ["0.0.0.0/0", "192.0.0.0/7", "192.0.2.0/33", "192.0.2.0/999"] {
            assert_eq!(range(typed), Err(RangeError::Length { least: 8, most: 32 }), "{typed}");
        }
        assert_eq!(range("::/0"), Err(RangeError::Length { least: 16, most: 128 }));
        assert_eq!(range("192.0.2.7/24"), Err(RangeError::First { meant: range("192.0.2.0/24").unwrap() }));
    }

    #[test]
    fn lines_are_ranges_once_each() {
        let ranges = read(" 192.0.2.0/24 \r\n\r\n2001:db8:7::/48\n192.0.2.0/24").unwrap();
        assert_eq!(ranges, [range("192.0.2.0/24").unwrap(), range("2001:db8:7::/48").unwrap()]);
        assert_eq!(read(""), Ok(Vec::new()));
        let wrong = read("192.0.2.0/24\nici\n192.0.2.7/24").unwrap_err();
        assert_eq!(wrong.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>(), ["ici", "192.0.2.7/24"]);
    }

    #[test]
    fn outside_is_known_once_something_is_declared() {
        let declared = read("192.0.2.0/24\n2001:db8:7::/48").unwrap();
        let outside = |source: &str| is_outside(&declared, Some(address(source)));
        assert_eq!((outside("192.0.2.255"), outside("192.0.3.0")), (Some(false), Some(true)));
        assert_eq!((outside("2001:db8:7:ffff::1"), outside("2001:db8:8::1")), (Some(false), Some(true)));
        assert_eq!(outside("::ffff:192.0.2.9"), Some(false));
        assert_eq!((is_outside(&[], Some(address("192.0.2.1"))), is_outside(&declared, None)), (None, None));
    }

    proptest! {
        /// A range holds the addresses that begin as it does, and no other.
        #[test]
        fn a_range_holds_what_begins_as_it_does(bits in any::<u32>(), other in any::<u32>(), length in 8_u8..=32) {
            let address = IpAddr::from(Ipv4Addr::from_bits(bits));
            let range = Range(IpNet::new(address, length).unwrap().trunc());
            prop_assert!(range.contains(address));
            prop_assert_eq!(range.to_string().parse::<Range>(), Ok(range));
            let alike = (bits ^ other).leading_zeros() >= u32::from(length);
            prop_assert_eq!(range.contains(IpAddr::from(Ipv4Addr::from_bits(other))), alike);
        }
    }
}
