//! What the organism's administrator does first, through the pages: a partner, its principal, a service.

use super::browser::{Browser, Form};

/// Numbers that are right and belong to nobody here.
pub const SIRETS: [&str; 3] = ["21590410300011", "90000000100017", "90000100900019"];

/// The form of a new partner, filled.
pub async fn new_partner(browser: &mut Browser, name: &str, siret: &str) -> Form {
    browser.open("/partenaires/nouveau").await;
    browser
        .form("/partenaires/nouveau")
        .fill("siret", siret)
        .fill("nom", name)
        .fill("categorie", "commune")
        .fill("rue", "27, avenue des Tilleuls")
        .fill("code_postal", "59370")
        .fill("ville", "Brumeval")
        .fill("convention", &format!("2026-{siret}"))
        .fill("representant", "Idris Valombert")
        .fill("fonction", "Maire")
        .fill("signee_le", "2026-01-15")
        .fill("securite_nom", "Tom Rochebrise")
        .fill("securite_courriel", "securite@brumeval.example")
        .fill("donnees_nom", "Lina Valdoré")
        .fill("donnees_courriel", "dpo@brumeval.example")
        .fill("donnees_telephone", "01 99 00 14 27")
}

/// Registers a partner; gives the address of its page.
pub async fn register(browser: &mut Browser, name: &str, siret: &str) -> String {
    new_partner(browser, name, siret).await.send(browser).await;
    browser.page().must_say("est enregistré");
    browser.page().path.split('?').next().unwrap().to_owned()
}

/// Names the principal of a partner; gives the identifier that the page shows.
pub async fn name_principal(browser: &mut Browser, partner: &str, mail: &str) -> String {
    browser.open(&format!("{partner}/principal")).await;
    browser
        .form("/principal")
        .fill("nom", "Tournesac")
        .fill("prenom", "Maëlle")
        .fill("fonction", "Cheffe du service Enfance")
        .fill("courriel", mail)
        .send(browser)
        .await;
    browser.page().must_say("l’administrateur principal est nommé");
    let shown = browser.page().select("#principal ~ *, .panel .mono");
    shown.last().expect("an identifier").clone()
}

/// Opens CDAP to a partner, in Mons-en-Barœul, all conditions met; gives the address of the membership.
pub async fn open_cdap(browser: &mut Browser, partner: &str, cap: &str) -> String {
    browser.open(&format!("{partner}/bulletins/nouveau")).await;
    browser
        .form("/bulletins/nouveau")
        .fill_nth("mission", 0, "Quotients familiaux pour les activités enfance et jeunesse")
        .fill_nth("mission", 1, "Adressage des familles")
        .fill("lieux", "59410")
        .fill("formalite_le", "2026-02-01")
        .fill("contrat_le", "2026-02-02")
        .fill("bulletin_le", "2026-02-03")
        .fill("disponible_le", "2026-02-04")
        .fill("plafond", cap)
        .send(browser)
        .await;
    browser.page().must_say("le bulletin est enregistré");
    browser.page().path.split('?').next().unwrap().to_owned()
}
