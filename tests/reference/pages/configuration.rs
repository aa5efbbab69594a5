//! The page of the configuration file, and its JSON Schema.

use std::fmt::Write;

use rotation::document::keys::KEYS;

/// A configuration with most of its keys.
pub(crate) const EXAMPLE: &str = "\
apiVersion: newleaf.dev/v1alpha1
kind: Rotation
directory: /etc/newleaf
authority: {name: newleaf, algorithm: ecdsa-p256, lifetime: 3650d, renewBefore: 180d}
leaf: {lifetime: 45d, rotateAfter: 30d, backdate: 1h, algorithm: ecdsa-p256}
server:
  names: [db.example.org, 127.0.0.1]
  files: {owner: postgres, group: postgres, keyMode: \"0600\", certificateMode: \"0644\"}
client:
  name: postgres
  files: {owner: backstage}
consumers:
- name: postgres
  loads: server
  pickup: reload
  signal: true
  pidFile: /var/lib/postgresql/15/main/postmaster.pid
  fallback: {restart: [systemctl, restart, postgresql]}
- name: backstage
  loads: client
  pickup: restart
  command: [systemctl, restart, backstage]
- name: reports
  loads: client
  pickup: login
database:
  endpoints: [\"db.example.org:5432\"]
  user: postgres
  name: postgres
deadlines: {step: 3m, run: 10m}
";

const CONSUMERS: &str = "\
A consumer has a unique `name`, the leaf that it `loads` (`server` or `client`), and one `pickup`:

| Pickup | Takes | Does |
|---|---|---|
| `reload` | `signal: true` with `pidFile` | sends SIGHUP to the process |
| `reload` | `command: [PROGRAM, ARGUMENT, ...]` | runs it, without a shell |
| `reload` | `database: true` | `SELECT pg_reload_conf()` through newleaf's own session |
| `restart` | `command: [PROGRAM, ARGUMENT, ...]` | runs it; it must return when the workload runs again |
| `login` | nothing | nothing: the program reads its files at each login |

`pidFile` also shows whether the workload runs. `fallback: {restart: [...]}` belongs to a reload: newleaf runs it when the
files do not arrive. newleaf never restarts after a reload that PostgreSQL *refused*.
";

/// The page.
pub(super) fn page() -> String {
    let mut text = format!(
        "<!-- made by `make docs`; change src/rotation/document/keys.rs or tests/reference instead -->\n\
         # Configuration\n\n\
         A namespace or a directory is all that newleaf needs. Everything else has a default. Set it in a file, by a\n\
         variable or by `--set KEY=VALUE`; `--set` overrides a variable, and a variable overrides the file. The file is `newleaf.yaml` in\n\
         the directory, the ConfigMap `newleaf` in the namespace, or the file that `--config` names. Unknown and repeated keys are errors.\n\
         Relative paths in the file are relative to the file. `newleaf config` shows the configuration in effect, and where each\n\
         value comes from.\n\n\
         ```yaml\n{EXAMPLE}```\n\n\
         [configuration.schema.json](configuration.schema.json) is its JSON Schema: editors check the file with\n\
         `# yaml-language-server: $schema=configuration.schema.json` in its first line.\n\n\
         | Key | Default | What | Variable |\n|---|---|---|---|\n"
    );
    for key in KEYS {
        let default = match key.default {
            "" => "-",
            default => default,
        };
        let (path, help, variable) = (key.path, key.help, key.variable());
        writeln!(text, "| `{path}` | {default} | {help} | `{variable}` |").unwrap_or_default();
    }
    text.push_str(
        "\nDurations are whole numbers with units, longest first: `45d`, `12h`, `90s`, `1h30m`. Commas separate lists in `--set` and\n\
         variables. Algorithms: `ecdsa-p256`, `ecdsa-p384`, `ed25519`, `rsa-2048`, `rsa-3072`, `rsa-4096`.\n\n## Consumers\n\n",
    );
    text.push_str(CONSUMERS);
    text
}
