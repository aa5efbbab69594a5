//! Every configuration value in one table: its key in the file, its variable, its default.

/// Declares [`Key`] from one table, so that file, variables and reference cannot drift apart.
macro_rules! keys {
    ($($variant:ident = $path:literal, $form:literal, $default:literal, $help:literal;)*) => {
        /// A configuration value.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Key {
            $(#[doc = $help] $variant,)*
        }

        impl Key {
            /// Every key, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The path in the file, for example `leaf.rotateAfter`.
            pub const fn path(self) -> &'static str {
                match self { $(Self::$variant => $path,)* }
            }

            /// The form of the value, in one upper-case word.
            pub const fn form(self) -> &'static str {
                match self { $(Self::$variant => $form,)* }
            }

            /// The default, in words.
            pub const fn default(self) -> &'static str {
                match self { $(Self::$variant => $default,)* }
            }

            /// The meaning, in one sentence without a full stop.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)* }
            }
        }
    };
}

keys! {
    Directory = "directory", "DIR", "", "Directory that holds authority and leaves";
    Namespace = "namespace", "NAMESPACE", "the one of the kubeconfig's context, or of the pod",
        "Namespace of the Secrets, on Kubernetes";
    AuthoritySecret = "authority.secret", "NAME", "newleaf-authority", "Secret that holds the authority, on Kubernetes";
    AuthorityName = "authority.name", "NAME", "newleaf", "Start of the authority's common name";
    AuthorityAlgorithm = "authority.algorithm", "ALGORITHM", "ecdsa-p256", "Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding)";
    AuthorityLifetime = "authority.lifetime", "DURATION", "3650d", "How long an authority is valid";
    AuthorityRenewBefore = "authority.renewBefore", "DURATION", "180d, or leaf.lifetime where that is longer",
        "How long before its end an authority gets a successor";
    AuthorityCertificate = "authority.certificate", "FILE", "",
        "File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none";
    AuthorityKey = "authority.key", "FILE", "", "File, or key of the Secret, with the private key of that authority";
    AuthorityChain = "authority.chain", "FILE", "",
        "File, or key of the Secret, with the certificates between that authority and its root, root last";
    LeafLifetime = "leaf.lifetime", "DURATION", "45d", "How long a leaf is valid";
    LeafRotateAfter = "leaf.rotateAfter", "DURATION", "30d", "Age at which a leaf is replaced";
    LeafBackdate = "leaf.backdate", "DURATION", "1h",
        "How far before its issue a leaf's validity starts, for peers whose clock is behind";
    LeafAlgorithm = "leaf.algorithm", "ALGORITHM", "ecdsa-p256", "Key algorithm of the leaves";
    ServerNames = "server.names", "NAMES",
        "this machine's fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints' names",
        "Names and addresses that clients reach the server by";
    ServerSecret = "server.secret", "NAME", "postgres-tls", "Secret that holds the server's leaf, on Kubernetes";
    ServerSecretCertificate = "server.keys.certificate", "KEY", "tls.crt", "Key of the server's certificate in its Secret";
    ServerSecretKey = "server.keys.key", "KEY", "tls.key", "Key of the server's private key in its Secret";
    ServerSecretBundle = "server.keys.bundle", "KEY", "ca.crt", "Key of the server's trust bundle in its Secret";
    ServerOwner = "server.files.owner", "USER", "the user of the process", "Owner of the server's files, by name or number";
    ServerGroup = "server.files.group", "GROUP", "the owner's group", "Group of the server's files, by name or number";
    ServerKeyMode = "server.files.keyMode", "MODE", "0600", "Mode of the server's key";
    ServerCertificateMode = "server.files.certificateMode", "MODE", "0644",
        "Mode of the server's certificate and trust bundle";
    ClientName = "client.name", "NAME", "postgres", "Common name of the client's leaf: the database role";
    ClientSecret = "client.secret", "NAME", "backstage-tls", "Secret that holds the client's leaf, on Kubernetes";
    ClientSecretCertificate = "client.keys.certificate", "KEY", "tls.crt", "Key of the client's certificate in its Secret";
    ClientSecretKey = "client.keys.key", "KEY", "tls.key", "Key of the client's private key in its Secret";
    ClientSecretBundle = "client.keys.bundle", "KEY", "ca.crt", "Key of the client's trust bundle in its Secret";
    ClientOwner = "client.files.owner", "USER", "the user of the process", "Owner of the client's files, by name or number";
    ClientGroup = "client.files.group", "GROUP", "the owner's group", "Group of the client's files, by name or number";
    ClientKeyMode = "client.files.keyMode", "MODE", "0600", "Mode of the client's key";
    ClientCertificateMode = "client.files.certificateMode", "MODE", "0644",
        "Mode of the client's certificate and trust bundle";
    Consumers = "consumers", "YAML", "none",
        "Workloads that load the leaves, in pick-up order, as a YAML list";
    DatabaseEndpoints = "database.endpoints", "ENDPOINTS", "",
        "Every HOST or HOST:PORT behind the database's name; each must show the new certificate";
    DatabaseUser = "database.user", "ROLE", "the value of client.name", "Role to log in as";
    DatabaseName = "database.name", "NAME", "postgres", "Database to log in to";
    DatabaseServerName = "database.serverName", "NAME", "the host of each endpoint",
        "Name to verify the server's certificate by";
    DeadlinesStep = "deadlines.step", "DURATION", "3m", "How long one step may take";
    DeadlinesRun = "deadlines.run", "DURATION", "10m", "How long a run may take, the wait for the lock included";
    // The kubelet's sync period and the delay of its cache (Kubernetes, Concepts, Secrets, "Mounted Secrets are updated
    // automatically"): 1 min, stretched by up to a half at random, and at most 1 min where the cache lives by time.
    DeadlinesProjection = "deadlines.projection", "DURATION", "150s",
        "How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long";
}

impl Key {
    /// The keys that apply only to directories.
    pub const OF_DIRECTORIES: [Self; 9] = [
        Self::Directory,
        Self::ServerOwner,
        Self::ServerGroup,
        Self::ServerKeyMode,
        Self::ServerCertificateMode,
        Self::ClientOwner,
        Self::ClientGroup,
        Self::ClientKeyMode,
        Self::ClientCertificateMode,
    ];

    /// The keys that apply only to Kubernetes.
    pub const OF_CLUSTERS: [Self; 11] = [
        Self::Namespace,
        Self::AuthoritySecret,
        Self::ServerSecret,
        Self::ServerSecretCertificate,
        Self::ServerSecretKey,
        Self::ServerSecretBundle,
        Self::ClientSecret,
        Self::ClientSecretCertificate,
        Self::ClientSecretKey,
        Self::ClientSecretBundle,
        Self::DeadlinesProjection,
    ];

    /// The key with this path.
    pub fn of_path(path: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.path() == path)
    }

    /// The environment variable, for example `NEWLEAF_LEAF_ROTATE_AFTER`.
    pub fn variable(self) -> String {
        let mut variable = "NEWLEAF_".to_owned();
        for letter in self.path().chars() {
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

    /// Whether it takes several values, separated by commas outside of a file.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::ServerNames | Self::DatabaseEndpoints)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_follow_from_the_path() {
        assert_eq!(Key::ServerKeyMode.variable(), "NEWLEAF_SERVER_FILES_KEY_MODE");
    }
}
