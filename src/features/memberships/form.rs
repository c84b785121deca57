//! The form of a membership, for opening and for correcting: what is typed, and what it means.

use serde::Deserialize;

use super::store::{Mission, Role, Sheet};
use crate::domain::day::Day;
use crate::domain::id::{MissionId, RoleId};
use crate::domain::territory::{Perimeter, commune, find_communes};
use crate::domain::text::fold;
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::reading::LARGEST_CAP;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MembershipForm {
    pub(super) service: String,
    pub(super) mission: Vec<String>,
    pub(super) fermer: Vec<String>,
    pub(super) lieux: String,
    pub(super) cherche: String,
    pub(super) trouve: Vec<String>,
    pub(super) formalite_le: String,
    pub(super) contrat_le: String,
    pub(super) bulletin_le: String,
    pub(super) disponible_le: String,
    pub(super) plafond: String,
    pub(super) role: Vec<String>,
    pub(super) plafond_role: Vec<String>,
    pub(super) version: String,
    pub(super) etape: String,
}

/// What each field is called in the summary of what is wrong.
pub(super) const NAMES: [(&str, &str); 9] = [
    ("service", "Service"),
    ("mission", "Missions"),
    ("lieux", "Périmètre"),
    ("formalite_le", "Formalité"),
    ("contrat_le", "Contrat de service"),
    ("bulletin_le", "Bulletin"),
    ("disponible_le", "Mise à disposition"),
    ("plafond", "Plafond du service"),
    ("plafond_role", "Plafonds par rôle"),
];

/// The longest label of a mission.
const MISSION: usize = 200;
/// The most missions that a membership lists.
const MISSIONS: usize = 20;
/// The most communes that a search shows.
const FOUND: usize = 12;

/// What a membership says, apart from its service and its caps.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) perimeter: Perimeter,
    pub(crate) formality_done_on: Option<Day>,
    pub(crate) contract_signed_on: Option<Day>,
    pub(crate) signed_on: Option<Day>,
    pub(crate) available_on: Option<Day>,
    /// Missions to add.
    pub(crate) missions: Vec<String>,
}

/// How many people, for the service and for some of its roles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CapsAsked {
    pub(crate) service: u32,
    pub(crate) roles: Vec<(RoleId, Option<u32>)>,
}

impl MembershipForm {
    /// Whether the form only asks for places to be looked for.
    pub(super) fn searches(&self) -> bool {
        self.etape == "chercher"
    }

    /// Adds what was ticked among the places found to those that were typed.
    pub(super) fn gather(&mut self) {
        for code in std::mem::take(&mut self.trouve) {
            if let Some(commune) = commune(&code) {
                let line = format!("{} ({})", commune.name, commune.code);
                if !self.lieux.lines().any(|typed| typed.trim() == line) {
                    if !self.lieux.is_empty() && !self.lieux.ends_with('\n') {
                        self.lieux.push('\n');
                    }
                    self.lieux.push_str(&line);
                }
            }
        }
    }

    /// The communes that the search finds inside what may be given.
    pub(super) fn found(&self, within: &Perimeter) -> Vec<Choice> {
        if !self.searches() || self.cherche.trim().is_empty() {
            return Vec::new();
        }
        find_communes(&self.cherche, within, FOUND)
            .into_iter()
            .map(|commune| {
                let (code, departement) = (commune.code, commune.departement.name());
                Choice::new(code, commune.name).detail(format!("{code}, {departement}"))
            })
            .collect()
    }

    /// What is typed, as it means. `open` are the missions that are there already.
    pub(super) fn terms(&self, within: &Perimeter, open: &[Mission], faults: &mut Faults) -> Option<Terms> {
        let mut missions: Vec<String> = Vec::new();
        for typed in self.mission.iter().filter(|typed| !typed.trim().is_empty()) {
            let label = faults.line("mission", typed, MISSION);
            let known = |other: &str| fold(other) == fold(&label);
            if !label.is_empty()
                && !missions.iter().any(|other| known(other))
                && !open.iter().any(|m| known(&m.label))
            {
                missions.push(label);
            }
        }
        let closing = self.closing();
        let kept = open.iter().filter(|mission| !mission.closed && !closing.contains(&mission.id)).count();
        if missions.is_empty() && kept == 0 {
            faults.push("mission", Fault::Missing);
        }
        if missions.len() + kept > MISSIONS {
            faults.push("mission", Fault::TooMany { max: MISSIONS });
        }
        let perimeter = faults.take("lieux", Perimeter::typed(&self.lieux, within));
        let formality_done_on = faults.optional_day("formalite_le", &self.formalite_le);
        let contract_signed_on = faults.optional_day("contrat_le", &self.contrat_le);
        let signed_on = faults.optional_day("bulletin_le", &self.bulletin_le);
        let available_on = faults.optional_day("disponible_le", &self.disponible_le);
        Some(Terms {
            perimeter: perimeter?,
            formality_done_on,
            contract_signed_on,
            signed_on,
            available_on,
            missions,
        })
    }

    /// The missions that are to be closed.
    pub(super) fn closing(&self) -> Vec<MissionId> {
        self.fermer.iter().filter_map(|id| id.parse().ok()).collect()
    }

    /// How many people are asked for, among the roles of a service.
    pub(super) fn caps(&self, roles: &[Role], faults: &mut Faults) -> Option<CapsAsked> {
        let service = faults.cap("plafond", &self.plafond);
        let mut asked = Vec::new();
        for role in roles {
            let typed = self.typed_for(role.id);
            asked.push((role.id, faults.optional_cap("plafond_role", typed)));
        }
        Some(CapsAsked { service: service?, roles: asked })
    }

    /// What was typed for one role.
    pub(super) fn typed_for(&self, role: RoleId) -> &str {
        let id = role.to_string();
        let at = self.role.iter().position(|sent| *sent == id);
        at.and_then(|at| self.plafond_role.get(at)).map_or("", String::as_str)
    }

    /// The lines for missions: those that were typed, and room for more.
    pub(super) fn mission_lines(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.mission.iter().filter(|typed| !typed.trim().is_empty()).cloned().collect();
        let room = if lines.is_empty() { 3 } else { 2 };
        lines.extend(std::iter::repeat_n(String::new(), room));
        lines
    }

    /// The form of a membership as it is.
    pub(super) fn of(sheet: &Sheet) -> Self {
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            lieux: sheet
                .perimeter
                .parse::<Perimeter>()
                .map(|perimeter| perimeter.lines())
                .unwrap_or_default(),
            formalite_le: day(sheet.formality_done_on),
            contrat_le: day(sheet.contract_signed_on),
            bulletin_le: day(sheet.signed_on),
            disponible_le: day(sheet.available_on),
            version: sheet.version.to_string(),
            ..Self::default()
        }
    }

    /// The form of its caps as they are.
    pub(super) fn of_caps(sheet: &Sheet, roles: &[Role]) -> Self {
        Self {
            plafond: sheet.cap.to_string(),
            role: roles.iter().map(|role| role.id.to_string()).collect(),
            plafond_role: roles
                .iter()
                .map(|role| role.cap.map(|cap| cap.to_string()).unwrap_or_default())
                .collect(),
            version: sheet.version.to_string(),
            ..Self::default()
        }
    }
}

/// A cap as its column keeps it; none is larger than [`LARGEST_CAP`].
pub(super) fn kept(cap: u32) -> i32 {
    i32::try_from(cap.min(LARGEST_CAP)).unwrap_or(i32::MAX)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::id::RowId;

    fn nord() -> Perimeter {
        "59".parse().unwrap()
    }

    fn filled() -> MembershipForm {
        MembershipForm {
            mission: vec!["Quotients familiaux".into(), "  ".into(), "QUOTIENTS familiaux".into()],
            lieux: "Mons-en-Barœul".into(),
            disponible_le: "2026-12-01".into(),
            plafond: "25".into(),
            ..MembershipForm::default()
        }
    }

    fn mission(number: u128, label: &str) -> Mission {
        Mission { id: MissionId::from_uuid(Uuid::from_u128(number)), label: label.into(), closed: false }
    }

    #[test]
    fn a_mission_is_kept_once_and_one_is_needed() {
        let mut faults = Faults::new();
        let terms = filled().terms(&nord(), &[], &mut faults).unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!((terms.missions.len(), terms.perimeter.to_string().as_str()), (1, "59410"));
        let none = MembershipForm { mission: Vec::new(), ..filled() };
        none.terms(&nord(), &[], &mut faults);
        assert_eq!(faults.get("mission"), Some(&Fault::Missing));
    }

    #[test]
    fn the_last_open_mission_stays() {
        let there = [mission(1, "Adresses"), mission(2, "Quotients")];
        let read = |closing: &[&Mission]| {
            let fermer = closing.iter().map(|mission| mission.id.to_string()).collect();
            let form = MembershipForm { mission: Vec::new(), fermer, ..filled() };
            let mut faults = Faults::new();
            form.terms(&nord(), &there, &mut faults);
            faults.is_empty()
        };
        let [one, other] = &there;
        assert!(read(&[one]) && !read(&[one, other]));
    }

    #[test]
    fn places_that_are_ticked_join_those_that_are_typed() {
        let mut form = MembershipForm { trouve: vec!["59410".into(), "99".into()], ..filled() };
        form.gather();
        assert_eq!(form.lieux, "Mons-en-Barœul\nMons-en-Barœul (59410)");
        assert_eq!(form.terms(&nord(), &[], &mut Faults::new()).unwrap().perimeter.to_string(), "59410");
        let search = MembershipForm { etape: "chercher".into(), cherche: "mons".into(), ..filled() };
        assert!(search.found(&nord()).iter().any(|choice| choice.value == "59410"));
        assert!(filled().found(&nord()).is_empty());
    }

    #[test]
    fn a_role_may_have_its_own_cap() {
        let role = |number: u128| RoleId::from_uuid(Uuid::from_u128(number));
        let roles = [Role::plain(role(1), "Quotient"), Role::plain(role(2), "Adresse")];
        let form = MembershipForm {
            role: vec![role(2).to_string(), role(1).to_string()],
            plafond_role: vec!["30".into(), String::new()],
            ..filled()
        };
        let caps = form.caps(&roles, &mut Faults::new()).unwrap();
        assert_eq!(caps, CapsAsked { service: 25, roles: vec![(role(1), None), (role(2), Some(30))] });
        let mut faults = Faults::new();
        MembershipForm { plafond: "beaucoup".into(), ..form }.caps(&roles, &mut faults);
        assert_eq!(faults.get("plafond"), Some(&Fault::CapRange { max: LARGEST_CAP }));
    }
}
