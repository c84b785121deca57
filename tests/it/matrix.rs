//! Who may do what, as a reviewer reads it.

use compte_partenaire::domain::access::{Office, Permission, allows};

use crate::support::golden;

#[test]
fn the_matrix_of_permissions_is_the_golden_one() {
    let width = Permission::ALL.iter().map(|permission| permission.name().len()).max().unwrap();
    let mut table = format!("{:width$}", "");
    for office in Office::ALL {
        table.push_str("  ");
        table.push_str(office.code());
    }
    table.push('\n');
    for permission in Permission::ALL {
        let mut line = format!("{:width$}", permission.name());
        for office in Office::ALL {
            let mark = if allows(office, *permission) { "yes" } else { "-" };
            line.push_str(&format!("  {mark:>width$}", width = office.code().len()));
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }
    golden("permissions.txt", &table);
}
