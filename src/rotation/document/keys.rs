//! Every configuration value in one table: its path in the file, its default, what it is.

/// A configuration value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The path in the file, for example `leaf.rotateAfter`.
    pub path: &'static str,
    /// The form of the value, in one upper-case word.
    pub form: &'static str,
    /// The default, in words.
    pub default: &'static str,
    /// What it is, in one sentence without a full stop.
    pub help: &'static str,
}

const fn key(path: &'static str, form: &'static str, default: &'static str, help: &'static str) -> Key {
    Key { path, form, default, help }
}

/// Every key, in the order of the reference.
#[rustfmt::skip] // one row is one key
pub const KEYS: &[Key] = &[
    key("directory", "DIR", "", "Directory that holds authority and leaves"),
    key("namespace", "NAMESPACE", "the one of the kubeconfig's context, or of the pod",
        "Namespace of the Secrets, on Kubernetes"),
    key("authority.secret", "NAME", "newleaf-authority", "Secret that holds the authority, on Kubernetes"),
    key("authority.name", "NAME", "newleaf", "Start of the authority's common name"),
    key("authority.algorithm", "ALGORITHM", "ecdsa-p256", "Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding)"),
    key("authority.lifetime", "DURATION", "3650d", "How long an authority is valid"),
    key("authority.renewBefore", "DURATION", "180d, or leaf.lifetime where that is longer",
        "How long before its end an authority gets a successor"),
    key("authority.certificate", "FILE", "",
        "File, or key of the Secret, with the certificate of an external authority; newleaf then makes none"),
    key("authority.key", "FILE", "", "File, or key of the Secret, with the private key of that authority"),
    key("authority.chain", "FILE", "",
        "File, or key of the Secret, with the certificates between that authority and its root, root last"),
    key("leaf.lifetime", "DURATION", "45d", "How long a leaf is valid"),
    key("leaf.rotateAfter", "DURATION", "30d", "Age at which a leaf is replaced"),
    key("leaf.backdate", "DURATION", "1h",
        "How far before its issue a leaf's validity starts, for peers whose clock is behind"),
    key("leaf.algorithm", "ALGORITHM", "ecdsa-p256", "Key algorithm of the leaves"),
    key("server.names", "NAMES",
        "this machine's fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints' names",
        "Names and addresses that clients reach the server by"),
    key("server.secret", "NAME", "postgres-tls", "Secret that holds the server's leaf, on Kubernetes"),
    key("server.keys.certificate", "KEY", "tls.crt", "Key of the server's certificate in its Secret"),
    key("server.keys.key", "KEY", "tls.key", "Key of the server's private key in its Secret"),
    key("server.keys.bundle", "KEY", "ca.crt", "Key of the server's trust bundle in its Secret"),
    key("server.files.owner", "USER", "the user of the process", "Owner of the server's files, by name or number"),
    key("server.files.group", "GROUP", "the owner's group", "Group of the server's files, by name or number"),
    key("server.files.keyMode", "MODE", "0600", "Mode of the server's key"),
    key("server.files.certificateMode", "MODE", "0644",
        "Mode of the server's certificate and trust bundle"),
    key("client.name", "NAME", "postgres", "Common name of the client's leaf: the database role"),
    key("client.secret", "NAME", "backstage-tls", "Secret that holds the client's leaf, on Kubernetes"),
    key("client.keys.certificate", "KEY", "tls.crt", "Key of the client's certificate in its Secret"),
    key("client.keys.key", "KEY", "tls.key", "Key of the client's private key in its Secret"),
    key("client.keys.bundle", "KEY", "ca.crt", "Key of the client's trust bundle in its Secret"),
    key("client.files.owner", "USER", "the user of the process", "Owner of the client's files, by name or number"),
    key("client.files.group", "GROUP", "the owner's group", "Group of the client's files, by name or number"),
    key("client.files.keyMode", "MODE", "0600", "Mode of the client's key"),
    key("client.files.certificateMode", "MODE", "0644",
        "Mode of the client's certificate and trust bundle"),
    key("consumers", "YAML", "none",
        "Workloads that load the leaves, in pick-up order, as a YAML list"),
    key("database.endpoints", "ENDPOINTS", "",
        "Every HOST or HOST:PORT behind the database's name; each must show the new certificate"),
    key("database.user", "ROLE", "the value of client.name", "Role to log in as"),
    key("database.name", "NAME", "postgres", "Database to log in to"),
    key("database.serverName", "NAME", "the host of each endpoint",
        "Name to verify the server's certificate by"),
    key("deadlines.step", "DURATION", "3m", "How long one step may take"),
    key("deadlines.run", "DURATION", "10m", "How long a run may take, with the wait for the Lease or the lock"),
    // The kubelet's sync period and the delay of its cache (Kubernetes, Concepts, Secrets, "Mounted Secrets are updated
    // automatically"): 1 min, stretched by up to a half at random, and at most 1 min where the cache lives by time.
    key("deadlines.projection", "DURATION", "150s",
        "How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long"),
];

/// What has a meaning for directories only: keys, and maps of keys.
pub const OF_DIRECTORIES: [&str; 3] = ["directory", "server.files", "client.files"];

/// What has a meaning on Kubernetes only: keys, and maps of keys.
pub const OF_CLUSTERS: [&str; 7] = [
    "namespace",
    "authority.secret",
    "server.secret",
    "server.keys",
    "client.secret",
    "client.keys",
    "deadlines.projection",
];

pub fn of_path(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// What holds for a key when nothing is given, for people.
pub fn default(path: &str) -> &'static str {
    match of_path(path) {
        Some(key) => key.default,
        None => "",
    }
}

impl Key {
    /// The environment variable, for example `NEWLEAF_LEAF_ROTATE_AFTER`.
    pub fn variable(&self) -> String {
        let mut variable = "NEWLEAF_".to_owned();
        for letter in self.path.chars() {
            match letter {
                '.' => variable.push('_'),
                upper if upper.is_ascii_uppercase() => {
                    variable.push('_');
                    variable.push(upper);
                }
                lower => variable.push(lower.to_ascii_uppercase()),
            }
        }
        variable
    }

    /// Whether it is one of these, or in one of these maps.
    pub fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| match self.path.strip_prefix(place) {
            Some(rest) => rest.is_empty() || rest.starts_with('.'),
            None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_follow_from_the_path() {
        let key = of_path("server.files.keyMode").expect("it is a key");
        assert_eq!(key.variable(), "NEWLEAF_SERVER_FILES_KEY_MODE");
    }

    #[test]
    fn the_keys_of_one_place_are_told_from_those_of_the_other() {
        let count = |places: &[&str]| KEYS.iter().filter(|key| key.is_in(places)).count();
        assert_eq!((count(&OF_DIRECTORIES), count(&OF_CLUSTERS)), (9, 11));
    }
}
