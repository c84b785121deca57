//! Naming who administers a partner, or another in his place. Identifiers can be printed; a secret goes by mail, to its
//! holder alone.

use super::store::{self, seats};
use crate::app::App;
use crate::db::holdings::{ByGroup, Withdrawal};
use crate::db::{DbError, WriteTx};
use crate::domain::access::Permission;
use crate::domain::contact::MailAddress;
use crate::domain::facts::{Fact, GroupMark};
use crate::domain::grants::KEPT_YEARS;
use crate::domain::id::{AccountId, PartnerId, RowId as _};
use crate::domain::partners::Prefix;
use crate::domain::seats::Seat;
use crate::web::answer::Act;
use crate::web::paths::{Partner, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// Somebody who has no account there yet.
#[derive(Clone, Debug)]
pub(super) struct Newcomer {
    pub(super) surname: String,
    pub(super) given_name: String,
    pub(super) job: String,
    pub(super) mail: MailAddress,
    /// Empty when it is not known.
    pub(super) phone: String,
    /// The code goes by a letter that the organism prints.
    pub(super) by_letter: bool,
}

/// Who comes to a seat.
#[derive(Clone, Debug)]
pub(super) enum Appointee {
    Newcomer(Newcomer),
    /// Somebody of the partner: a user, or who sits in the other seat.
    Known(AccountId),
}

/// What the organism decides.
#[derive(Clone, Debug)]
pub(super) struct Appointment {
    pub(super) seat: Seat,
    /// Who sat there when the form was shown.
    pub(super) instead_of: Option<AccountId>,
    pub(super) who: Appointee,
}

/// How it ended.
pub(super) enum Appointed {
    /// It is done.
    Act(Act),
    /// Somebody of the partner has that address.
    MailTaken,
    /// Somebody else sits there than the form showed.
    Moved,
}

/// Two identifiers in a thousand million are the same: drawing again is enough.
const DRAWS: usize = 4;
/// Why somebody's account waits: whoever administers the partner next decides what becomes of it.
const REPLACED: &str = "remplacement à l’administration de la structure";
/// Why somebody leaves his groups.
const SEATED: &str = "désignation à l’administration de la structure";

/// Fills a seat. Whoever sat there becomes a user like others, suspended: what he holds is for his partner to decide.
pub(super) async fn appoint(
    app: &App,
    visit: &Visit,
    partner: PartnerId,
    key: &str,
    appointment: &Appointment,
) -> Result<Appointed, Problem> {
    // Whoever is appointed leaves his groups: what people hold changes.
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit_for(Permission::ManagePrincipals, partner).await?;
    let sheet = store::sheet(tx.select(store::SHEET), partner).await?.ok_or(Problem::NotFound)?;
    let by_letter = matches!(&appointment.who, Appointee::Newcomer(person) if person.by_letter);
    let word = match (appointment.seat, by_letter) {
        (Seat::Principal, false) => "principal",
        (Seat::Principal, true) => "principal-par-lettre",
        (Seat::Deputy, false) => "suppleant",
        (Seat::Deputy, true) => "suppleant-par-lettre",
    };
    let location = told(&Partner { partner }, word);
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Appointed::Act(Act::Before(taken)));
    }
    let seated = seats::seated(tx.select(seats::SEATED), partner).await?;
    let before = seated.iter().find(|person| person.office == appointment.seat.office());
    if before.map(|person| person.id) != appointment.instead_of {
        return Ok(Appointed::Moved);
    }
    if let Some(before) = before {
        seats::unseat(&mut tx, before.id, REPLACED).await?;
    }
    let (account, mut facts) = match &appointment.who {
        Appointee::Newcomer(person) => {
            let identifier = free_identifier(&mut tx, &sheet.prefix).await?;
            let account: AccountId = tx.new_id();
            let office = appointment.seat.office();
            match seats::insert(&mut tx, account, (visit.organism, partner), office, &identifier, person)
                .await
            {
                Err(DbError::Duplicate) => return Ok(Appointed::MailTaken),
                inserted => inserted?,
            }
            if !by_letter {
                seats::invite(&mut tx, account, visit.organism).await?;
            }
            let words = [&identifier, &person.surname, &person.given_name, &person.job].map(String::as_str);
            tx.index_words("account", partner.as_uuid(), account.as_uuid(), &words).await?;
            (account, vec![named(appointment.seat, account, partner, identifier)])
        }
        Appointee::Known(account) => {
            let known = seats::known(&mut tx, partner, *account)
                .await?
                .filter(|known| {
                    known.suspended_at.is_none() && before.is_none_or(|before| before.id != known.id)
                })
                .ok_or(Problem::NotFound)?;
            let mut facts = leave_groups(&mut tx, visit, partner, known.id).await?;
            seats::seat(&mut tx, known.id, appointment.seat.office()).await?;
            facts.push(named(appointment.seat, known.id, partner, known.identifier));
            (known.id, facts)
        }
    };
    if let Some(before) = before {
        facts.insert(0, Fact::AdministratorReplaced { account: before.id, partner, by: account });
    }
    let receipt = tx.commit(facts).await?;
    Ok(Appointed::Act(Act::Done { receipt, location }))
}

fn named(seat: Seat, account: AccountId, partner: PartnerId, identifier: String) -> Fact {
    match seat {
        Seat::Principal => Fact::PrincipalCreated { account, partner, identifier },
        Seat::Deputy => Fact::DeputyCreated { account, partner, identifier },
    }
}

/// Whoever manages groups is in none.
async fn leave_groups(
    tx: &mut WriteTx,
    visit: &Visit,
    partner: PartnerId,
    account: AccountId,
) -> Result<Vec<Fact>, Problem> {
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let erase_on = visit.zone.day(tx.now()).plus_years(KEPT_YEARS);
    let withdrawal = Withdrawal { by, reason: SEATED, erase_on };
    let all = ByGroup { account: Some(account), ..ByGroup::default() };
    let mut facts = tx.retire_by_group(partner, all, &withdrawal).await?;
    for (id, name) in seats::groups(tx, partner, account).await? {
        let group = GroupMark { id, name };
        facts.push(Fact::GroupLeft { group, account, partner, reason: SEATED.to_owned() });
    }
    seats::leave_groups(tx, account).await?;
    Ok(facts)
}

async fn free_identifier(tx: &mut WriteTx, prefix: &str) -> Result<String, Problem> {
    let prefix: Prefix = prefix.parse().unwrap_or_else(|_| Prefix::proposed(prefix));
    for _ in 0..DRAWS {
        let identifier = prefix.identifier(&tx.recorder().entropy.printed(6));
        if seats::is_free(tx, &identifier).await? {
            return Ok(identifier);
        }
    }
    Err(DbError::Defect("every identifier that was drawn is taken".to_owned()).into())
}
