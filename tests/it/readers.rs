//! A reader reads: the engine itself refuses the rest.

use crate::stories;

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
}
