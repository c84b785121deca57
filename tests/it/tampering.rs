//! What whoever holds the database could still do to a trace, behind every trigger: the check finds it.

use compte_partenaire::db::traces::{self, Anomaly};
use compte_partenaire::domain::id::TraceId;

use crate::stories;
use crate::support::cast::cast;
use crate::support::owner::Owner;
use crate::support::{Backend, TestApp};

/// Each column of a trace, an edit of it in the words of both engines, and what the check then says.
const EDITS: [(&str, &str, &str); 19] = [
    ("id", "correlation", "the MAC"),
    ("fact", "'page.read'", "the MAC"),
    ("audience", "'organism'", "the MAC"),
    ("organism_id", "partner_id", "the MAC"),
    ("partner_id", "NULL", "the MAC"),
    ("keep_until", "'2026-11-24'", "the MAC"),
    ("salt", "mac", "the MAC"),
    ("body", "body || ' '", "the MAC"),
    ("key_number", "2", "the MAC"),
    ("mac", "salt", "the MAC"),
    ("month", "month + 1", "the month"),
    ("actor_id", "NULL", "a search column"),
    ("subject_id", "actor_id", "a search column"),
    ("session_hash", "mac", "a search column"),
    ("file_hash", "mac", "a search column"),
    ("outcome", "'autre'", "a search column"),
    ("service", "'autre'", "a search column"),
    ("source", "'192.0.2.7'", "a search column"),
    ("correlation", "NULL", "a search column"),
];

/// Takes away what keeps the owner himself from changing a trace.
async fn unlock(app: &TestApp, owner: &mut Owner) {
    let unlock = match app.backend {
        Backend::Sqlite => "DROP TRIGGER trace_is_never_updated",
        Backend::Postgres => "ALTER TABLE trace DISABLE TRIGGER trace_is_never_updated",
    };
    owner.run(unlock).await.unwrap();
}

stories! {
    /// No column can be edited unseen: the header and the body by the MAC, the rest by what the body says.
    async fn an_edited_trace_is_found_whatever_was_edited(app) {
        let [organism, _] = cast(app).await;
        let mut agent = organism.partners[0].user.sits_down(app).await;
        agent.open("/consultation").await;
        let form = agent.form("/consultation").fill("numero", "0042317");
        let mission = form.offers("mission").pop().unwrap();
        form.fill("mission", &mission).send(&mut agent).await;
        let looked_up: Vec<(TraceId,)> = app.rows("SELECT id FROM trace WHERE fact = 'file.looked_up'").await;
        let [(id,)] = looked_up[..] else { panic!("{looked_up:?}") };

        let mut owner = Owner::of(app).await;
        unlock(app, &mut owner).await;
        owner.run("CREATE TABLE kept AS SELECT * FROM trace").await.unwrap();
        let (row, instant) = (owner.id(id), match app.backend {
            Backend::Sqlite => "at + 1",
            Backend::Postgres => "at + interval '1 microsecond'",
        });
        let edits = EDITS.into_iter().chain([("at", instant, "the MAC")]);
        let mut edited = Vec::new();
        for (column, value, what) in edits {
            owner.run(&format!("UPDATE trace SET {column} = {value} WHERE id = {row}")).await.unwrap();
            let (_, found) = traces::check(app.app.db()).await.unwrap();
            let told: Vec<&str> = found.iter().map(|anomaly| anomaly.what).collect();
            assert_eq!(told, [what], "{column} = {value}");
            if column != "id" {
                assert_eq!(found, [Anomaly { id, what }]);
            }
            let whole = format!("(SELECT {column} FROM kept WHERE id = {row})");
            let where_it_is = if column == "id" { "id NOT IN (SELECT id FROM kept)".to_owned() } else { format!("id = {row}") };
            owner.run(&format!("UPDATE trace SET {column} = {whole} WHERE {where_it_is}")).await.unwrap();
            assert_eq!(traces::check(app.app.db()).await.unwrap().1, [], "{column} as it was");
            edited.push(column.to_owned());
        }
        edited.sort();
        assert_eq!(edited, owner.columns("trace").await, "a column that nobody tried to edit");
        owner.run("DROP TABLE kept").await.unwrap();
    }
}
