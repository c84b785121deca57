//! What is said when no file is shown.

use crate::web::page::{Notice, Tone};

/// No file is shown, for a reason that is not told.
pub(super) fn nothing_to_show() -> Notice {
    Notice {
        tone: Tone::Warn,
        title: "Aucun dossier à afficher pour ce numéro".to_owned(),
        text: vec![
            "Soit le numéro n’existe pas, soit le dossier n’entre pas dans ce que vous pouvez consulter. Par discrétion, la réponse est la même.".to_owned(),
            "Relisez le numéro sur un courrier de la caisse. Si la famille a changé de commune, parlez-en à votre gestionnaire.".to_owned(),
        ],
        links: Vec::new(),
    }
}

/// The source of files failed.
pub(super) fn source_failed() -> Notice {
    Notice {
        tone: Tone::Bad,
        title: "Les dossiers ne répondent pas".to_owned(),
        text: vec![
            "La caisse ne parvient pas à lire ses dossiers en ce moment. Rien n’a été affiché, et votre demande est inscrite au journal.".to_owned(),
            "Réessayez dans quelques minutes : le numéro et la mission sont conservés.".to_owned(),
        ],
        links: Vec::new(),
    }
}
