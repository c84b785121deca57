//! Passwords and one-time secrets at rest: Argon2id, on a bounded number of threads with memory of their own.
//!
//! What a password must be is in `domain::password`; who may try, and how often, in `domain::sign_in`. Nothing here
//! is logged, and no error holds what was typed.

use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::clock::Entropy;
use crate::crypto;
use crate::domain::password::canonical;

/// 19 MiB, two passes, one lane: what OWASP asks at least of Argon2id, and about 20 ms of a processor.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// A hash that asks for more was not written by this program.
const MOST_MEMORY_KIB: u32 = 4 * MEMORY_KIB;
const MOST_PASSES: u32 = 8;
/// How many may wait for a thread: at 20 ms each, what a person accepts to wait for.
const QUEUE: usize = 64;

/// Why nothing was hashed or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordsError {
    /// Too many are waiting already; it is worth trying again in a few seconds.
    #[error("too many passwords are being verified")]
    Busy,
    /// The stored hash is not one of ours.
    #[error("a stored password hash cannot be read")]
    Unreadable,
    /// The computation itself failed.
    #[error("a password could not be hashed")]
    Failed,
}

/// Hashes and verifies. Cheap to clone: all clones share the threads and the memory.
#[derive(Clone)]
pub struct Passwords {
    entropy: Entropy,
    /// Stands for the hash of an identifier that nobody has.
    nobody: Arc<str>,
    pool: Arc<Pool>,
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passwords")
    }
}

struct Pool {
    /// One place a thread and one each that waits.
    places: Arc<Semaphore>,
    threads: Arc<Semaphore>,
    /// The blocks of threads that rest.
    memory: Mutex<Vec<Vec<Block>>>,
}

impl Passwords {
    /// As many threads as the machine has processors.
    pub fn new(entropy: Entropy) -> Result<Self, PasswordsError> {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        // Random bytes are as good as the hash of a secret that nobody knows.
        let nobody = phc(&our_params()?, &entropy.bytes::<16>(), &entropy.bytes::<32>())?;
        let pool = Pool {
            places: Arc::new(Semaphore::new(threads + QUEUE)),
            threads: Arc::new(Semaphore::new(threads)),
            memory: Mutex::default(),
        };
        Ok(Self { entropy, nobody: nobody.into(), pool: Arc::new(pool) })
    }

    /// Hashes a secret; gives the text to keep (PHC), with its salt and its costs.
    pub async fn hash(&self, secret: String) -> Result<String, PasswordsError> {
        let salt: [u8; 16] = self.entropy.bytes();
        self.pool
            .run(move |blocks| {
                let params = our_params()?;
                let mut digest = [0; Params::DEFAULT_OUTPUT_LEN];
                digest_into(&params, &secret, &salt, &mut digest, blocks)?;
                phc(&params, &salt, &digest)
            })
            .await
    }

    /// Whether `secret` is the one that was hashed. When there is no hash the answer is no, after the same work.
    pub async fn verify(&self, secret: String, phc: Option<String>) -> Result<bool, PasswordsError> {
        let exists = phc.is_some();
        let stored = Stored::parse(&phc.unwrap_or_else(|| self.nobody.to_string()))?;
        let same = self
            .pool
            .run(move |blocks| {
                let mut digest = vec![0; stored.digest.len()];
                digest_into(&stored.params, &secret, &stored.salt, &mut digest, blocks)?;
                Ok(crypto::same(&digest, &stored.digest))
            })
            .await?;
        Ok(same && exists)
    }

    /// Whether a hash was made with other costs than today's: whoever just proved the secret hashes it again.
    pub fn needs_rehash(&self, phc: &str) -> bool {
        Stored::parse(phc).map_or(true, |stored| {
            (stored.params.m_cost(), stored.params.t_cost(), stored.params.p_cost())
                != (MEMORY_KIB, PASSES, LANES)
        })
    }
}

impl Pool {
    /// Runs `work` on a thread of its own with memory that was used before. It goes on to its end even if nobody
    /// waits for it any more, so that leaving early does not free a thread.
    async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Vec<Block>) -> Result<T, PasswordsError> + Send + 'static,
    ) -> Result<T, PasswordsError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|refused| match refused {
            TryAcquireError::NoPermits => PasswordsError::Busy,
            TryAcquireError::Closed => PasswordsError::Failed,
        })?;
        let thread = Arc::clone(&self.threads).acquire_owned().await.map_err(|_| PasswordsError::Failed)?;
        let pool = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let _held: (OwnedSemaphorePermit, OwnedSemaphorePermit) = (place, thread);
            let mut blocks =
                pool.memory.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
            let result = work(&mut blocks);
            pool.memory.lock().unwrap_or_else(PoisonError::into_inner).push(blocks);
            result
        });
        done.await.map_err(|_| PasswordsError::Failed)?
    }
}

/// A stored hash, read.
struct Stored {
    params: Params,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

impl Stored {
    fn parse(phc: &str) -> Result<Self, PasswordsError> {
        let hash = PasswordHash::new(phc).map_err(|_| PasswordsError::Unreadable)?;
        let params = Params::try_from(&hash).map_err(|_| PasswordsError::Unreadable)?;
        let ours = hash.algorithm == Algorithm::Argon2id.ident()
            && hash.version == Some(Version::V0x13.into())
            && params.m_cost() <= MOST_MEMORY_KIB
            && params.t_cost() <= MOST_PASSES;
        match (ours, hash.salt, hash.hash) {
            (true, Some(salt), Some(digest)) => {
                Ok(Self { params, salt: salt.to_vec(), digest: digest.as_bytes().to_vec() })
            }
            _ => Err(PasswordsError::Unreadable),
        }
    }
}

fn our_params() -> Result<Params, PasswordsError> {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(Params::DEFAULT_OUTPUT_LEN))
        .map_err(|_| PasswordsError::Failed)
}

fn digest_into(
    params: &Params,
    secret: &str,
    salt: &[u8],
    digest: &mut [u8],
    blocks: &mut Vec<Block>,
) -> Result<(), PasswordsError> {
    let needed = params.block_count();
    if blocks.len() < needed {
        blocks.resize(needed, Block::new());
    }
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(canonical(secret).as_bytes(), salt, digest, blocks)
        .map_err(|_| PasswordsError::Failed)
}

fn phc(params: &Params, salt: &[u8], digest: &[u8]) -> Result<String, PasswordsError> {
    let text = || {
        Some(PasswordHash {
            algorithm: Ident::new(Algorithm::Argon2id.as_str()).ok()?,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params).ok()?,
            salt: Some(Salt::new(salt).ok()?),
            hash: Some(Output::new(digest).ok()?),
        })
    };
    text().map(|hash| hash.to_string()).ok_or(PasswordsError::Failed)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use argon2::PasswordVerifier;

    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(Entropy::seeded(7)).unwrap()
    }

    #[tokio::test]
    async fn a_secret_is_recognised_and_another_one_is_not() {
        let passwords = passwords();
        let kept = passwords.hash("la grue bleue".to_owned()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(!kept.contains("grue"));
        assert_eq!(passwords.verify("la grue bleue".to_owned(), Some(kept.clone())).await, Ok(true));
        assert_eq!(passwords.verify("la grue verte".to_owned(), Some(kept.clone())).await, Ok(false));
        let again = passwords.hash("la grue bleue".to_owned()).await.unwrap();
        assert_ne!(kept, again, "each has its salt");
        assert!(!passwords.needs_rehash(&kept));
        // The library itself, with memory of its own, agrees.
        let read = PasswordHash::new(&kept).unwrap();
        assert!(Argon2::default().verify_password(b"la grue bleue", &read).is_ok());
    }

    #[tokio::test]
    async fn an_accent_may_be_typed_in_two_ways() {
        let passwords = passwords();
        let kept = passwords.hash("grue \u{e9}tonnée".to_owned()).await.unwrap();
        assert_eq!(passwords.verify("grue e\u{301}tonnée".to_owned(), Some(kept)).await, Ok(true));
    }

    #[tokio::test]
    async fn without_a_hash_the_answer_is_no_after_the_same_work() {
        let passwords = passwords();
        assert_eq!(passwords.verify("la grue bleue".to_owned(), None).await, Ok(false));
        let nobody = Stored::parse(&passwords.nobody).unwrap();
        let somebody = Stored::parse(&passwords.hash("x".to_owned()).await.unwrap()).unwrap();
        assert_eq!(nobody.params, somebody.params);
        assert_eq!((nobody.salt.len(), nobody.digest.len()), (somebody.salt.len(), somebody.digest.len()));
        assert_eq!(passwords.pool.memory.lock().unwrap().len(), 1, "the memory was used again");
    }

    #[tokio::test]
    async fn older_costs_are_honoured_then_renewed_and_strange_ones_refused() {
        let passwords = passwords();
        let cheap = Params::new(64, 1, 1, Some(32)).unwrap();
        let mut digest = [0; 32];
        digest_into(&cheap, "la grue bleue", &[3; 16], &mut digest, &mut Vec::new()).unwrap();
        let kept = phc(&cheap, &[3; 16], &digest).unwrap();
        assert!(passwords.needs_rehash(&kept));
        assert_eq!(passwords.verify("la grue bleue".to_owned(), Some(kept.clone())).await, Ok(true));
        let greedy = kept.replace("m=64", "m=4194304");
        for strange in [greedy, kept.replace("argon2id", "argon2i"), "*".to_owned(), String::new()] {
            let answer = passwords.verify("la grue bleue".to_owned(), Some(strange)).await;
            assert_eq!(answer, Err(PasswordsError::Unreadable));
        }
    }

    #[tokio::test]
    async fn beyond_its_queue_it_is_busy() {
        let passwords = passwords();
        let all = u32::try_from(passwords.pool.places.available_permits()).unwrap();
        let crowd = passwords.pool.places.clone().acquire_many_owned(all).await.unwrap();
        assert_eq!(passwords.verify("x".to_owned(), None).await, Err(PasswordsError::Busy));
        drop(crowd);
        assert_eq!(passwords.verify("x".to_owned(), None).await, Ok(false));
    }

    #[test]
    fn nothing_secret_is_printed() {
        assert_eq!(format!("{:?}", passwords()), "Passwords");
    }
}
