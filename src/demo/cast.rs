//! Who is in the demonstration, in the shape of the source documents and wholly invented: a CAF with a commune
//! (003), a CAF with a département (001), an MSA with a département whose agents it manages itself (004).

use crate::domain::access::{Mode, Office};
use crate::domain::files::Fund;
use crate::features::organisms::Kind;

/// An organism, its partner, and the files that it holds.
pub(super) struct House {
    pub(super) kind: Kind,
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) territory: &'static str,
    /// The first of its staff founds it.
    pub(super) staff: [Staff; 2],
    pub(super) partner: Partner,
    /// Same seed, same files; half of them live in these communes.
    pub(super) seed: u64,
    pub(super) files: u32,
    pub(super) fund: Fund,
    pub(super) near: &'static str,
}

/// Somebody of an organism, who can sign in as that part.
pub(super) struct Staff {
    pub(super) part: &'static str,
    pub(super) given_name: &'static str,
    pub(super) surname: &'static str,
    pub(super) job: &'static str,
    pub(super) mail: &'static str,
    pub(super) office: Office,
}

/// A partner with one membership, open.
pub(super) struct Partner {
    pub(super) legal_name: &'static str,
    pub(super) category: &'static str,
    pub(super) mode: Mode,
    pub(super) siret: &'static str,
    pub(super) convention: &'static str,
    pub(super) street: &'static str,
    pub(super) postal_code: &'static str,
    pub(super) city: &'static str,
    pub(super) representative: [&'static str; 2],
    pub(super) security: [&'static str; 2],
    pub(super) protection: [&'static str; 2],
    pub(super) prefix: &'static str,
    pub(super) service: &'static str,
    pub(super) perimeter: &'static str,
    pub(super) cap: i32,
    pub(super) missions: [&'static str; 2],
    /// Names and communes.
    pub(super) circonscriptions: &'static [(&'static str, &'static str)],
    pub(super) people: &'static [Somebody],
    pub(super) group: Option<Group>,
}

/// A group with one member, to whom it gives a role beside the one that was given to him.
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) purpose: &'static str,
    pub(super) role: &'static str,
    /// By his identifier.
    pub(super) member: &'static str,
}

/// Somebody of a partner; whoever has a part can sign in.
pub(super) struct Somebody {
    pub(super) part: Option<&'static str>,
    pub(super) given_name: &'static str,
    pub(super) surname: &'static str,
    pub(super) job: &'static str,
    pub(super) mail: &'static str,
    pub(super) identifier: &'static str,
    pub(super) office: Office,
    pub(super) roles: &'static [&'static str],
    pub(super) circonscription: Option<&'static str>,
}

/// The three of them.
pub(super) const HOUSES: [House; 3] = [COMMUNE, DEPARTEMENT, MSA];

const COMMUNE: House = House {
    kind: Kind::Caf,
    code: "591",
    name: "Caf de la Haute-Deûle",
    territory: "59",
    staff: [
        Staff {
            part: "Administratrice de la caisse",
            given_name: "Odile",
            surname: "Marchepont",
            job: "Administratrice des habilitations",
            mail: "odile.marchepont@caf-haute-deule.example",
            office: Office::OrganismAdministrator,
        },
        Staff {
            part: "Auditeur de la caisse",
            given_name: "Basile",
            surname: "Rochedieu",
            job: "Auditeur",
            mail: "basile.rochedieu@caf-haute-deule.example",
            office: Office::OrganismAuditor,
        },
    ],
    partner: Partner {
        legal_name: "Commune de Mons-en-Barœul",
        category: "commune",
        mode: Mode::Delegated,
        siret: "21590410300011",
        convention: "2017-21590410300011",
        street: "27, avenue des Tilleuls",
        postal_code: "59370",
        city: "Mons-en-Barœul",
        representative: ["Idris Valombert", "Maire"],
        security: ["Tom Rochebrise", "securite@mons.example"],
        protection: ["Lina Valdoré", "dpo@mons.example"],
        prefix: "MON",
        service: "cdap",
        perimeter: "59410",
        cap: 3,
        missions: [
            "Accès aux quotients familiaux pour les activités petite enfance, enfance et jeunesse",
            "Accès aux informations d’adressage des familles",
        ],
        circonscriptions: &[],
        people: &[
            Somebody {
                part: Some("Administratrice principale de la commune"),
                given_name: "Maëlle",
                surname: "Tournesac",
                job: "Cheffe du service Enfance",
                mail: "maelle.tournesac@mons.example",
                identifier: "MON-4K7TQ2",
                office: Office::Principal,
                roles: &[],
                circonscription: None,
            },
            Somebody {
                part: Some("Administrateur suppléant de la commune"),
                given_name: "Yann",
                surname: "Kerdual",
                job: "Adjoint à l’enfance",
                mail: "yann.kerdual@mons.example",
                identifier: "MON-8W2CX6",
                office: Office::Deputy,
                roles: &[],
                circonscription: None,
            },
            Somebody {
                part: Some("Agente de la commune"),
                given_name: "Nolwenn",
                surname: "Brisefort",
                job: "Agente d’accueil, guichet unique",
                mail: "nolwenn.brisefort@mons.example",
                identifier: "MON-7D3HK9",
                office: Office::User,
                roles: &["quotient", "famille_droits"],
                circonscription: None,
            },
            Somebody {
                part: None,
                given_name: "Karim",
                surname: "Delorne",
                job: "Régisseur, périscolaire",
                mail: "karim.delorne@mons.example",
                identifier: "MON-5P6QT3",
                office: Office::User,
                roles: &["quotient"],
                circonscription: None,
            },
            // Has never signed in.
            Somebody {
                part: None,
                given_name: "Ewen",
                surname: "Marsilhe",
                job: "Animateur, petite enfance",
                mail: "ewen.marsilhe@mons.example",
                identifier: "MON-6R4ZB8",
                office: Office::User,
                roles: &[],
                circonscription: None,
            },
        ],
        group: Some(Group {
            name: "Périscolaire",
            purpose: "Régie et inscriptions du périscolaire",
            role: "adresse",
            member: "MON-5P6QT3",
        }),
    },
    seed: 591,
    files: 5_000,
    fund: Fund::Caf,
    near: "59410",
};

const DEPARTEMENT: House = House {
    kind: Kind::Caf,
    code: "771",
    name: "Caf du Val-d’Yerres-et-Morin",
    territory: "77",
    staff: [
        Staff {
            part: "Administrateur de la Caf du département",
            given_name: "Gaspard",
            surname: "Lenfrisson",
            job: "Administrateur des habilitations",
            mail: "gaspard.lenfrisson@caf-yerres-morin.example",
            office: Office::OrganismAdministrator,
        },
        Staff {
            part: "Auditrice de la Caf du département",
            given_name: "Irène",
            surname: "Courtebise",
            job: "Auditrice",
            mail: "irene.courtebise@caf-yerres-morin.example",
            office: Office::OrganismAuditor,
        },
    ],
    partner: Partner {
        legal_name: "Département de Seine-et-Marne",
        category: "departement",
        mode: Mode::Delegated,
        siret: "90000300500015",
        convention: "2015-90000300500015",
        street: "4, cours des Marronniers-Hauts",
        postal_code: "77000",
        city: "Melun",
        representative: ["Solveig Aubremont", "Présidente du conseil départemental"],
        security: ["Yann Palefroi", "securite@departement77.example"],
        protection: ["Mona Brévillac", "dpo@departement77.example"],
        prefix: "SEM",
        service: "cdap",
        perimeter: "77",
        cap: 40,
        missions: [
            "Instruction des aides de l’action sociale départementale",
            "Suivi des familles par les maisons des solidarités",
        ],
        circonscriptions: &[],
        people: &[
            Somebody {
                part: Some("Administratrice principale du département"),
                given_name: "Flore",
                surname: "Anquebert",
                job: "Cheffe du service des habilitations",
                mail: "flore.anquebert@departement77.example",
                identifier: "SEM-2K8WQ5",
                office: Office::Principal,
                roles: &[],
                circonscription: None,
            },
            Somebody {
                part: Some("Agent du département"),
                given_name: "Ismaël",
                surname: "Tranchemer",
                job: "Travailleur social, maison des solidarités",
                mail: "ismael.tranchemer@departement77.example",
                identifier: "SEM-9F4ND7",
                office: Office::User,
                roles: &["adresse", "famille_droits"],
                circonscription: None,
            },
        ],
        group: None,
    },
    seed: 771,
    files: 3_000,
    fund: Fund::Caf,
    near: "77288",
};

const MSA: House = House {
    kind: Kind::Msa,
    code: "671",
    name: "MSA de la Plaine-aux-Houblons",
    territory: "67 68",
    staff: [
        Staff {
            part: "Administratrice de la MSA",
            given_name: "Apolline",
            surname: "Rebgarten",
            job: "Responsable des prestations familiales",
            mail: "apolline.rebgarten@msa-houblons.example",
            office: Office::OrganismAdministrator,
        },
        Staff {
            part: "Auditeur de la MSA",
            given_name: "Cyprien",
            surname: "Hallermeau",
            job: "Auditeur",
            mail: "cyprien.hallermeau@msa-houblons.example",
            office: Office::OrganismAuditor,
        },
    ],
    partner: Partner {
        legal_name: "Département du Bas-Rhin",
        category: "departement",
        mode: Mode::Centralised,
        siret: "90000801200016",
        convention: "2012-90000801200016",
        street: "1, place du Quai-Fleuri",
        postal_code: "67000",
        city: "Strasbourg",
        representative: ["Théodore Vaucluson", "Président du conseil départemental"],
        security: ["Salomé Griesfeld", "securite@departement67.example"],
        protection: ["Ulysse Mandremot", "dpo@departement67.example"],
        prefix: "BAS",
        service: "rsacg",
        perimeter: "67",
        cap: 25,
        missions: [
            "Instruction et suivi du RSA",
            "Accompagnement des allocataires du RSA par les travailleurs sociaux",
        ],
        circonscriptions: &[("Haguenau-Wissembourg", "67046 67180 67544"), ("Saverne", "67437")],
        people: &[
            Somebody {
                part: Some("Agente du département, pour la MSA"),
                given_name: "Capucine",
                surname: "Oberlaître",
                job: "Assistante de service social",
                mail: "capucine.oberlaitre@departement67.example",
                identifier: "BAS-3T6HM4",
                office: Office::User,
                roles: &["dossier_rsa"],
                circonscription: Some("Haguenau-Wissembourg"),
            },
            Somebody {
                part: None,
                given_name: "Anatole",
                surname: "Krummenwald",
                job: "Référent RSA",
                mail: "anatole.krummenwald@departement67.example",
                identifier: "BAS-8V2PR6",
                office: Office::User,
                roles: &["dossier_rsa"],
                circonscription: Some("Saverne"),
            },
        ],
        group: None,
    },
    seed: 678,
    files: 4_000,
    fund: Fund::Msa,
    near: "67046 67180 67437 67544",
};

/// Who can sign in: the part, and the mail address by which the account is found.
pub(super) fn parts() -> impl Iterator<Item = (&'static str, &'static str)> {
    HOUSES.iter().flat_map(|house| {
        let staff = house.staff.iter().map(|staff| (staff.part, staff.mail));
        let people = house.partner.people.iter();
        staff.chain(people.filter_map(|person| Some((person.part?, person.mail))))
    })
}
