//! What an operator is given beside the program: its names are ours, its paths exist, nothing has more rights than it
//! needs. No engine runs the containers here: their description is read, not tried.

use std::collections::BTreeSet;
use std::path::Path;

use compte_partenaire::config::{Config, ConfigFault, table};
use serde_json::Value;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The description of the containers, with what `<<` brings in.
fn compose() -> Value {
    fn merge(value: &mut Value) {
        if let Value::Object(map) = value {
            if let Some(Value::Object(base)) = map.remove("<<") {
                for (key, value) in base {
                    map.entry(key).or_insert(value);
                }
            }
            map.values_mut().for_each(merge);
        }
    }
    let mut read: Value = serde_saphyr::from_str(&read("docker-compose.yml")).unwrap();
    merge(&mut read);
    read
}

fn names(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(map) => map.keys().cloned().collect(),
        Value::Array(list) => list.iter().map(|name| name.as_str().unwrap().to_owned()).collect(),
        _ => BTreeSet::new(),
    }
}

fn services(compose: &Value) -> Vec<(&String, &Value)> {
    compose["services"].as_object().unwrap().iter().collect()
}

#[test]
fn containers_name_what_exists() {
    let compose = compose();
    let (known, volumes, networks) =
        (names(&compose["services"]), names(&compose["volumes"]), names(&compose["networks"]));
    for (name, service) in services(&compose) {
        for needed in names(&service["depends_on"]) {
            assert!(known.contains(&needed), "{name} needs {needed}");
        }
        for network in names(&service["networks"]) {
            assert!(networks.contains(&network), "{name} is on {network}");
        }
        for mounted in names(&service["volumes"]) {
            let from = mounted.split(':').next().unwrap();
            let there = match from.strip_prefix("./") {
                Some(path) => Path::new(env!("CARGO_MANIFEST_DIR")).join(path).is_file(),
                None => volumes.contains(from),
            };
            assert!(there, "{name} mounts {mounted}");
        }
        let image = service["image"].as_str().unwrap_or_else(|| panic!("{name} has no image"));
        let tag = image.rsplit_once(':').unwrap_or_else(|| panic!("{image} names no version")).1;
        assert!(!tag.contains("latest"), "{image}");
        for given in names(&service["environment"]).iter().filter(|name| name.starts_with("CP_")) {
            let ours = table().iter().any(|setting| {
                *given == setting.name || (setting.secret && *given == format!("{}_FILE", setting.name))
            });
            assert!(ours, "{name} is given {given}, which is no setting");
        }
    }
}

#[test]
fn two_nodes_serve_one_database_behind_a_proxy_and_hold_no_right() {
    let compose = compose();
    let node = |name: &str| compose["services"][name].clone();
    assert_eq!(node("application-1"), node("application-2"), "the nodes are the same");
    for name in ["application-1", "application-2", "migration"] {
        let node = node(name);
        assert_eq!(node["read_only"], true, "{name}");
        assert_eq!(names(&node["cap_drop"]), BTreeSet::from(["ALL".to_owned()]), "{name}");
        assert!(names(&node["security_opt"]).contains("no-new-privileges:true"), "{name}");
        assert!(node["ports"].is_null(), "{name} is reached by the proxy only");
    }
    let owner = "CP_DATABASE_OWNER_URL_FILE";
    assert!(node("migration")["environment"][owner].is_string());
    assert!(node("application-1")["environment"][owner].is_null(), "a node never holds the owner's password");
    let trusted = node("application-1")["environment"]["CP_TRUSTED_PROXIES"].clone();
    assert_eq!(trusted, node("mandataire")["networks"]["interieur"]["ipv4_address"]);
    for port in names(&node("mandataire")["ports"]).union(&names(&node("courrier")["ports"])) {
        assert!(port.starts_with("127.0.0.1:"), "{port} is open to all");
    }
    let proxy = read("docs/installation/nginx.conf");
    for node in ["application-1", "application-2"] {
        assert!(proxy.contains(&format!("server {node}:8080")), "{node}");
    }
    assert!(proxy.contains("X-Forwarded-For $remote_addr") && proxy.contains("Host $http_host"));
}

#[test]
fn the_image_runs_as_nobody() {
    let text = read("Dockerfile");
    let last = text.rsplit("\nFROM ").next().unwrap();
    assert!(last.contains("\nUSER 65532:65532\n") && last.contains(":nonroot\n"), "{last}");
    for line in text.lines().filter(|line| line.starts_with("FROM ")) {
        let image = line.split(' ').nth(1).unwrap();
        assert!(image.contains(':') && !image.contains("latest"), "{line}");
    }
    for source in text.lines().filter(|line| line.starts_with("COPY ") && !line.contains("--from")) {
        let path = source.split(' ').nth(1).unwrap();
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{source}");
    }
    let program = format!("target/release/{}", env!("CARGO_PKG_NAME"));
    assert!(last.contains(&program));
}

#[test]
fn the_unit_waits_for_readiness_and_may_nothing_else() {
    let unit = read("docs/installation/compte-partenaire.service");
    for line in [
        "Type=notify",
        "ExecStart=/usr/local/bin/compte-partenaire serve",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "MemoryDenyWriteExecute=yes",
        "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
        "SystemCallFilter=@system-service",
        "UMask=0077",
    ] {
        assert!(unit.lines().any(|found| found == line), "{line}");
    }
}

/// The example of a configuration file has no name that the program would refuse.
#[test]
fn the_example_of_configuration_is_readable() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/installation/portail.toml");
    let faults = Config::read([("CP_CONFIG".to_owned(), path.to_owned())]).unwrap_err();
    for fault in faults {
        let elsewhere = matches!(&fault, ConfigFault::Unreadable { .. })
            || matches!(&fault, ConfigFault::Refused { name, .. } if name.starts_with("CP_TLS_"));
        assert!(elsewhere, "{fault}");
    }
}
