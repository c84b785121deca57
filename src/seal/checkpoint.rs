//! The signed checkpoint: «at that instant the log had so many leaves, and this root», in the text of C2SP
//! (tlog-checkpoint, signed-note), which other tools read too.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::tree::Hash;
use crate::crypto::{self, Key, Keys};
use crate::domain::time::Timestamp;

/// Far longer than a checkpoint with the signatures of every key.
const LONGEST: usize = 8_192;
/// The kind of signature: Ed25519 (signed-note).
const ED25519: u8 = 1;

/// A state of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// When it was signed.
    pub at: Timestamp,
}

impl Checkpoint {
    /// The number of the log, which its origin ends with; nought for a text that no program of ours signed.
    pub fn log(&self) -> i32 {
        self.origin.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or(0)
    }
}

/// Why a checkpoint is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CheckpointFault {
    /// It does not have the form of one.
    #[error("not a checkpoint")]
    Form,
    /// It is of another log.
    #[error("of another log")]
    Origin,
    /// No signature of a key that is trusted.
    #[error("not signed by a key that is trusted")]
    Signature,
}

/// What a stranger needs to check signatures: the name of the log and a public key, in the text of signed-note.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicKey {
    name: String,
    key: [u8; 32],
}

/// The name of a log: of which installation (from the fingerprint of its first key), and its number there.
pub fn origin(keys: &Keys, log: i32) -> String {
    let first = keys.all().next().map(Key::fingerprint).unwrap_or_default();
    let installation = first.get(..8).map(crypto::hex).unwrap_or_default();
    format!("compte-partenaire/{installation}/{log}")
}

/// The public key of each key that we hold, oldest first.
pub fn public_keys(keys: &Keys, origin: &str) -> Vec<PublicKey> {
    keys.all().map(|key| PublicKey { name: origin.to_owned(), key: key.public() }).collect()
}

/// Those of every log of an installation, up to the one of that number.
pub fn every_public_key(keys: &Keys, last: i32) -> Vec<PublicKey> {
    (1..=last).flat_map(|log| public_keys(keys, &origin(keys, log))).collect()
}

/// Public keys as a file gives them: a line each.
pub fn listed(keys: &[PublicKey]) -> String {
    keys.iter().flat_map(|key| [key.to_string(), "\n".to_owned()]).collect()
}

impl Checkpoint {
    /// The text that is signed.
    fn signed_text(&self) -> String {
        let at = self.at.micros();
        format!("{}\n{}\n{}\nmicros {at}\n", self.origin, self.size, BASE64.encode(self.root))
    }

    /// The whole text, signed with every key at hand, newest first: who trusts only an old key still can check.
    pub fn sign(&self, keys: &Keys) -> String {
        let mut note = self.signed_text();
        let body = note.clone();
        note.push('\n');
        for key in keys.all().collect::<Vec<_>>().into_iter().rev() {
            let public = PublicKey { name: self.origin.clone(), key: key.public() };
            let mut signature = public.id().to_vec();
            signature.extend_from_slice(&key.sign(body.as_bytes()));
            note.extend(["— ", &self.origin, " ", &BASE64.encode(signature), "\n"]);
        }
        note
    }

    /// Reads a text that one of `trusted` signed.
    pub fn open(note: &str, trusted: &[PublicKey]) -> Result<Self, CheckpointFault> {
        if note.len() > LONGEST {
            return Err(CheckpointFault::Form);
        }
        // Copied from a page or a mail, the end of its lines may have changed; the text between them may not.
        let note = note.replace("\r\n", "\n");
        let note = note.trim_start();
        let (text, signatures) = note.split_once("\n\n").ok_or(CheckpointFault::Form)?;
        let checkpoint = Self::read(text)?;
        if trusted.iter().all(|key| key.name != checkpoint.origin) {
            return Err(CheckpointFault::Origin);
        }
        let signed = format!("{text}\n");
        let believed = signatures.lines().filter_map(|line| line.strip_prefix("— ")).any(|line| {
            let Some((name, signature)) = line.split_once(' ') else { return false };
            let Ok(bytes) = BASE64.decode(signature) else { return false };
            let Some((id, signature)) = bytes.split_at_checked(4) else { return false };
            trusted.iter().any(|key| {
                key.name == name
                    && key.id() == id
                    && crypto::is_signed(&key.key, signed.as_bytes(), signature)
            })
        });
        if believed { Ok(checkpoint) } else { Err(CheckpointFault::Signature) }
    }

    fn read(text: &str) -> Result<Self, CheckpointFault> {
        let lines: Vec<&str> = text.lines().collect();
        let [origin, size, root, at] = lines.as_slice() else { return Err(CheckpointFault::Form) };
        let read = || {
            let number: u64 = size.parse().ok().filter(|number: &u64| number.to_string() == *size)?;
            Some(Self {
                origin: (*origin).to_owned(),
                size: number,
                root: BASE64.decode(root).ok()?.try_into().ok()?,
                at: Timestamp::from_micros(at.strip_prefix("micros ")?.parse().ok()?)?,
            })
        };
        read().filter(|_| !origin.is_empty()).ok_or(CheckpointFault::Form)
    }
}

impl PublicKey {
    /// The log that it signs for.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> [u8; 4] {
        let mut bytes = self.name.as_bytes().to_vec();
        bytes.extend_from_slice(&[b'\n', ED25519]);
        bytes.extend_from_slice(&self.key);
        let [a, b, c, d, ..] = crypto::sha256(&bytes);
        [a, b, c, d]
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut kind_and_key = vec![ED25519];
        kind_and_key.extend_from_slice(&self.key);
        write!(f, "{}+{}+{}", self.name, crypto::hex(&self.id()), BASE64.encode(kind_and_key))
    }
}

impl FromStr for PublicKey {
    type Err = CheckpointFault;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (name, rest) = text.trim().split_once('+')?;
            let (id, key) = rest.split_once('+')?;
            let bytes = BASE64.decode(key).ok()?;
            let key = Self { name: name.to_owned(), key: bytes.strip_prefix(&[ED25519])?.try_into().ok()? };
            (crypto::hex(&key.id()) == id).then_some(key)
        };
        read().ok_or(CheckpointFault::Form)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use time::macros::datetime;

    use super::*;

    fn keys(numbers: &[i32]) -> Keys {
        let key = |number: &i32| Key::new(*number, &[u8::try_from(*number).unwrap(); 32]).unwrap();
        Keys::new(numbers.iter().map(key).collect()).unwrap()
    }

    fn checkpoint(keys: &Keys) -> Checkpoint {
        Checkpoint {
            origin: origin(keys, 1),
            size: 41,
            root: [7; 32],
            at: Timestamp::new(datetime!(2026-11-23 08:30 UTC)),
        }
    }

    #[test]
    fn a_signed_checkpoint_is_read_back_and_any_change_of_it_is_told() {
        let keys = keys(&[1]);
        let (checkpoint, trusted) = (checkpoint(&keys), public_keys(&keys, &origin(&keys, 1)));
        let note = checkpoint.sign(&keys);
        assert_eq!(Checkpoint::open(&note, &trusted), Ok(checkpoint.clone()));
        assert_eq!(Checkpoint::open(&note.replace('\n', "\r\n"), &trusted), Ok(checkpoint));
        let told = note.replacen("\n41\n", "\n42\n", 1);
        assert_eq!(Checkpoint::open(&told, &trusted), Err(CheckpointFault::Signature));
        for at in 0..note.len() {
            let mut altered = note.clone().into_bytes();
            altered[at] ^= 2;
            let Ok(altered) = String::from_utf8(altered) else { continue };
            assert!(Checkpoint::open(&altered, &trusted).is_err(), "byte {at}: {altered}");
        }
        assert_eq!(Checkpoint::open("", &trusted), Err(CheckpointFault::Form));
        assert_eq!(Checkpoint::open(&"a".repeat(100_000), &trusted), Err(CheckpointFault::Form));
    }

    #[test]
    fn another_key_and_another_log_are_not_believed() {
        let ours = keys(&[1]);
        let theirs = keys(&[2]);
        let note = checkpoint(&ours).sign(&ours);
        assert_eq!(
            Checkpoint::open(&note, &public_keys(&theirs, &origin(&theirs, 1))),
            Err(CheckpointFault::Origin)
        );
        assert_eq!(
            Checkpoint::open(&note, &public_keys(&theirs, &origin(&ours, 1))),
            Err(CheckpointFault::Signature)
        );
    }

    /// Keys follow one another; who was given one years ago still checks with it.
    #[test]
    fn a_rotation_keeps_both_keys_able_to_check() {
        let (old, both) = (keys(&[1]), keys(&[1, 2]));
        assert_eq!(origin(&old, 1), origin(&both, 1), "the log keeps its name");
        let note = checkpoint(&both).sign(&both);
        let all = public_keys(&both, &origin(&both, 1));
        for trusted in &all {
            assert!(Checkpoint::open(&note, std::slice::from_ref(trusted)).is_ok(), "{trusted}");
        }
        assert!(Checkpoint::open(&checkpoint(&old).sign(&old), &all).is_ok());
    }

    #[test]
    fn a_public_key_is_read_as_it_is_written() {
        let keys = keys(&[1]);
        for key in public_keys(&keys, &origin(&keys, 1)) {
            assert_eq!(key.to_string().parse(), Ok(key.clone()));
            assert!(key.to_string().replacen('+', "x+", 1).parse::<PublicKey>().is_err());
        }
        assert!("compte".parse::<PublicKey>().is_err());
    }
}
