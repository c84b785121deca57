//! Who may do what, as a reviewer reads it.

use compte_partenaire::domain::access::{Mode, Office, Permission, allows, allows_at};

use crate::support::golden;

#[test]
fn the_matrix_of_permissions_is_the_golden_one() {
    let width = Permission::ALL.iter().map(|permission| permission.name().len()).max().unwrap();
    let column = |office: Office| office.code().len().max("centralised".len());
    let mut table = format!("{:width$}", "");
    for office in Office::ALL {
        table.push_str(&format!("  {:>width$}", office.code(), width = column(office)));
    }
    table.push('\n');
    for permission in Permission::ALL {
        let mut line = format!("{:width$}", permission.name());
        for office in Office::ALL {
            // For what bears on the people of a partner, at which: delegated, centralised.
            let at = Mode::ALL.map(|mode| allows_at(office, *permission, mode));
            let mark = match (allows(office, *permission), at) {
                (false, _) => "-",
                (true, [true, true]) => "yes",
                (true, [true, false]) => "delegated",
                (true, [false, true]) => "centralised",
                (true, [false, false]) => "nowhere",
            };
            line.push_str(&format!("  {mark:>width$}", width = column(office)));
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }
    golden("permissions.txt", &table);
}
