//! Writing an address, and printing: each print is an act, whose page is its only answer.

use super::store::{self, Address, Addressee};
use crate::app::App;
use crate::db::{Receipt, WriteTx};
use crate::domain::access::{Permission, Scope};
use crate::domain::facts::{Fact, LetterKind};
use crate::domain::id::AccountId;
use crate::domain::secrets::{self, prints_for};
use crate::domain::time::Timestamp;
use crate::web::answer::Act;
use crate::web::paths::{PersonLetters, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// Opens a transaction on somebody's letters; whoever gets none does not exist here.
async fn begin(
    app: &App,
    visit: &Visit,
    addressee: AccountId,
) -> Result<(WriteTx, Addressee, AccountId), Problem> {
    let draft = app.write(&visit.actor).await?;
    let mut tx = draft.permit(Permission::PrintLetters, Scope::Organism(visit.organism))?;
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let found = store::one(&mut tx, addressee).await?;
    let found = found.filter(|found| prints_for(tx.actor(), found.id, found.office, found.mode));
    let found = found.ok_or(Problem::NotFound)?;
    Ok((tx, found, by))
}

/// Writes where somebody's letters are sent.
pub(super) async fn write_address(
    app: &App,
    visit: &Visit,
    addressee: AccountId,
    key: &str,
    address: &Address,
) -> Result<Act, Problem> {
    let (mut tx, found, _) = begin(app, visit, addressee).await?;
    let location = told(&PersonLetters { addressee }, "adresse");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    store::keep_address(&mut tx, visit.organism, addressee, address).await?;
    let fact = Fact::AddressWritten { account: addressee, partner: found.partner_id };
    let receipt = tx.commit([fact]).await?;
    Ok(Act::Done { receipt, location })
}

/// How printing ended.
pub(super) enum Printing {
    /// The letter, to be shown this once.
    Done(Box<Printed>),
    /// It was printed by the first sending of this form: it is not shown twice.
    Before,
}

/// A letter as its page needs it.
pub(super) struct Printed {
    pub(super) receipt: Receipt,
    pub(super) addressee: Addressee,
    pub(super) address: Address,
    pub(super) at: Timestamp,
    /// Until when the code serves; for the letter that brings one.
    pub(super) serves_until: Option<Timestamp>,
}

/// Prints a letter. With the hash of a code, that code replaces what let the person in until now.
pub(super) async fn print(
    app: &App,
    visit: &Visit,
    addressee: AccountId,
    key: &str,
    hash: Option<&str>,
) -> Result<Printing, Problem> {
    let (mut tx, found, by) = begin(app, visit, addressee).await?;
    let page = PersonLetters { addressee };
    if tx.claim(key, &told(&page, "deja")).await?.is_some() {
        return Ok(Printing::Before);
    }
    // Without an address there is no envelope; a code lets nobody in while the account is suspended.
    let stale = || Problem::Stale { href: page.to_string() };
    let address = found.address().ok_or_else(stale)?;
    let (account, partner, at) = (found.id, found.partner_id, tx.now());
    let kind = if hash.is_some() { LetterKind::Secret } else { LetterKind::Identifier };
    let mut facts = Vec::new();
    let mut serves_until = None;
    if let Some(hash) = hash {
        if found.suspended {
            return Err(stale());
        }
        let end = at.plus(secrets::BY_POST);
        store::replace_secret(&mut tx, account, hash, end).await?;
        serves_until = Some(end);
        facts.push(Fact::SecretIssued { account, partner });
    }
    store::note(&mut tx, visit.organism, account, kind, by).await?;
    facts.push(Fact::LetterPrinted { account, partner, letter: kind });
    let receipt = tx.commit(facts).await?;
    Ok(Printing::Done(Box::new(Printed { receipt, addressee: found, address, at, serves_until })))
}
