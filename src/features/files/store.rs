//! The rows of versions: staged, live, retired.

use crate::db::{DbError, WriteTx};
use crate::domain::files::{File, write_line};
use crate::domain::id::{LoadId, OrganismId};

pub(super) async fn begin(tx: &mut WriteTx, load: LoadId, organism: OrganismId) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO file_load (id, organism_id, state, files, started_at) VALUES ($1, $2, 'loading', 0, $3)",
    )
    .bind(load)
    .bind(organism)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

pub(super) async fn stage(tx: &mut WriteTx, load: LoadId, files: &[File]) -> Result<(), DbError> {
    for file in files {
        tx.write("INSERT INTO beneficiary_file (load_id, number, commune, body) VALUES ($1, $2, $3, $4)")
            .bind(load)
            .bind(file.number.as_str().to_owned())
            .bind(file.commune.as_str())
            .bind(write_line(file))
            .execute()
            .await?;
        for nir in file.rsa_numbers() {
            tx.write("INSERT INTO file_holder (load_id, nir, number) VALUES ($1, $2, $3)")
                .bind(load)
                .bind(nir.as_str().to_owned())
                .bind(file.number.as_str().to_owned())
                .execute()
                .await?;
        }
    }
    Ok(())
}

/// Makes a version visible in place of the one that is.
pub(super) async fn show(
    tx: &mut WriteTx,
    load: LoadId,
    organism: OrganismId,
    files: u64,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write("UPDATE file_load SET state = 'retired' WHERE organism_id = $1 AND state = 'live'")
        .bind(organism)
        .execute()
        .await?;
    tx.write("UPDATE file_load SET state = 'live', files = $2, live_at = $3 WHERE id = $1")
        .bind(load)
        .bind(i64::try_from(files).unwrap_or(i64::MAX))
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

/// A version that nobody will see any more: retired, or abandoned by an interrupted load.
pub(super) async fn stale(tx: &mut WriteTx, organism: OrganismId) -> Result<Option<LoadId>, DbError> {
    let found: Option<(LoadId,)> = tx
        .write("SELECT id FROM file_load WHERE organism_id = $1 AND state <> 'live' ORDER BY id LIMIT 1")
        .bind(organism)
        .fetch_optional()
        .await?;
    Ok(found.map(|(load,)| load))
}

/// Erases some files of a version, and the version itself once it is empty. Gives how many files went.
pub(super) async fn erase(tx: &mut WriteTx, load: LoadId, most: i64) -> Result<u64, DbError> {
    tx.write(
        "DELETE FROM file_holder WHERE load_id = $1 AND number IN \
         (SELECT number FROM beneficiary_file WHERE load_id = $1 ORDER BY number LIMIT $2)",
    )
    .bind(load)
    .bind(most)
    .execute()
    .await?;
    let erased = tx
        .write(
            "DELETE FROM beneficiary_file WHERE load_id = $1 AND number IN \
             (SELECT number FROM beneficiary_file WHERE load_id = $1 ORDER BY number LIMIT $2)",
        )
        .bind(load)
        .bind(most)
        .execute()
        .await?;
    if erased == 0 {
        tx.write("DELETE FROM file_load WHERE id = $1").bind(load).execute().await?;
    }
    Ok(erased)
}
