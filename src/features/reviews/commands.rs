//! Opening, deciding, transmitting. Each takes the partner's row first: what is decided on is what is held then.

use super::proof::{self, Frame};
use super::store::holdings::{self, Holding, Look, Side};
use super::store::{self, verdicts};
use crate::app::App;
use crate::crypto::hex;
use crate::db::holdings::{ByGroup, Withdrawal};
use crate::db::{DbError, WriteTx};
use crate::domain::access::{AccountRef, Actor, Office, Permission};
use crate::domain::day::Zone;
use crate::domain::facts::Fact;
use crate::domain::grants::KEPT_YEARS;
use crate::domain::id::{AccountId, GrantId, OrganismId, PartnerId, ReviewId};
use crate::domain::reviews::{Verdict, reason, used_since};
use crate::domain::time::Timestamp;
use crate::web::answer::Act;
use crate::web::paths::{Review, ReviewReport, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// Decisions taken at once, at most.
pub(super) const AT_ONCE: usize = 100;

/// Opens a transaction on what a partner's people hold.
async fn begin(
    app: &App,
    visit: &Visit,
    permission: Permission,
    partner: PartnerId,
) -> Result<(WriteTx, AccountRef), Problem> {
    let draft = app.write_for(&visit.actor, partner).await?;
    let tx = draft.permit_for(permission, partner).await?;
    let by = tx.actor().account().cloned().ok_or(Problem::NotFound)?;
    Ok((tx, by))
}

/// On what the lines of a review bear, at that instant.
pub(super) fn look(partner: PartnerId, review: &store::Review, zone: &Zone, now: Timestamp) -> Look {
    let today = zone.day(now);
    Look {
        partner,
        review: review.id,
        opened_at: review.opened_at,
        today,
        used_since: zone.start_of(used_since(today)),
    }
}

/// Opens the review of the year.
pub(super) async fn open(app: &App, visit: &Visit, path: Review, key: &str) -> Result<Act, Problem> {
    let (mut tx, by) = begin(app, visit, Permission::ReviewHoldings, path.partner).await?;
    let location = told(&path, "ouverte");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    store::employer(&mut tx, path.partner).await?.ok_or(Problem::NotFound)?;
    let (review, year): (ReviewId, i32) = (tx.new_id(), visit.zone.local(tx.now()).year());
    match store::insert(&mut tx, review, visit.organism, path.partner, year, by.id).await {
        // Opened from another page meanwhile: it is the same review.
        Err(DbError::Duplicate) => return Err(Problem::Stale { href: path.to_string() }),
        inserted => inserted?,
    }
    let receipt = tx.commit([Fact::ReviewOpened { review, year }]).await?;
    Ok(Act::Done { receipt, location })
}

/// Whose rights somebody decides on.
fn decides_on(side: Side, by: &Actor, holding: &Holding) -> bool {
    let own = by.account().is_some_and(|account| account.id == holding.account_id);
    let of_people = holding.office == Office::User;
    !own && of_people == (side == Side::People)
}

/// Keeps decisions: what is withdrawn ends now. What is no longer held is left out; nothing to keep gives nothing.
pub(super) async fn decide(
    app: &App,
    visit: &Visit,
    side: Side,
    partner: PartnerId,
    key: &str,
    (wishes, location): (&[(GrantId, Verdict)], String),
) -> Result<Option<Act>, Problem> {
    let permission = match side {
        Side::People => Permission::ReviewHoldings,
        Side::Managers => Permission::ReviewManagers,
    };
    let (mut tx, by) = begin(app, visit, permission, partner).await?;
    store::employer(&mut tx, partner).await?.ok_or(Problem::NotFound)?;
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Some(Act::Before(taken)));
    }
    let reviews = store::all(&mut tx, partner).await?;
    let review = match side {
        Side::People => reviews.into_iter().find(|review| review.transmitted_at.is_none()),
        Side::Managers => reviews.into_iter().next(),
    };
    let review = review.ok_or_else(|| Problem::Stale { href: Review { partner }.to_string() })?;
    let look = look(partner, &review, &visit.zone, tx.now());
    let sitting = Sitting { organism: visit.organism, review: &review, look: &look, by: by.id };
    let mut facts = Vec::new();
    // What is withdrawn goes first: with a group, it may take away what the same page confirms.
    for wanted in [Verdict::Withdrawn, Verdict::Confirmed] {
        for (grant, verdict) in wishes.iter().filter(|(_, verdict)| *verdict == wanted) {
            let Some(holding) = holdings::one(&mut tx, &look, *grant).await? else { continue };
            if !decides_on(side, tx.actor(), &holding) {
                return Err(Problem::NotFound);
            }
            facts.extend(match verdict {
                Verdict::Confirmed => vec![sitting.keep(&mut tx, &holding, *verdict).await?],
                Verdict::Withdrawn => sitting.withdraw(&mut tx, &holding).await?,
            });
        }
    }
    if facts.is_empty() {
        return Ok(None);
    }
    let receipt = tx.commit(facts).await?;
    Ok(Some(Act::Done { receipt, location }))
}

/// Somebody decides, in a review, on what is held at that instant.
struct Sitting<'a> {
    organism: OrganismId,
    review: &'a store::Review,
    look: &'a Look,
    by: AccountId,
}

impl Sitting<'_> {
    /// Writes a decision; gives its fact.
    async fn keep(&self, tx: &mut WriteTx, holding: &Holding, verdict: Verdict) -> Result<Fact, Problem> {
        verdicts::keep(tx, self.review.id, self.organism, holding, verdict, self.by).await?;
        let (review, partner, grant, account) =
            (self.review.id, self.look.partner, holding.grant_id, holding.account_id);
        let (service, role) = (holding.service_code.clone(), holding.role_code.clone());
        Ok(match verdict {
            Verdict::Confirmed => Fact::HoldingConfirmed { review, grant, account, partner, service, role },
            Verdict::Withdrawn => Fact::HoldingWithdrawn { review, grant, account, partner, service, role },
        })
    }

    /// Ends what is withdrawn, with the fact of any withdrawal. What a group gives ends by leaving it, as everywhere
    /// else: the other roles that it gives the person go too, and are decided on as well.
    async fn withdraw(&self, tx: &mut WriteTx, holding: &Holding) -> Result<Vec<Fact>, Problem> {
        let (partner, account) = (self.look.partner, holding.account_id);
        let reason = reason(self.review.year);
        let erase_on = self.look.today.plus_years(KEPT_YEARS);
        let withdrawal = Withdrawal { by: self.by, reason: &reason, erase_on };
        let Some(group) = holding.group() else {
            tx.retire(holding.grant_id, &withdrawal).await?;
            let revoked = Fact::RoleRevoked {
                grant: holding.grant_id,
                account,
                partner,
                service: holding.service_code.clone(),
                role: holding.role_code.clone(),
                reason: reason.clone(),
                group: None,
            };
            return Ok(vec![revoked, self.keep(tx, holding, Verdict::Withdrawn).await?]);
        };
        let mut facts = Vec::new();
        for lost in holdings::by_group(tx, self.look, account, group.id).await? {
            facts.push(self.keep(tx, &lost, Verdict::Withdrawn).await?);
        }
        let which = ByGroup { group: Some(group.id), account: Some(account), role: None };
        facts.extend(tx.retire_by_group(partner, which, &withdrawal).await?);
        verdicts::leave(tx, group.id, account).await?;
        facts.push(Fact::GroupLeft { group, account, partner, reason });
        Ok(facts)
    }
}

/// How transmitting ended.
pub(super) enum Transmitting {
    /// It is transmitted.
    Done(Act),
    /// Some rights wait for a decision.
    NotYet,
}

/// Transmits the review: everything is decided, and nothing of it changes any more.
pub(super) async fn transmit(
    app: &App,
    visit: &Visit,
    partner: PartnerId,
    key: &str,
) -> Result<Transmitting, Problem> {
    let (mut tx, by) = begin(app, visit, Permission::ReviewHoldings, partner).await?;
    let employer = store::employer(&mut tx, partner).await?.ok_or(Problem::NotFound)?;
    let Some(review) = store::open(&mut tx, partner).await? else {
        // Transmitted by the first sending of this very form, or from another page.
        let stale = || Problem::Stale { href: Review { partner }.to_string() };
        return Ok(Transmitting::Done(tx.claim(key, "").await?.map(Act::Before).ok_or_else(stale)?));
    };
    let location = told(&ReviewReport { partner, review: review.id }, "transmise");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Transmitting::Done(Act::Before(taken)));
    }
    let look = look(partner, &review, &visit.zone, tx.now());
    if holdings::figures(&mut tx, &look).await?.to_decide > 0 {
        return Ok(Transmitting::NotYet);
    }
    let frame = Frame { partner, employer: &employer, by: &by, at: tx.now(), zone: &visit.zone };
    let proof = proof::of(&mut tx, &review, &frame).await?;
    let text = proof.canonical().ok_or_else(|| DbError::Defect("a proof without a text".to_owned()))?;
    let erase_on = look.today.plus_years(KEPT_YEARS);
    let frozen = proof::freeze(&tx.recorder().keys, partner, review.id, text, erase_on);
    let count = |verdict| u32::try_from(proof.count(verdict)).unwrap_or(u32::MAX);
    let fact = Fact::ReviewTransmitted {
        review: review.id,
        year: review.year,
        confirmed: count(Verdict::Confirmed),
        withdrawn: count(Verdict::Withdrawn),
        digest: hex(&frozen.digest),
    };
    store::freeze(&mut tx, review.id, by.id, frozen).await?;
    let receipt = tx.commit([fact]).await?;
    Ok(Transmitting::Done(Act::Done { receipt, location }))
}
