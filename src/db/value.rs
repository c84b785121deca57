//! How the domain's types stand in columns: ids as UUID, instants as microseconds or TIMESTAMPTZ, days as dates,
//! closed lists as text.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef};
use sqlx::sqlite::{SqliteTypeInfo, SqliteValueRef};
use sqlx::{Database, Decode, Encode, Postgres, Sqlite, Type};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::domain::access::{Mode, Office};
use crate::domain::caps::RequestState;
use crate::domain::day::Day;
use crate::domain::file_key::KeyKind;
use crate::domain::id::{
    AccountId, CapRequestId, CirconscriptionId, ConsultationId, CorrelationId, GrantId, GroupGrantId,
    GroupId, HoldId, JustificationId, KeptFormId, LetterId, LoadId, MailId, MembershipId, MissionId,
    OrganismId, PartnerId, ReviewId, RoleId, RowId, ServiceId, SignalId, SurveillanceId, TraceExportId,
    TraceId, TraceNoticeId, TraceRequestId, TraceSearchId,
};
use crate::domain::reviews::Verdict;
use crate::domain::time::Timestamp;
use crate::domain::trace_export::Format;
use crate::domain::trace_requests::{State, Way};

type SqliteBuffer = <Sqlite as Database>::ArgumentBuffer;

/// Keeps `$type` in a column of `$column`, by two functions that go there and back.
macro_rules! kept_as {
    ($type:ty as $column:ty, $to:expr, $from:expr) => {
        impl Type<Sqlite> for $type {
            fn type_info() -> SqliteTypeInfo {
                <$column as Type<Sqlite>>::type_info()
            }
            fn compatible(info: &SqliteTypeInfo) -> bool {
                <$column as Type<Sqlite>>::compatible(info)
            }
        }
        impl Type<Postgres> for $type {
            fn type_info() -> PgTypeInfo {
                <$column as Type<Postgres>>::type_info()
            }
            fn compatible(info: &PgTypeInfo) -> bool {
                <$column as Type<Postgres>>::compatible(info)
            }
        }
        impl Encode<'_, Sqlite> for $type {
            fn encode_by_ref(&self, buffer: &mut SqliteBuffer) -> Result<IsNull, BoxDynError> {
                let column: $column = ($to)(self);
                Encode::<Sqlite>::encode(column, buffer)
            }
        }
        impl Encode<'_, Postgres> for $type {
            fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let column: $column = ($to)(self);
                Encode::<Postgres>::encode(column, buffer)
            }
        }
        impl<'r> Decode<'r, Sqlite> for $type {
            fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
                ($from)(<$column as Decode<Sqlite>>::decode(value)?)
            }
        }
        impl<'r> Decode<'r, Postgres> for $type {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                ($from)(<$column as Decode<Postgres>>::decode(value)?)
            }
        }
    };
}

macro_rules! ids_kept {
    ($($id:ty),+ $(,)?) => {
        $(kept_as!($id as Uuid, |id: &$id| id.as_uuid(), |uuid: Uuid| Ok(<$id>::from_uuid(uuid)));)+
    };
}

ids_kept!(
    OrganismId,
    PartnerId,
    AccountId,
    ServiceId,
    RoleId,
    MembershipId,
    MissionId,
    GrantId,
    CirconscriptionId,
    GroupId,
    HoldId,
    GroupGrantId,
    KeptFormId,
    CapRequestId,
    ReviewId,
    LetterId,
    ConsultationId,
    LoadId,
    MailId,
    SignalId,
    SurveillanceId,
    JustificationId,
    TraceId,
    TraceExportId,
    TraceNoticeId,
    TraceRequestId,
    TraceSearchId,
    CorrelationId,
);

kept_as!(Day as Date, |day: &Day| day.date(), |date: Date| Ok(Day::from(date)));

kept_as!(Office as String, |office: &Office| office.code().to_owned(), |code: String| Office::parse(&code)
    .ok_or_else(|| unknown("office", &code)));

kept_as!(Mode as String, |mode: &Mode| mode.code().to_owned(), |code: String| Mode::parse(&code)
    .ok_or_else(|| unknown("mode of a partner", &code)));

kept_as!(KeyKind as String, |kind: &KeyKind| kind.code().to_owned(), |code: String| KeyKind::parse(&code)
    .ok_or_else(|| unknown("kind of key", &code)));

kept_as!(RequestState as String, |state: &RequestState| state.code().to_owned(), |code: String| {
    RequestState::parse(&code).ok_or_else(|| unknown("state of a request", &code))
});

kept_as!(Verdict as String, |verdict: &Verdict| verdict.code().to_owned(), |code: String| Verdict::parse(
    &code
)
.ok_or_else(|| unknown("verdict", &code)));

kept_as!(Format as String, |format: &Format| format.code().to_owned(), |code: String| Format::parse(&code)
    .ok_or_else(|| unknown("format of an export", &code)));

kept_as!(State as String, |state: &State| state.code().to_owned(), |code: String| State::parse(&code)
    .ok_or_else(|| unknown("state of a request for traces", &code)));

kept_as!(Way as String, |way: &Way| way.code().to_owned(), |code: String| Way::parse(&code)
    .ok_or_else(|| unknown("way of handing over", &code)));

/// A row holds a word that the closed list has not.
pub(super) fn unknown(list: &str, word: &str) -> BoxDynError {
    format!("«{word}» is no {list}").into()
}

impl Type<Postgres> for Timestamp {
    fn type_info() -> PgTypeInfo {
        <OffsetDateTime as Type<Postgres>>::type_info()
    }
}

impl Type<Sqlite> for Timestamp {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }
    fn compatible(info: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(info)
    }
}

impl Encode<'_, Postgres> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode(self.instant(), buffer)
    }
}

impl Encode<'_, Sqlite> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut SqliteBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.micros(), buffer)
    }
}

impl<'r> Decode<'r, Postgres> for Timestamp {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self::new(<OffsetDateTime as Decode<Postgres>>::decode(value)?))
    }
}

impl<'r> Decode<'r, Sqlite> for Timestamp {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        let micros = <i64 as Decode<Sqlite>>::decode(value)?;
        Self::from_micros(micros).ok_or_else(|| unknown("instant", &micros.to_string()))
    }
}
