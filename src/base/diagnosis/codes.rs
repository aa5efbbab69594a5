//! The table of codes: one row is everything that is known about a code.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::diagnosis::Class;
use crate::diagnosis::table::codes;

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

codes! {
    // 01xx: reading keys, certificates, authorities and bundles
    InputTooLarge = "NL0101", Refused, "the input is larger than any certificate file",
        "A PEM input was larger than the limit. Nothing was parsed.",
        "Check that the right file or Secret key is named.";
    PemMissing = "NL0102", Refused, "no PEM block of the wanted kind",
        "The input holds no PEM block of the kind that was asked for: it is empty, is DER, or holds something else.",
        "Write it as PEM: `openssl x509 -in FILE -inform DER -out FILE.pem`, or name the right file.";
    PemBroken = "NL0103", Refused, "a PEM block cannot be read",
        "A PEM block is cut off, its end line does not match its begin line, or its base64 is wrong.",
        "Copy the file again: whole lines with real line breaks, from BEGIN to END, and one block after the other.";
    KeyEncrypted = "NL0104", Refused, "the private key is encrypted",
        "The key needs a passphrase. A job that runs at night has nobody to ask.",
        "Decrypt it into a file that only the job can read: `openssl pkey -in FILE -out FILE`.";
    KeyKindUnsupported = "NL0105", Refused, "the key is of a kind that is not supported",
        "Supported are ECDSA P-256 and P-384, Ed25519, RSA of 2048 to 4096 bits, as PKCS#8, SEC1 or PKCS#1.",
        "Make a key of a supported kind.";
    KeyBroken = "NL0106", Refused, "the private key cannot be read",
        "The PEM block is whole, but what is in it is not a valid private key.",
        "Check the file with `openssl pkey -in FILE -check -noout`.";
    KeyAmbiguous = "NL0107", Refused, "more than one private key",
        "The input holds several private keys, so it is not clear which one is meant.",
        "Leave one key in the file.";
    CertificateBroken = "NL0108", Refused, "the certificate cannot be read",
        "The PEM block is whole, but what is in it is not an X.509 v3 certificate in DER.",
        "Check the file with `openssl x509 -in FILE -noout -text`.";
    CertificateDuplicate = "NL0109", Refused, "the same certificate twice",
        "A chain or bundle given by a person holds the same certificate more than once.",
        "Remove the copy.";
    TooManyCertificates = "NL0110", Refused, "more certificates than a chain or bundle can have",
        "The limit keeps a broken file from becoming a slow or huge one.",
        "Check that the right file is named.";
    KeyMismatch = "NL0111", Refused, "key and certificate do not belong together",
        "The public key in the certificate is not that of the private key.",
        "Compare `openssl x509 -in CRT -noout -pubkey` with `openssl pkey -in KEY -pubout`.";
    AuthorityNotCa = "NL0112", Refused, "the certificate is not an authority",
        "It has no basicConstraints with CA:TRUE (RFC 5280, 4.2.1.9), so no peer accepts what it signs.",
        "Give the authority's own certificate, not a leaf.";
    AuthorityCannotSign = "NL0113", Refused, "the authority may not sign certificates",
        "Its keyUsage lacks keyCertSign (RFC 5280, 4.2.1.3).",
        "Make the authority with keyUsage keyCertSign.";
    AuthorityExpired = "NL0114", Refused, "the authority has expired",
        "An expired authority signs nothing that a peer accepts.",
        "Give a new authority; newleaf rolls it over.";
    AuthorityNotYetValid = "NL0115", Refused, "the authority is not valid yet",
        "Its notBefore lies in the future.",
        "Check the clock, or wait.";
    AuthorityUnlintable = "NL0116", Refused, "the authority's certificate breaks a rule that peers enforce",
        "PostgreSQL, libpq and Node (OpenSSL) or rustls would refuse a chain through it: an empty subject, a serial number that is not positive, a weak signature or key, or an extension that they do not accept. What only strict verifiers refuse is a warning.",
        "Make the authority again with a current tool.";
    ChainIncomplete = "NL0117", Refused, "the authority's chain does not reach a root",
        "An intermediate authority needs its chain up to a self-signed root: PostgreSQL and libpq accept no other anchor. Each certificate must be signed by the next one, and its authority key identifier must fit that one.",
        "Add the missing certificates to the chain; where one does not fit, get the chain that belongs to this root from its owner.";
    ChainForbids = "NL0118", Refused, "the authority's chain forbids these leaves",
        "A path length, a name constraint or an extended key usage above the leaf does not allow it. OpenSSL holds a role that looks like a host name (`svc.backstage`) to constraints on DNS names, too.",
        "Use an authority whose constraints allow the names and usages asked for, or other names.";
    IssueRefused = "NL0120", ProofFailed, "the new leaf does not verify",
        "A leaf was made and then failed its own verification. It was not written.",
        "Please report it, with the authority's certificate (never its key).";
    RehearsalFailed = "NL0121", ProofFailed, "the rehearsal handshake failed",
        "Before anything is written, the new leaf and its peer complete a mutual TLS handshake in memory. This one did not; nothing was written.",
        "Read the reason; it is the one the peer would have given.";
    NameInvalid = "NL0122", Configuration, "not a name that a certificate may carry",
        "A DNS name, an IP address or a common name is empty, too long, or has characters that are not allowed.",
        "Use host names without wildcards and underscores, for example `postgres.backstage.svc`.";
    KeyGeneration = "NL0123", Temporary, "the key could not be generated",
        "The cryptographic library reported an error while making a key.",
        "Try again; if it stays, report it.";
    AuthorityKeyMissing = "NL0124", Refused, "the authority's key is missing",
        "There is a certificate but no private key beside it, so nothing can be signed.",
        "Put the key beside the certificate.";

    // 02xx: deciding and running
    AuthorityMissing = "NL0201", Refused, "there is no authority",
        "`rotate` never makes one: a missing authority may be a lost one.",
        "Run `newleaf bootstrap`, or restore the authority from its backup.";
    AuthorityLost = "NL0202", Refused, "there are leaves but no authority",
        "The leaves were signed by an authority that is gone. A new one is never made silently.",
        "Restore the authority from its backup, or roll over to a new one: `newleaf rotate --now --authority`.";
    StepNotAllowed = "NL0203", Bug, "the plan breaks an invariant",
        "The checker of plans found a step that could break a working connection. It was not taken.",
        "Please report it with the output of `newleaf plan -o json`.";
    ProofMissing = "NL0204", ProofFailed, "a consumer did not load the new certificate",
        "The files are right and the consumer was told, but what it shows is not the new certificate.",
        "Look at the consumer's log; `newleaf status` names what it shows.";
    DeadlineExceeded = "NL0205", Temporary, "out of time",
        "The step or the run reached its deadline. What was done is kept; the next run continues.",
        "Run it again; raise the deadline if the work is slow but healthy.";
    Interrupted = "NL0206", Interrupted, "interrupted",
        "A signal asked the run to stop. It stopped between two steps; nothing is half done.",
        "Run it again to finish.";
    ClockDiffers = "NL0207", Temporary, "the clock differs from the database's",
        "A certificate issued on a wrong clock may be refused by every peer, so none is issued.",
        "Set the clock of this machine; then run it again.";
    TooManySteps = "NL0208", Bug, "the run does not come to an end",
        "The run took more steps than any rotation needs.",
        "Please report it with the output of `newleaf plan -o json`.";
    WriteConflict = "NL0209", Conflict, "someone else wrote it first",
        "The object changed between our read and our write. Nothing was overwritten.",
        "Run it again; if it repeats, find the second writer.";
    LeaseHeld = "NL0210", Temporary, "another run is at work",
        "One writer at a time. The other run held the lock until our deadline.",
        "Wait for it to end; `newleaf status` shows what is left to do.";
    StoredUnreadable = "NL0211", Refused, "what is stored cannot be read",
        "The stored authority is present but damaged. It is never replaced silently.",
        "Restore it from its backup.";
    SignerMissing = "NL0212", Refused, "no authority can sign",
        "Every authority at hand is expired, retiring without a successor, or not yet loaded by a peer that must trust it.",
        "`newleaf plan` names each authority and what it lacks.";
    AuthorityForeign = "NL0213", Refused, "the authority is not ours to roll over",
        "The authority was brought by someone else; newleaf neither renews nor replaces it.",
        "Put the new authority in its place; newleaf does the rest.";
    ConsumersUnknown = "NL0214", Refused, "no consumer is configured to show what it has loaded",
        "A new authority may sign only when every peer has loaded it. With no consumer configured for a peer, or on a host with no database to ask, nothing shows that.",
        "Name the consumers of both leaves in the configuration, with `pickup: login` for those that read the files at each login, and the endpoints of the database.";
    RolloverUnfinished = "NL0215", Refused, "earlier rollovers are not finished",
        "Too many generations of the authority are alive. Another one would hide why the earlier ones do not finish.",
        "`newleaf status` names what has not loaded the newest generation.";
    RevocationList = "NL0216", Refused, "PostgreSQL checks revocation lists",
        "PostgreSQL has ssl_crl_file or ssl_crl_dir. With a list it refuses every certificate of an authority that has none, so a \
         new authority would lock every client out. The leaves of the present authority are still renewed.",
        "Unset ssl_crl_file and ssl_crl_dir, reload, and run again: the rollover itself revokes all that the old authority has \
         signed. Where lists are mandatory, bring an authority whose lists you keep.";

    // 03xx: the directory and its processes
    DirectoryUnusable = "NL0301", Refused, "the directory cannot be used",
        "It is not a directory, or a path in it is not what newleaf put there.",
        "Name an empty directory, or restore this one from its backup with its links (`cp -a`, `rsync -a`).";
    FileRead = "NL0302", Temporary, "a file could not be read",
        "The operating system reported an error.",
        "Look at the file and its disk.";
    FileWrite = "NL0303", Temporary, "a file could not be written",
        "The operating system reported an error. The old generation is still in place.",
        "Look at the disk: full, read-only or failing.";
    FileDenied = "NL0304", Denied, "permission denied on a file",
        "The process may not read or write a path that it needs.",
        "Run as the owner of the directory, or give it the right.";
    OwnerUnknown = "NL0305", Configuration, "no such user or group",
        "The configured owner of the files does not exist on this machine.",
        "Create the user, or name another one.";
    ConsumerCommandFailed = "NL0306", ProofFailed, "the consumer's command failed",
        "The command that reloads or restarts a consumer ended with an error.",
        "Run the command by hand; its output is above.";
    ConsumerSignalFailed = "NL0307", Temporary, "the consumer could not be signalled",
        "Its pid file is unreadable or names a process that may not be signalled.",
        "Check the pid file and the rights of this process.";
    ConsumerTimeout = "NL0308", Temporary, "the consumer did not finish in time",
        "A reload or restart was started and did not end before its deadline.",
        "Look at the consumer; the next run continues.";
    LockFailed = "NL0309", Temporary, "the lock could not be taken",
        "The lock file cannot be opened or locked on this file system.",
        "Use a local file system.";
    PathExposed = "NL0310", Refused, "another user can change what newleaf relies on",
        "A directory on the way, the configuration file, a lock, a mark or a key belongs to another user than root and newleaf's own, or others may write it. \
         That user could make newleaf run commands, sign with another authority or give files away. Nothing was done.",
        "Run the command that the hint names, or run newleaf as the owner.";
    PidForeign = "NL0311", Refused, "a pid file names another user's process",
        "A signal goes only to a process whose user owns the pid file, or to the one that a pid file of root names where only root can change it. This process was not signalled.",
        "Check `pidFile`. Where the process is a container's, use `command: [docker, kill, -s, HUP, NAME]`.";
    PidOfContainer = "NL0312", Configuration, "a pid file holds the pid within a container",
        "A container's first process has pid 1 there. On this host that number is init's, which is never signalled. Nothing was written.",
        "Leave out `pidFile` and `signal`, and reach the container by a command: `command: [docker, kill, -s, HUP, NAME]`.";
    FileTimeout = "NL0313", Temporary, "a file system did not answer in time",
        "A file could not be read or written before the deadline, as when a network file system's server is gone. A write may still take effect; the next run reads what is there and continues.",
        "Look at the disk or the mount that the path is on.";
    PidFileMissing = "NL0320", Configuration, "a pid file was never seen where it is configured",
        "A consumer's pidFile is not there, and newleaf has never seen its process: it may run with its pid file elsewhere. That is no \
         evidence that it does not run.",
        "Name the right file (`pidFile`; a new major version of PostgreSQL has another data directory), or start the consumer once.";

    // 04xx: PostgreSQL
    ServerUnreachable = "NL0401", Temporary, "the server cannot be reached",
        "No TCP connection could be made.",
        "Check address, port and that the server runs.";
    ServerWithoutTls = "NL0402", ProofFailed, "the server does not offer TLS",
        "It answered the SSLRequest with N (PostgreSQL manual, 55.2.11): `ssl` is off or its files were refused at start.",
        "Set `ssl = on` and look at the server's log.";
    ServerNotPostgres = "NL0403", Refused, "the server is not PostgreSQL itself",
        "The answer to the SSLRequest was neither S nor N; or the session did not start as PostgreSQL starts one, because a pooler such as PgBouncer stands before it. A pooler shows neither who is connected nor which files PostgreSQL has loaded.",
        "Check the port; name PostgreSQL itself as the endpoint.";
    HandshakeFailed = "NL0404", ProofFailed, "the TLS handshake failed",
        "The server was reached but no TLS session could be made with it.",
        "Read the reason; look at the server's log.";
    SessionRefused = "NL0405", Denied, "the database refused the login",
        "The server refused the session that observes and reloads: certificate, role or pg_hba.conf.",
        "Try the same with psql; look at the server's log.";
    QueryFailed = "NL0406", Temporary, "a query failed",
        "The observing session was open, and a query in it failed.",
        "Look at the server's log.";
    ReloadRefused = "NL0407", ProofFailed, "PostgreSQL refused the new files",
        "The files arrived and the reload was done, but the server still shows the old certificate. The same files would keep it from starting, so it is not restarted.",
        "Look for `SSL configuration was not reloaded` in the server's log: owner, mode, key or chain.";
    StaleCertificate = "NL0408", ProofFailed, "an old certificate is still in use",
        "After pick-up, a server endpoint or a client session still shows another serial than the current one.",
        "`newleaf status` names it; restart what it names.";
    QueryDenied = "NL0409", Denied, "the database role lacks a right",
        "The observing session may not run a query that it needs: who is connected with which certificate (pg_monitor), or, for a reload, the hashes of the server's files and the reload itself.",
        "Use a superuser, or grant to the role: pg_monitor, pg_read_server_files, and EXECUTE on pg_reload_conf(), pg_stat_file(text, boolean) and pg_read_binary_file(text, bigint, bigint, boolean).";
    ServerTimeout = "NL0410", Temporary, "the server did not answer in time",
        "A connection was made or tried, and nothing came back before the deadline.",
        "Check the network between here and there, and the load of the server.";
    ConnectionClosed = "NL0411", Temporary, "the server closed the connection",
        "The server hung up in the middle of a handshake or a query: it is starting, stopping, or something between us cut the line.",
        "Try again; look at the server's log.";
    ClientMaterialUnusable = "NL0412", Refused, "the stored client leaf cannot be used for a login",
        "Key, certificate or trust bundle of the client are missing or damaged, so nothing can be observed from within the database.",
        "`newleaf status` shows what is wrong with it; a rotation replaces it.";
    ClientLeafRefused = "NL0413", Denied, "the server does not accept the stored client leaf",
        "The server broke off the handshake because of the client's certificate: it has ended, or the server has loaded no authority that signed it, as when the authority itself has ended. Nobody can log in, so nobody can make it reload through the database.",
        "Start the server anew, so that it loads the stored files, and run again; on Kubernetes `kubectl rollout restart`, or `fallback: {restart: true}` at the consumer, which does it by itself.";
    ServerBusy = "NL0414", Temporary, "the database takes no session now",
        "PostgreSQL is starting, shutting down, recovering, out of connections, memory or disk, or was told to end the session.",
        "Wait; the next run tries again. If it stays: raise max_connections or the role's connection limit, and read PostgreSQL's log.";

    // 05xx: command line and configuration
    ConfigurationUnreadable = "NL0501", Configuration, "the configuration cannot be read",
        "The file is missing or is not UTF-8.",
        "Check the path given by --config.";
    ConfigurationInvalid = "NL0502", Configuration, "the configuration is not valid",
        "The file is not YAML of the documented shape; line and column are named.",
        "Compare it with docs/reference/configuration.md.";
    ValueInvalid = "NL0503", Configuration, "a value is not allowed",
        "A value in the file, a flag or a variable is outside of what makes sense, alone or with another one.",
        "The message names the value and its limits.";
    OutputFailed = "NL0505", Temporary, "the output could not be written",
        "Standard output could not be written to.",
        "Check where it goes.";
    RuntimeFailed = "NL0506", Bug, "the process could not start its runtime",
        "The operating system refused what the process needs before it can do anything.",
        "Check limits on threads and file descriptors.";
    UnknownCode = "NL0507", Usage, "no such code",
        "`explain` was asked for a code that does not exist.",
        "`newleaf explain` lists them.";
    DurationInvalid = "NL0508", Configuration, "not a duration",
        "Durations are whole numbers with a unit: d, h, m or s. A bare number is refused, because seconds, hours and days look the same.",
        "Write it like 45d, 12h, 90s or 1h30m.";
    ValuesContradict = "NL0509", Configuration, "two values contradict each other",
        "Each value makes sense alone; together they cannot hold, for example a leaf that is replaced after its end.",
        "The message names the values and where each was given; change one of them.";
    ConsumerInvalid = "NL0510", Configuration, "a consumer cannot be made to load its leaf",
        "A consumer has a unique name and exactly one way of pick-up: a reload with one trigger, or a restart with its command.",
        "Compare it with the consumers in docs/reference/configuration.md.";
    ModeInvalid = "NL0511", Configuration, "a file mode is not allowed",
        "PostgreSQL and libpq refuse a private key that others may read (PostgreSQL manual, 19.9.3), and nobody but the owner may write either file.",
        "Use \"0600\" for keys, or \"0640\" with owner root; \"0644\" for certificates.";
    EndpointInvalid = "NL0512", Configuration, "not an endpoint",
        "An endpoint is a host name or an IP address, with a port from 1 to 65535; 5432 if none is given.",
        "Write it like db.example.org:5432 or [::1]:5432.";
    PathInvalid = "NL0513", Configuration, "a path is not allowed",
        "A path is empty or climbs out of a directory with `..`, so what it names depends on links on the way.",
        "Write the path that is meant, without `..`.";
    DirectoryMissing = "NL0514", Configuration, "neither a namespace nor a directory was named",
        "newleaf keeps authority and leaves in Secrets of a namespace or in a directory. No place was named, and no kubeconfig was found.",
        "On Kubernetes: give --namespace NAME, with a kubeconfig that KUBECONFIG or --kubeconfig names. On a host: give --directory DIR, set \
         NEWLEAF_DIRECTORY, or write `directory:` in the file that --config names.";
    AlgorithmUnknown = "NL0515", Configuration, "no such key algorithm",
        "The algorithm is not one that newleaf generates keys for.",
        "Use ecdsa-p256 unless there is a reason for another.";
    ConfigurationForeign = "NL0516", Configuration, "the configuration in the cluster reaches beyond it",
        "A configuration that is kept in a cluster names a directory, a command, a process or an owner of files, which are of the machine it is read on; or its ConfigMap names another namespace than its own. The writers of a ConfigMap do not rule over machines, nor over a person's rights elsewhere.",
        "Take it out of the ConfigMap. What is to be done on a machine stands in a file of that machine, named with `--config`.";
    DirectoryAbsent = "NL0517", Configuration, "the directory does not exist",
        "Only `bootstrap` makes a directory. For every other command a missing one is mistyped or not mounted.",
        "Check --directory and its mount; run `newleaf bootstrap` where nothing was made yet.";

    // 06xx: Kubernetes
    ApiUnreachable = "NL0601", Temporary, "the API server cannot be reached",
        "No connection to the API server could be made, or it broke before an answer was complete.",
        "Check the kubeconfig's context, the network and that the API server runs.";
    ApiTimeout = "NL0602", Temporary, "the API server did not answer in time",
        "The request was sent and may have taken effect; the next run reads what is there and continues.",
        "Run it again; look at the API server if it stays.";
    ApiUnauthorized = "NL0603", Temporary, "the API server does not accept the credentials",
        "The token or the client certificate is missing, wrong or has expired; or what the API server itself asks about them does not answer, which it tells in the same words. In a pod the kubelet renews the token, so another try may be accepted.",
        "On a laptop log in again. In a pod the next try of the Job follows by itself; if it stays, look at its service account.";
    ApiForbidden = "NL0604", Denied, "a right is missing",
        "No Role allows the account what is needed. The hint is the rule that is missing. An API server that was just started \
         refuses everybody until it knows its Roles; its refusal is not believed before it is ready.",
        "Add the rule to the account's Role; `newleaf manifests` prints all of them.";
    ApiError = "NL0605", Temporary, "the API server answered with an error",
        "The request was understood and could not be carried out.",
        "Read the answer; an admission policy or a webhook may have refused it.";
    ObjectMissing = "NL0606", Refused, "an object of the cluster is missing",
        "A workload or another object that the configuration names is not there.",
        "Check its name and namespace, and those in the configuration.";
    AnswerTooLarge = "NL0607", Temporary, "an answer of the API server is too large",
        "newleaf reads answers up to a limit, and lists page by page up to a number of pages, so that no answer fills its memory or takes for ever. Nothing was decided on what was read of it.",
        "Look at the object or the list that the message names: an object of several MiB, or a list that never ends, is no ordinary one.";
    RequestRefused = "NL0608", Refused, "the API server refused the request",
        "The account has the right, and the API server does not do it: it finds the request invalid, or an admission policy, a webhook or a quota refuses it.",
        "Read the answer: it names the policy, the webhook, the quota or the field.";
    AnswerForeign = "NL0609", Temporary, "the answer is not what was asked for",
        "What answered may not be the API server: a load balancer, a proxy, a login page. Or the answer lacks its kind, the asked name and namespace, its uid or its version, or is cut off. Nothing was decided on it, and nothing was written.",
        "Run it again; if it stays, look at what stands between here and the API server.";
    ConsentMissing = "NL0610", Refused, "no consent was given to what is touched outside of the namespace",
        "With `--local` newleaf works with the rights of the person who runs it. The configuration that is kept in the cluster names workloads in other namespaces, which those rights would change.",
        "Look at what is named, and say `--yes`; or leave out `--local`, so that the Job works with its own rights.";
    KubeconfigMissing = "NL0611", Configuration, "no cluster is configured",
        "There is no kubeconfig, and this is not a pod with a service account.",
        "Name one with --kubeconfig or $KUBECONFIG, or give `--directory` to work without a cluster.";
    KubeconfigUnusable = "NL0612", Configuration, "the access to the cluster cannot be used",
        "The kubeconfig, a file that it names, or the service account's files are unreadable or not what they should be.",
        "Try `kubectl version` with the same kubeconfig and context.";
    ContextMissing = "NL0613", Configuration, "no such context",
        "The kubeconfig has no context of that name, or the context names a cluster that is not there.",
        "`kubectl config get-contexts` lists them.";
    NamespaceMissing = "NL0614", Refused, "the namespace does not exist",
        "Secrets and the Lease are kept in a namespace that somebody else makes.",
        "Create the namespace, or name another one with --namespace.";
    NamespaceTerminating = "NL0615", Refused, "the namespace is being deleted",
        "Nothing can be created in a namespace that is being deleted.",
        "Wait until it is gone and create it again, or name another one with --namespace.";
    SecretForeign = "NL0621", Refused, "the Secret belongs to somebody else",
        "It lacks the label app.kubernetes.io/managed-by: newleaf, or another field manager wrote its values. Nothing was overwritten.",
        "Name another Secret, or hand it over for good with `--adopt`. If another controller writes it, stop that one first.";
    SecretImmutable = "NL0622", Refused, "the Secret is immutable",
        "Its values can never change, so a leaf in it can never be renewed.",
        "Delete it and run `newleaf bootstrap`, or name another Secret.";
    SecretTypeWrong = "NL0623", Refused, "the Secret is of another type",
        "The type of a Secret never changes, and Kubernetes or a controller gives types other than Opaque and kubernetes.io/tls a meaning.",
        "Name another Secret, or delete this one and run `newleaf bootstrap`.";
    SecretTooLarge = "NL0624", Refused, "the Secret would be too large",
        "A Secret holds 1 MiB in all. What others keep in it counts too.",
        "Move the other values to a Secret of their own.";
    SecretAbsent = "NL0625", Denied, "the Secret does not exist and may not be created",
        "The account of a rotation may change the Secrets that it is given and create none. Bootstrap creates them.",
        "Run `newleaf bootstrap` with an account that may create Secrets.";
    LeaseAbsent = "NL0631", Denied, "the Lease does not exist and may not be created",
        "The account of a rotation may change the Lease and not create it. Bootstrap creates it.",
        "Run `newleaf bootstrap` with an account that may create Leases.";
    RolloutFailed = "NL0641", ProofFailed, "a rollout did not finish",
        "The workload is marked for new pods and they did not become available in time. Kubernetes keeps the old ones where the workload's strategy allows; nothing was undone.",
        "Mend what the message names for the pod; Kubernetes goes on by itself, and the next run finishes.";
    RolloutHalted = "NL0642", Refused, "Kubernetes was told not to replace the pods",
        "The Deployment is paused, the update strategy is OnDelete, or a partition keeps pods on the former template. Somebody wants it so, and newleaf does not overrule them.",
        "Let it go on, or replace the pods by hand; the next run finishes.";
    RestartReverted = "NL0643", Refused, "someone took the restart's annotation away",
        "newleaf marked the pod template with a hash of what is stored, and another field manager removed or changed it, so Kubernetes goes back to the former template.",
        "Find the controller among those that the hint names, and make it ignore the annotations newleaf.dev/server-hash and newleaf.dev/client-hash.";
    FieldConflict = "NL0644", Refused, "another field manager owns the restart's annotation",
        "newleaf changes its own fields only, by server-side apply without force, and someone else has written the same annotation.",
        "Remove the annotation there; newleaf sets it.";
    FilesNotProjected = "NL0645", Temporary, "the kubelet has not brought the new files",
        "A Secret that is mounted as a volume reaches its pods within about two minutes; a `subPath` mount never changes.",
        "Give the step more time, set `nudge: true`, or `fallback: {restart: true}` where the Secret is mounted by subPath.";
    TemplateMissing = "NL0661", Refused, "there is no CronJob to make a Job from",
        "A forced rotation from outside of the cluster runs as a Job made from the CronJob `newleaf`, which is not there or is someone else's.",
        "Apply the manifests, or name the namespace; `--local` works without a Job.";
    JobStuck = "NL0662", Temporary, "the Job does not start",
        "The Job was made, and its pod does not run: an image that cannot be pulled, no node with room, a quota, a policy.",
        "Mend what is named; the Job goes on by itself until its deadline. Asked for again after a minute, a rotation whose Job has no pod gets another Job beside it.";
    JobUnfinished = "NL0663", Temporary, "the Job has not ended in time",
        "The Job was waited for longer than it may run; the cluster's Job controller may be away.",
        "Look at it with kubectl describe job; `newleaf status` shows what it has done.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_ordered() {
        let texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        let unique: BTreeSet<_> = texts.iter().copied().collect();
        assert_eq!(texts, unique.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn every_page_has_sentences() {
        for code in Code::ALL {
            assert!(code.meaning().ends_with('.'), "{code}: meaning");
            assert!(code.remedy().ends_with('.'), "{code}: remedy");
            assert!(!code.title().ends_with('.'), "{code}: title");
        }
    }
}
