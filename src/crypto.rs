//! Keys and what they do: sign traces, hash what may not be kept, encrypt what must be shown again.
//!
//! Keys are numbered files outside the database. A key file is 64 hexadecimal characters: 32 bytes, from which
//! one key a purpose is derived, so that no purpose can be confused with another.

use std::fmt;

use ring::signature::{self, Ed25519KeyPair, KeyPair as _};
use ring::{aead, hkdf, hmac};
use subtle::ConstantTimeEq as _;

/// One purpose a key; the text is part of the derivation and never changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The MAC of traces.
    Traces,
    /// Keyed hashes of sessions, files and unknown identifiers.
    Hashes,
    /// Encryption of what is shown again: file numbers, forms that were kept.
    Numbers,
    /// Tokens of forms.
    Forms,
    /// The MAC of transmitted reviews.
    Reviews,
    /// The seed of the signature of checkpoints.
    Checkpoints,
}

impl Purpose {
    fn info(self) -> &'static [u8] {
        match self {
            Self::Traces => b"compte-partenaire/1/traces",
            Self::Hashes => b"compte-partenaire/1/hashes",
            Self::Numbers => b"compte-partenaire/1/numbers",
            Self::Forms => b"compte-partenaire/1/forms",
            Self::Reviews => b"compte-partenaire/1/reviews",
            Self::Checkpoints => b"compte-partenaire/1/checkpoints",
        }
    }
}

/// One numbered key, with everything derived from it.
pub struct Key {
    number: i32,
    fingerprint: [u8; 32],
    traces: hmac::Key,
    hashes: hmac::Key,
    forms: hmac::Key,
    reviews: hmac::Key,
    numbers: aead::LessSafeKey,
    checkpoints: Ed25519KeyPair,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.number)
    }
}

/// What went wrong with a key or something made with it. One error for every cryptographic failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The key file is not 64 hexadecimal characters.
    #[error("a key is 64 hexadecimal characters")]
    KeyShape,
    /// The number of the key is not known.
    #[error("key {0} is not here")]
    NoSuchKey(i32),
    /// It was not made with this key, or was altered.
    #[error("not made with this key")]
    Refused,
}

struct Length(usize);
impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Key {
    /// Derives everything from 32 secret bytes.
    pub fn new(number: i32, secret: &[u8; 32]) -> Result<Self, CryptoError> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"compte-partenaire").extract(secret);
        let derive = |info: &[u8]| -> Result<[u8; 32], CryptoError> {
            let mut bytes = [0; 32];
            root.expand(&[info], Length(32))
                .and_then(|okm| okm.fill(&mut bytes))
                .map_err(|_| CryptoError::KeyShape)?;
            Ok(bytes)
        };
        let mac = |purpose: Purpose| Ok(hmac::Key::new(hmac::HMAC_SHA256, &derive(purpose.info())?));
        let numbers = aead::UnboundKey::new(&aead::CHACHA20_POLY1305, &derive(Purpose::Numbers.info())?)
            .map_err(|_| CryptoError::KeyShape)?;
        let checkpoints = Ed25519KeyPair::from_seed_unchecked(&derive(Purpose::Checkpoints.info())?)
            .map_err(|_| CryptoError::KeyShape)?;
        Ok(Self {
            number,
            fingerprint: derive(b"compte-partenaire/1/fingerprint")?,
            traces: mac(Purpose::Traces)?,
            hashes: mac(Purpose::Hashes)?,
            forms: mac(Purpose::Forms)?,
            reviews: mac(Purpose::Reviews)?,
            numbers: aead::LessSafeKey::new(numbers),
            checkpoints,
        })
    }

    /// Reads the content of a key file.
    pub fn parse(number: i32, text: &str) -> Result<Self, CryptoError> {
        let bytes: [u8; 32] =
            unhex(text.trim()).and_then(|bytes| bytes.try_into().ok()).ok_or(CryptoError::KeyShape)?;
        Self::new(number, &bytes)
    }

    /// Its number.
    pub fn number(&self) -> i32 {
        self.number
    }

    /// What the database keeps to recognise the key, and which tells nothing of it.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    /// The public key of its signatures.
    pub fn public(&self) -> [u8; 32] {
        let mut public = [0; 32];
        public.copy_from_slice(self.checkpoints.public_key().as_ref());
        public
    }

    /// Signs a checkpoint (Ed25519).
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes.copy_from_slice(self.checkpoints.sign(message).as_ref());
        bytes
    }

    fn mac_key(&self, purpose: Purpose) -> &hmac::Key {
        match purpose {
            Purpose::Traces => &self.traces,
            Purpose::Forms => &self.forms,
            Purpose::Reviews => &self.reviews,
            Purpose::Hashes | Purpose::Numbers | Purpose::Checkpoints => &self.hashes,
        }
    }
}

/// The keys of an installation: the last one makes, all of them check.
#[derive(Debug)]
pub struct Keys {
    last: Key,
    older: Vec<Key>,
}

impl Keys {
    /// A set of one key.
    pub fn only(key: Key) -> Self {
        Self { last: key, older: Vec::new() }
    }

    /// The key of the highest number makes; `None` when there is no key.
    pub fn new(mut keys: Vec<Key>) -> Option<Self> {
        keys.sort_by_key(Key::number);
        let last = keys.pop()?;
        Some(Self { last, older: keys })
    }

    /// The key that makes.
    pub fn current(&self) -> &Key {
        &self.last
    }

    /// Every key, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &Key> {
        self.older.iter().chain(std::iter::once(&self.last))
    }

    /// HMAC-SHA-256 of `parts`, each preceded by its length so that they cannot slide into one another.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        sign(self.last.mac_key(purpose), parts)
    }

    /// Checks a MAC made with the key `number`, in constant time.
    pub fn check(
        &self,
        purpose: Purpose,
        number: i32,
        parts: &[&[u8]],
        mac: &[u8],
    ) -> Result<(), CryptoError> {
        let key = self.all().find(|key| key.number == number).ok_or(CryptoError::NoSuchKey(number))?;
        let expected = sign(key.mac_key(purpose), parts);
        if same(&expected, mac) { Ok(()) } else { Err(CryptoError::Refused) }
    }

    /// A keyed hash: equal for equal inputs, meaningless without the key.
    ///
    /// It is made with the oldest key, so that a search still finds what was written before a rotation.
    pub fn hash(&self, kind: &str, value: &[u8]) -> [u8; 32] {
        let key = self.older.first().unwrap_or(&self.last);
        sign(&key.hashes, &[kind.as_bytes(), value])
    }

    /// Encrypts a short text; `context` must be given again to read it.
    pub fn seal(&self, nonce: [u8; 12], context: &[u8], plain: &str) -> Vec<u8> {
        self.seal_bytes(nonce, context, plain.as_bytes())
    }

    /// The same for what is no text.
    pub fn seal_bytes(&self, nonce: [u8; 12], context: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut sealed = plain.to_vec();
        let tag = self.last.numbers.seal_in_place_separate_tag(
            aead::Nonce::assume_unique_for_key(nonce),
            aead::Aad::from(context),
            &mut sealed,
        );
        let mut out = self.last.number.to_be_bytes().to_vec();
        out.extend_from_slice(&nonce);
        if let Ok(tag) = tag {
            out.extend_from_slice(&sealed);
            out.extend_from_slice(tag.as_ref());
        }
        out
    }

    /// Reads what [`Keys::seal`] wrote under the same context.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<String, CryptoError> {
        String::from_utf8(self.open_bytes(context, sealed)?).map_err(|_| CryptoError::Refused)
    }

    /// Reads what [`Keys::seal_bytes`] wrote under the same context.
    pub fn open_bytes(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let (number, rest) = sealed.split_at_checked(4).ok_or(CryptoError::Refused)?;
        let (nonce, body) = rest.split_at_checked(12).ok_or(CryptoError::Refused)?;
        let number = i32::from_be_bytes(number.try_into().map_err(|_| CryptoError::Refused)?);
        let nonce = aead::Nonce::try_assume_unique_for_key(nonce).map_err(|_| CryptoError::Refused)?;
        let key = self.all().find(|key| key.number == number).ok_or(CryptoError::NoSuchKey(number))?;
        let mut body = body.to_vec();
        let plain = key
            .numbers
            .open_in_place(nonce, aead::Aad::from(context), &mut body)
            .map_err(|_| CryptoError::Refused)?;
        Ok(plain.to_vec())
    }
}

fn sign(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// Whether the holder of a public key signed a message (Ed25519).
pub fn is_signed(public: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    signature::UnparsedPublicKey::new(&signature::ED25519, public).verify(message, signature).is_ok()
}

/// SHA-256, for what needs no key.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    out
}

/// SHA-256 of parts, each preceded by its length in eight bytes.
pub fn sha256_of_parts<const N: usize>(parts: [&[u8]; N]) -> [u8; 32] {
    let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        digest.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(digest.finish().as_ref());
    out
}

/// Whether two secrets are equal, in a time that tells nothing of where they differ.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The bytes of a hexadecimal text; `None` when it is not one.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn keys() -> Keys {
        Keys::new(vec![Key::new(2, &[7; 32]).unwrap(), Key::new(1, &[9; 32]).unwrap()]).unwrap()
    }

    #[test]
    fn a_mac_tells_any_change_of_its_parts() {
        let keys = keys();
        let mac = keys.mac(Purpose::Traces, &[b"ab", b"c"]);
        assert_eq!(keys.check(Purpose::Traces, 2, &[b"ab", b"c"], &mac), Ok(()));
        assert_eq!(keys.check(Purpose::Traces, 2, &[b"a", b"bc"], &mac), Err(CryptoError::Refused));
        assert_eq!(keys.check(Purpose::Forms, 2, &[b"ab", b"c"], &mac), Err(CryptoError::Refused));
        assert_eq!(keys.check(Purpose::Traces, 1, &[b"ab", b"c"], &mac), Err(CryptoError::Refused));
        assert_eq!(keys.check(Purpose::Traces, 3, &[b"ab", b"c"], &mac), Err(CryptoError::NoSuchKey(3)));
    }

    #[test]
    fn what_is_sealed_opens_under_its_context_only() {
        let keys = keys();
        let sealed = keys.seal([3; 12], b"trace", "0042317");
        assert_eq!(keys.open(b"trace", &sealed).unwrap(), "0042317");
        assert!(keys.open(b"consultation", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            *altered.get_mut(at).unwrap() ^= 1;
            assert!(keys.open(b"trace", &altered).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_rotation_keeps_hashes_and_old_seals() {
        let old = Keys::only(Key::new(1, &[9; 32]).unwrap());
        let sealed = old.seal([1; 12], b"x", "dossier");
        assert_eq!(keys().open(b"x", &sealed).unwrap(), "dossier");
        assert_eq!(keys().hash("file", b"42"), old.hash("file", b"42"));
    }

    #[test]
    fn key_files_are_read_strictly() {
        assert!(Key::parse(1, &"0a".repeat(32)).is_ok());
        assert_eq!(Key::parse(1, "0a").unwrap_err(), CryptoError::KeyShape);
        assert_eq!(Key::parse(1, &"zz".repeat(32)).unwrap_err(), CryptoError::KeyShape);
    }
}
