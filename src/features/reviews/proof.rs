//! The text that is transmitted, and whether it still is what was transmitted.

use super::store::proof::{self, AsideRow, DecisionRow, Kept, RightRow};
use super::store::{Employer, Frozen, Review};
use crate::crypto::{Keys, Purpose, same, sha256};
use crate::db::{DbError, Selects};
use crate::domain::access::AccountRef;
use crate::domain::day::{Day, Zone};
use crate::domain::id::{PartnerId, ReviewId, RowId as _};
use crate::domain::reviews::{Act, Aside, Line, Proof, Right, Verdict, Why};
use crate::domain::time::Timestamp;

/// How the text is made up.
const VERSION: u8 = 1;

/// For whom and when a proof is made.
pub(super) struct Frame<'a> {
    pub(super) partner: PartnerId,
    pub(super) employer: &'a Employer,
    pub(super) by: &'a AccountRef,
    pub(super) at: Timestamp,
    pub(super) zone: &'a Zone,
}

/// Puts a proof together from the rows as they are now.
pub(super) async fn of(
    from: &mut impl Selects,
    review: &Review,
    frame: &Frame<'_>,
) -> Result<Proof, DbError> {
    let Frame { partner, zone, .. } = *frame;
    let decisions = proof::decisions(from, partner, review.id).await?;
    let since = zone.day(review.opened_at);
    let left = proof::not_decided(from, partner, review.id, since, zone.day(frame.at)).await?;
    let apart = proof::withdrawn_apart(from, partner, review.id, review.opened_at).await?;
    let apart = apart.into_iter().map(|row| Aside { right: right(row, zone), why: Why::WithdrawnApart });
    Ok(Proof {
        version: VERSION,
        organism: frame.employer.organism.clone(),
        partner: frame.employer.legal_name.clone(),
        siret: frame.employer.siret.clone(),
        year: review.year,
        opened: Act {
            by: review.opened_by.clone(),
            identifier: review.opened_by_identifier.clone(),
            at: zone.local(review.opened_at),
        },
        transmitted: Act {
            by: frame.by.name.clone(),
            identifier: frame.by.identifier.clone(),
            at: zone.local(frame.at),
        },
        decisions: decisions.into_iter().map(|row| line(row, zone)).collect(),
        aside: left.into_iter().map(|row| aside(row, zone)).chain(apart).collect(),
    })
}

fn right(row: RightRow, zone: &Zone) -> Right {
    Right {
        person: row.person,
        identifier: row.identifier,
        job: row.job,
        service: row.service,
        role: row.role,
        perimeter: row.perimeter,
        starts_on: row.starts_on.to_string(),
        ends_on: row.ends_on.map(|day| day.to_string()),
        granted_by: row.granted_by,
        granted_on: zone.day(row.granted_at).to_string(),
        used_on: row.used_at.map(|at| zone.day(at).to_string()),
    }
}

fn line(row: DecisionRow, zone: &Zone) -> Line {
    let gone = row.revoked_at.filter(|_| row.verdict == Verdict::Confirmed);
    Line {
        verdict: row.verdict,
        decided: Act {
            by: row.decided_by,
            identifier: row.decided_by_identifier,
            at: zone.local(row.decided_at),
        },
        gone_on: gone.map(|at| zone.day(at).to_string()),
        right: right(row.right, zone),
    }
}

fn aside(row: AsideRow, zone: &Zone) -> Aside {
    let why = if row.of_manager { Why::OfTheOrganism } else { Why::Ended };
    Aside { right: right(row.right, zone), why }
}

/// What the MAC covers: of which partner, which review, and the text.
fn parts<'a>(partner: &'a uuid::Uuid, review: &'a uuid::Uuid, text: &'a str) -> [&'a [u8]; 3] {
    [partner.as_bytes(), review.as_bytes(), text.as_bytes()]
}

/// Freezes a text.
pub(super) fn freeze(
    keys: &Keys,
    partner: PartnerId,
    review: ReviewId,
    text: String,
    erase_on: Day,
) -> Frozen {
    let (of, which) = (partner.as_uuid(), review.as_uuid());
    Frozen {
        digest: sha256(text.as_bytes()),
        key: keys.current().number(),
        mac: keys.mac(Purpose::Reviews, &parts(&of, &which, &text)),
        proof: text,
        erase_on,
    }
}

/// Whether the text is what was transmitted, in this review of this partner.
pub(super) fn is_intact(keys: &Keys, partner: PartnerId, review: ReviewId, kept: &Kept) -> bool {
    let (of, which) = (partner.as_uuid(), review.as_uuid());
    let text = kept.proof.as_str();
    let made_here = keys.check(Purpose::Reviews, kept.key_number, &parts(&of, &which, text), &kept.mac);
    made_here.is_ok() && same(&sha256(text.as_bytes()), &kept.digest)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use uuid::Uuid;

    use super::*;
    use crate::crypto::Key;

    #[test]
    fn any_change_of_what_was_frozen_shows() {
        let keys = Keys::only(Key::new(3, &[9; 32]).unwrap());
        let (partner, review) =
            (PartnerId::from_uuid(Uuid::from_u128(1)), ReviewId::from_uuid(Uuid::from_u128(2)));
        let frozen =
            freeze(&keys, partner, review, "{\"year\":2026}".to_owned(), Day::parse("01/12/2032").unwrap());
        let kept = Kept {
            proof: frozen.proof,
            digest: frozen.digest.to_vec(),
            key_number: frozen.key,
            mac: frozen.mac.to_vec(),
        };
        assert!(is_intact(&keys, partner, review, &kept));
        let other = ReviewId::from_uuid(Uuid::from_u128(3));
        assert!(!is_intact(&keys, partner, other, &kept), "moved to another review");
        let elsewhere = PartnerId::from_uuid(Uuid::from_u128(4));
        assert!(!is_intact(&keys, elsewhere, review, &kept), "moved to another partner");
        let edited = Kept { proof: kept.proof.replace("2026", "2027"), ..kept.clone() };
        assert!(!is_intact(&keys, partner, review, &edited));
        let rehashed = Kept { digest: sha256(edited.proof.as_bytes()).to_vec(), ..edited };
        assert!(!is_intact(&keys, partner, review, &rehashed), "a digest needs no key, a MAC does");
        let undigested = Kept { digest: vec![0; 32], ..kept };
        assert!(!is_intact(&keys, partner, review, &undigested));
    }
}
