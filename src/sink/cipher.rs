//! The key of one month's bodies: random, so that destroying it is the end of what it wrote. One that was derived from
//! another could be made again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::aead;

use super::Position;

/// The key of a month.
pub struct MonthKey(aead::LessSafeKey);

impl std::fmt::Debug for MonthKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MonthKey")
    }
}

impl MonthKey {
    /// From 32 random bytes.
    pub fn new(bytes: &[u8; 32]) -> Option<Self> {
        let key = aead::UnboundKey::new(&aead::CHACHA20_POLY1305, bytes).ok()?;
        Some(Self(aead::LessSafeKey::new(key)))
    }

    /// Encrypts the body of the leaf that stands there: it opens nowhere else.
    pub fn seal(&self, nonce: [u8; 12], at: Position, body: &str) -> Option<String> {
        let mut sealed = body.as_bytes().to_vec();
        let used = aead::Nonce::assume_unique_for_key(nonce);
        self.0.seal_in_place_append_tag(used, aead::Aad::from(place(at)), &mut sealed).ok()?;
        Some(BASE64.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Reads it.
    pub fn open(&self, at: Position, sealed: &str) -> Option<String> {
        let bytes = BASE64.decode(sealed).ok()?;
        let (nonce, body) = bytes.split_at_checked(12)?;
        let nonce = aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let plain = self.0.open_in_place(nonce, aead::Aad::from(place(at)), &mut body).ok()?;
        String::from_utf8(plain.to_vec()).ok()
    }
}

fn place(at: Position) -> Vec<u8> {
    [at.log.to_be_bytes().as_slice(), &at.rank.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_body_opens_with_its_key_at_its_place_only() {
        let key = MonthKey::new(&[3; 32]).unwrap();
        let at = Position { log: 1, rank: 7 };
        let sealed = key.seal([1; 12], at, "{\"fact\":\"file.read\"}").unwrap();
        assert!(!sealed.contains("file.read"));
        assert_eq!(key.open(at, &sealed).unwrap(), "{\"fact\":\"file.read\"}");
        assert_eq!(key.open(Position { log: 1, rank: 8 }, &sealed), None);
        assert_eq!(MonthKey::new(&[4; 32]).unwrap().open(at, &sealed), None);
        assert_eq!(key.open(at, "AAAA"), None);
    }
}
