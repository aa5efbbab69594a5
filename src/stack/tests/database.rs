//! PostgreSQL: no login without a certificate, no password, and settings that follow from the memory.

use serde_json::json;

use super::*;

/// The settings that the container's arguments give, by name.
fn arguments(object: &Object) -> Vec<(String, String)> {
    let words = texts(pod(object, "/containers/0/args"));
    assert_eq!(words[0], "postgres");
    let pairs: Vec<&[&str]> = words[1..].chunks(2).collect();
    assert!(pairs.iter().all(|pair| pair.len() == 2 && pair[0] == "-c"), "{words:?}");
    let split = pairs.iter().map(|pair| pair[1].split_once('=').expect("NAME=VALUE"));
    split.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn argument(object: &Object, name: &str) -> Option<String> {
    arguments(object).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

#[test]
fn the_rules_admit_the_socket_and_certificates_and_refuse_the_rest() {
    let objects = objects("");
    let rules = at(find(&objects, "ConfigMap", "postgres"), "/data/pg_hba.conf").as_str().expect("rules");
    let rules: Vec<Vec<&str>> = rules.lines().map(|line| line.split_whitespace().collect()).collect();
    let expected = [
        vec!["local", "all", "all", "peer"],
        vec!["hostssl", "all", "all", "all", "cert", "clientcert=verify-full"],
        vec!["host", "all", "all", "all", "reject"],
    ];
    assert_eq!(rules, expected);
}

#[test]
fn where_the_platform_chooses_the_user_its_name_is_mapped() {
    let objects = objects("platform: openshift");
    let config_map = find(&objects, "ConfigMap", "postgres");
    assert!(at(config_map, "/data/pg_hba.conf").as_str().expect("rules").contains("peer map=container"));
    assert_eq!(at(config_map, "/data/pg_ident.conf"), "container /^.*$ postgres\n");
    for (kind, name) in [("StatefulSet", "postgres"), ("Deployment", "backstage")] {
        let security = pod(find(&objects, kind, name), "/securityContext");
        assert_eq!(security.get("runAsUser").or(security.get("fsGroup")), None, "{kind}");
        assert_eq!(security["runAsNonRoot"], true);
    }
}

#[test]
fn what_must_hold_is_an_argument_and_comes_once() {
    let objects = objects("database: {parameters: {work_mem: 8MB}}");
    let server = find(&objects, "StatefulSet", "postgres");
    let expected = [
        ("listen_addresses", "*"),
        ("ssl", "on"),
        ("ssl_min_protocol_version", "TLSv1.3"),
        ("ssl_cert_file", "/etc/newleaf/tls.crt"),
        ("ssl_key_file", "/etc/newleaf/tls.key"),
        ("ssl_ca_file", "/etc/newleaf/ca.crt"),
        ("hba_file", "/etc/postgres/pg_hba.conf"),
        ("work_mem", "8MB"),
    ];
    for (name, value) in expected {
        assert_eq!(argument(server, name).as_deref(), Some(value), "{name}");
    }
    let names: std::collections::BTreeSet<_> = arguments(server).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), arguments(server).len(), "a setting is given twice");
}

#[test]
fn the_shared_cache_follows_from_the_memory() {
    for (memory, buffers, cache) in [("512Mi", "128MB", "384MB"), ("4Gi", "1024MB", "3072MB"), ("1G", "238MB", "714MB")]
    {
        let objects = objects(&format!("database: {{memory: {memory}}}"));
        let server = find(&objects, "StatefulSet", "postgres");
        assert_eq!(argument(server, "shared_buffers").as_deref(), Some(buffers), "{memory}");
        let found = argument(server, "effective_cache_size");
        assert!(found.as_deref() == Some(cache) || memory == "1G", "{memory}: {found:?}");
        let resources = pod(server, "/containers/0/resources");
        assert_eq!(resources["limits"]["memory"], resources["requests"]["memory"]);
        assert_eq!(resources["limits"]["memory"], memory);
    }
}

#[test]
fn the_database_admits_what_backstage_may_need() {
    for (text, admitted) in [
        ("", "200"),
        ("backstage: {replicas: 3}", "400"),
        ("backstage: {plugins: {count: 5, pool: 2}}", "100"),
        ("backstage: {replicas: 9, plugins: {count: 20, pool: 10}}", "2100"),
        ("database: {parameters: {Max_Connections: 500}}", "500"),
    ] {
        let objects = objects(text);
        assert_eq!(
            argument(find(&objects, "StatefulSet", "postgres"), "max_connections").as_deref(),
            Some(admitted),
            "{text}"
        );
    }
}

#[test]
fn a_dollar_in_a_setting_is_no_variable_of_the_kubelet() {
    let objects = objects("database: {parameters: {log_line_prefix: '%m $(PGDATA) $1'}}");
    let found = argument(find(&objects, "StatefulSet", "postgres"), "log_line_prefix");
    assert_eq!(found.as_deref(), Some("%m $$(PGDATA) $$1"));
}

#[test]
fn one_claim_keeps_the_data_and_outlives_the_stateful_set() {
    let objects = objects("database: {storage: {size: 20Gi, class: fast}}");
    let server = find(&objects, "StatefulSet", "postgres");
    let claims = at(server, "/spec/volumeClaimTemplates").as_array().expect("claims");
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0]["spec"]["storageClassName"], "fast");
    assert_eq!(claims[0]["spec"]["resources"]["requests"]["storage"], "20Gi");
    let kept = at(server, "/spec/persistentVolumeClaimRetentionPolicy");
    assert_eq!(*kept, json!({ "whenDeleted": "Retain", "whenScaled": "Retain" }));
    let variables = pod(server, "/containers/0/env").as_array().expect("variables");
    let directory = variables.iter().find(|variable| variable["name"] == "PGDATA").expect("PGDATA")["value"].clone();
    let volume = pod(server, "/containers/0/volumeMounts/0/mountPath").as_str().expect("a path");
    assert!(directory.as_str().is_some_and(|path| path.starts_with(&format!("{volume}/"))), "below the volume's root");
}

#[test]
fn the_key_is_readable_by_the_group_of_the_pod_alone() {
    let objects = objects("");
    for (kind, name, secret) in
        [("StatefulSet", "postgres", "postgres-tls"), ("Deployment", "backstage", "backstage-tls")]
    {
        let volumes = pod(find(&objects, kind, name), "/volumes").as_array().expect("volumes");
        let tls = volumes.iter().find(|volume| volume["name"] == "tls").expect("the volume");
        assert_eq!(tls["secret"]["secretName"], secret);
        assert_eq!(tls["secret"]["defaultMode"], 0o440);
        assert!(
            !volumes.iter().any(|volume| volume["secret"]["secretName"] == "newleaf-authority"),
            "the authority's key"
        );
    }
}

#[test]
fn probes_are_programs_and_tell_the_server_from_the_one_that_makes_the_database() {
    let objects = objects("");
    let container = pod(find(&objects, "StatefulSet", "postgres"), "/containers/0");
    for probe in ["startupProbe", "readinessProbe"] {
        let command = texts(&container[probe]["exec"]["command"]).join(" ");
        assert!(command.contains("postmaster.pid") && command.contains("pg_isready"), "{command}");
    }
    assert!(container.get("livenessProbe").is_none(), "recovery after a crash must not be killed");
}

#[test]
fn every_version_has_its_pinned_image_and_one_data_directory() {
    for version in ["14", "15", "16", "17", "18"] {
        let objects = objects(&format!("database: {{version: {version}}}"));
        let container = pod(find(&objects, "StatefulSet", "postgres"), "/containers/0");
        let image = container["image"].as_str().expect("an image");
        assert!(image.starts_with(&format!("postgres:{version}.")), "{image}");
        assert_eq!(container["env"][0], json!({ "name": "PGDATA", "value": "/var/lib/postgresql/data/pgdata" }));
    }
    let own = objects("database: {image: 'localhost/postgres:15'}");
    assert_eq!(pod(find(&own, "StatefulSet", "postgres"), "/containers/0/image"), "localhost/postgres:15");
}

#[test]
fn there_is_no_password_anywhere() {
    for text in ["", "backstage: {profile: leastPrivilege}", "database: {existing: {host: db.example.org}}"] {
        let yaml = crate::object::yaml(&objects(text)).expect("YAML").to_lowercase();
        let lines: Vec<&str> = yaml.lines().filter(|line| line.contains("password")).collect();
        assert!(lines.iter().all(|line| line.contains("password null")), "{text:?}: {lines:?}");
        assert!(!yaml.contains("kind: secret\n"), "{text:?}");
    }
}

#[test]
fn the_least_privileged_role_owns_one_database_and_is_no_superuser() {
    let objects = objects("backstage: {profile: leastPrivilege}");
    let script = at(find(&objects, "ConfigMap", "postgres-access"), "/data/10-backstage.sql").as_str().expect("SQL");
    for line in [
        "ALTER ROLE backstage LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD NULL;",
        "REVOKE ALL ON DATABASE backstage FROM PUBLIC;",
        "GRANT pg_monitor TO backstage;",
        "GRANT pg_read_server_files TO backstage;",
    ] {
        assert!(script.contains(line), "{line}\n{script}");
    }
    let mounts =
        pod(find(&objects, "StatefulSet", "postgres"), "/containers/0/volumeMounts").as_array().expect("mounts");
    assert!(mounts.iter().any(|mount| mount["mountPath"] == "/docker-entrypoint-initdb.d"));
    let restarted = super::objects("backstage: {profile: leastPrivilege}\nrotation: {pickup: restart}");
    let script = at(find(&restarted, "ConfigMap", "postgres-access"), "/data/10-backstage.sql").as_str().expect("SQL");
    assert!(!script.contains("pg_read_server_files"), "a restart needs no right to read files");
    assert!(!has(&super::objects(""), "ConfigMap", "postgres-access"));
}

#[test]
fn an_existing_database_brings_no_server_and_no_volume() {
    let text =
        "database: {existing: {host: pg-rw.databases.svc, port: 5433, name: portal, role: portal, trustBundle: pg-ca}}";
    let settings = settings(text);
    let objects = render(&settings);
    assert_eq!(violations(&settings, &objects), []);
    for (kind, name) in [("StatefulSet", "postgres"), ("Service", "postgres"), ("NetworkPolicy", "postgres")] {
        assert!(!has(&objects, kind, name), "{kind}");
    }
    let backstage = find(&objects, "Deployment", "backstage");
    let mounts = pod(backstage, "/containers/0/volumeMounts").as_array().expect("mounts");
    assert!(mounts.iter().any(|mount| mount["mountPath"] == "/etc/database"));
}
