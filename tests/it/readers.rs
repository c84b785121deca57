//! The ways in keep their promise: a reader reads, the engine itself refuses the rest; a write ends by its facts, or
//! nothing happened.

use compte_partenaire::db::{DbError, Refused};
use compte_partenaire::domain::access::{AccountRef, Actor, Office, Permission, Scope};
use compte_partenaire::domain::facts::Fact;

use crate::stories;
use crate::support::cast::cast;
use crate::support::owner::Owner;

stories! {
    async fn a_reader_cannot_write(app) {
        let job = app.app.job("essai", None);
        let mut reader = app.app.read(&job).await.unwrap();
        for statement in ["DELETE FROM form_sent", "INSERT INTO installation (id, demonstration) VALUES (1, TRUE)"] {
            assert!(reader.unbounded(statement).execute().await.is_err(), "{statement}");
        }
        let kept: Vec<(i64,)> = app.rows("SELECT CAST(count(*) AS BIGINT) FROM installation").await;
        assert_eq!(kept, [(0,)]);
    }

    /// No fact, no commit; and whoever forgets to commit has done nothing.
    async fn an_act_without_a_fact_does_not_happen(app) {
        let (organism, _) = app.found_caf().await;
        let renamed = async |facts: Option<Vec<Fact>>| {
            let draft = app.app.write(&app.app.job("essai", None)).await.unwrap();
            let mut tx = draft.permit(Permission::Tidy, Scope::Installation).unwrap();
            let rename = tx.write("UPDATE organism SET name = 'Autre' WHERE id = $1").bind(organism);
            assert_eq!(rename.execute().await.unwrap(), 1);
            if let Some(facts) = facts {
                match tx.commit(facts).await {
                    Ok(receipt) => assert_eq!(receipt.traces.len(), 1),
                    Err(error) => assert!(matches!(error, DbError::Defect(_)), "{error}"),
                }
            }
            app.rows::<(String,)>("SELECT name FROM organism").await[0].0 == "Autre"
        };
        assert!(!renamed(Some(Vec::new())).await, "without a fact");
        assert!(!renamed(None).await, "without an end");
        let fact = Fact::Tidied { what: "essai".to_owned(), rows: 1 };
        assert!(renamed(Some(vec![fact])).await, "with its fact");
    }

    /// A right withdrawn while the request was under way: the act looks at its actor again, and does not begin.
    async fn an_act_does_not_begin_for_who_was_suspended_meanwhile(app) {
        let [organism, _] = cast(app).await;
        let person = &organism.administrator;
        let account = AccountRef { id: person.id, identifier: person.identifier.clone(), name: String::new() };
        let actor = |office| Actor::person(office, organism.id, None, account.clone(), app.app.kit().entropy.id(app.clock.now()));
        assert!(app.app.write(&actor(Office::OrganismAdministrator)).await.is_ok());
        let other = app.app.write(&actor(Office::OrganismAuditor)).await.err();
        assert!(matches!(other, Some(Refused::Ended)), "of another office since");
        Owner::of(app).await.run("UPDATE account SET suspended_at = created_at").await.unwrap();
        let late = app.app.write(&actor(Office::OrganismAdministrator)).await.err();
        assert!(matches!(late, Some(Refused::Ended)), "suspended since");
    }
}
