//! The table of codes: one row has the class, title, meaning and remedy of a code.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::diagnosis::Class;
use crate::diagnosis::deployer_codes::with_deployer_codes;
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

with_deployer_codes!(codes {
    // 01xx: reading keys, certificates, authorities and bundles
    InputTooLarge = "NL0101", Refused, "the input is larger than any certificate file",
        "A PEM input was larger than the limit. Nothing was parsed.",
        "Check that the right file or Secret key is named.";
    PemMissing = "NL0102", Refused, "no PEM block of the wanted kind",
        "The input contains no PEM block of the wanted kind: it is empty, is DER, or contains something else.",
        "Write it as PEM: `openssl x509 -in FILE -inform DER -out FILE.pem`, or name the right file.";
    PemBroken = "NL0103", Refused, "a PEM block cannot be read",
        "A PEM block is cut off, its end line does not match its begin line, or its base64 is wrong.",
        "Copy the file again: whole lines with real line breaks, from BEGIN to END, and one block after the other.";
    KeyEncrypted = "NL0104", Refused, "the private key is encrypted",
        "The key needs a passphrase, and a job that runs at night cannot ask for one.",
        "Decrypt it into a file that only the job can read: `openssl pkey -in FILE -out FILE`.";
    KeyKindUnsupported = "NL0105", Refused, "the key is of a kind that is not supported",
        "Supported are ECDSA P-256 and P-384, Ed25519, RSA of 2048 to 4096 bits, as PKCS#8, SEC1 or PKCS#1.",
        "Make a key of a supported kind.";
    KeyBroken = "NL0106", Refused, "the private key cannot be read",
        "The PEM block is complete, but its content is not a valid private key.",
        "Check the file with `openssl pkey -in FILE -check -noout`.";
    KeyAmbiguous = "NL0107", Refused, "more than one private key",
        "The input contains several private keys, so newleaf cannot know which one to use.",
        "Leave one key in the file.";
    CertificateBroken = "NL0108", Refused, "the certificate cannot be read",
        "The PEM block is complete, but its content is not an X.509 v3 certificate in DER.",
        "Check the file with `openssl x509 -in FILE -noout -text`.";
    CertificateDuplicate = "NL0109", Refused, "the same certificate twice",
        "A chain or bundle from a person contains the same certificate more than once.",
        "Remove the copy.";
    TooManyCertificates = "NL0110", Refused, "more certificates than a chain or bundle can have",
        "The limit keeps a broken file from becoming a slow or huge one.",
        "Check that the right file is named.";
    KeyMismatch = "NL0111", Refused, "key and certificate do not belong together",
        "The public key in the certificate is not that of the private key.",
        "Compare `openssl x509 -in CRT -noout -pubkey` with `openssl pkey -in KEY -pubout`.";
    AuthorityNotCa = "NL0112", Refused, "the certificate is not an authority",
        "It has no basicConstraints with CA:TRUE (RFC 5280, 4.2.1.9), so no peer accepts certificates that it signs.",
        "Give the authority's own certificate, not a leaf.";
    AuthorityCannotSign = "NL0113", Refused, "the authority may not sign certificates",
        "Its keyUsage lacks keyCertSign (RFC 5280, 4.2.1.3).",
        "Create the authority with keyUsage keyCertSign.";
    AuthorityExpired = "NL0114", Refused, "the authority has expired",
        "No peer accepts a certificate of an expired authority.",
        "Give a new authority; newleaf rolls it over.";
    AuthorityNotYetValid = "NL0115", Refused, "the authority is not valid yet",
        "Its notBefore lies in the future.",
        "Check the clock, or wait.";
    AuthorityUnlintable = "NL0116", Refused, "the authority's certificate breaks a rule that peers enforce",
        "PostgreSQL, libpq and Node (OpenSSL) or rustls would refuse a chain through it: an empty subject, a serial number that is not positive, a weak signature or key, or an extension that they do not accept. newleaf only warns about properties that stricter verifiers refuse.",
        "Create the authority again with a current tool.";
    ChainIncomplete = "NL0117", Refused, "the authority's chain does not reach a root",
        "An intermediate authority needs its chain up to a self-signed root: PostgreSQL and libpq accept no other anchor. Each certificate must be signed by the next one, and its authority key identifier must fit that one.",
        "Add the missing certificates to the chain. If one does not fit, get the chain of this root from its owner.";
    ChainForbids = "NL0118", Refused, "the authority's chain forbids these leaves",
        "A path length, a name constraint or an extended key usage above the leaf does not allow it. OpenSSL also applies constraints on DNS names to a role that looks like a host name (`svc.backstage`).",
        "Use an authority whose constraints allow the configured names and usages, or other names.";
    IssueRefused = "NL0120", ProofFailed, "the new leaf does not verify",
        "newleaf issued a leaf, and the leaf failed verification. newleaf did not write it.",
        "Report it with the authority's certificate (never its key).";
    RehearsalFailed = "NL0121", ProofFailed, "the rehearsal handshake failed",
        "Before newleaf writes a leaf, the leaf and its peer must complete a mutual TLS handshake in memory. This one failed, so newleaf wrote nothing.",
        "Read the reason: the peer would have given the same one.";
    NameInvalid = "NL0122", Configuration, "not a name that a certificate may carry",
        "A DNS name, an IP address or a common name is empty, too long, or has forbidden characters.",
        "Use host names without wildcards and underscores, for example `postgres.backstage.svc`.";
    KeyGeneration = "NL0123", Temporary, "the key could not be generated",
        "The cryptographic library reported an error while it generated a key.",
        "Try again. Report it if it persists.";
    AuthorityKeyMissing = "NL0124", Refused, "the authority's key is missing",
        "The authority has a certificate but no private key, so newleaf cannot sign with it.",
        "Store the key next to the certificate.";

    // 02xx: deciding and running
    AuthorityMissing = "NL0201", Refused, "there is no authority",
        "`rotate` never creates an authority, because a missing one may be a lost one.",
        "If an authority existed, restore it from its backup; otherwise run `newleaf bootstrap`.";
    AuthorityLost = "NL0202", Refused, "there are leaves but no authority",
        "The authority that signed the leaves is gone. newleaf never creates a new one without a request.",
        "Restore the authority from its backup, or roll over to a new one: `newleaf rotate --now --authority`.";
    StepNotAllowed = "NL0203", Bug, "the plan breaks an invariant",
        "The independent checker found a step that could break a working connection. newleaf did not take it.",
        "Report it with the output of `newleaf plan -o json`.";
    ProofMissing = "NL0204", ProofFailed, "a consumer did not load the new certificate",
        "The files are right and newleaf made the consumer load them, but it does not show the new certificate.",
        "Look at the consumer's log; `newleaf status` names what the consumer shows.";
    DeadlineExceeded = "NL0205", Temporary, "out of time",
        "The step or the run reached its deadline. Completed steps stay; the next run continues.",
        "Run again, and raise the deadline if the work is slow but healthy.";
    Interrupted = "NL0206", Interrupted, "interrupted",
        "A signal asked the run to stop. It stopped between two steps; nothing is half done.",
        "Run again to finish.";
    ClockDiffers = "NL0207", Temporary, "the clock differs from the database's",
        "Peers may refuse a certificate issued with a wrong clock, so newleaf issues none.",
        "Correct the clock of this machine, then run again.";
    TooManySteps = "NL0208", Bug, "the run does not come to an end",
        "The run took more steps than any rotation needs.",
        "Report it with the output of `newleaf plan -o json`.";
    WriteConflict = "NL0209", Conflict, "another writer was first",
        "Another writer changed the object between newleaf's read and write. newleaf overwrote nothing.",
        "Run again. If it repeats, find the second writer.";
    LeaseHeld = "NL0210", Temporary, "another run holds the lease",
        "Only one run writes at a time. The other run held the lease until our deadline.",
        "Wait until it ends; `newleaf status` then shows what is left to do.";
    StoredUnreadable = "NL0211", Refused, "the stored authority is unreadable",
        "The stored authority exists but is damaged. newleaf never replaces it without a request.",
        "Restore it from its backup.";
    SignerMissing = "NL0212", Refused, "no authority can sign",
        "Every stored authority is expired, retiring without a successor, or not yet loaded by a peer that must trust it.",
        "Run `newleaf plan`: it names each authority and what it lacks.";
    AuthorityForeign = "NL0213", Refused, "newleaf does not own the authority",
        "Another tool or a person keeps the authority; newleaf neither renews nor replaces it.",
        "Make its owner put the new authority in its place; newleaf does the rest.";
    ConsumersUnknown = "NL0214", Refused, "no consumer is configured to show what it has loaded",
        "A new authority may sign only once every peer has loaded it. Without a consumer for a peer, or on a host without a database, nothing shows that.",
        "List the consumers of both leaves in the configuration, with `pickup: login` for those that read the files at each login, and the endpoints of the database.";
    RolloverUnfinished = "NL0215", Refused, "earlier rollovers are not finished",
        "Too many generations of the authority are stored. Another one would hide why the earlier rollovers do not finish.",
        "Run `newleaf status`: it names the consumers that have not loaded the newest generation.";
    RevocationList = "NL0216", Refused, "PostgreSQL checks revocation lists",
        "PostgreSQL has ssl_crl_file or ssl_crl_dir. With a list it refuses every certificate of an authority that has none, so a \
         new authority would lock every client out. newleaf still renews the leaves with the present authority.",
         "Unset ssl_crl_file and ssl_crl_dir, reload, and run again: the rollover itself revokes every certificate of the old \
          authority. If lists are mandatory, use an external authority whose lists you maintain.";

    // 03xx: the directory and its processes
    DirectoryUnusable = "NL0301", Refused, "the directory cannot be used",
        "It is not a directory, or a path in it does not refer to what newleaf put there.",
        "Name an empty directory, or restore this one from its backup with its links (`cp -a`, `rsync -a`).";
    FileRead = "NL0302", Temporary, "a file could not be read",
        "The operating system reported an error.",
        "Check the file and its disk.";
    FileWrite = "NL0303", Temporary, "a file could not be written",
        "The operating system reported an error. The old generation is still in place.",
        "Check the disk: it may be full, read-only or failing.";
    FileDenied = "NL0304", Denied, "permission denied on a file",
        "The process may not read or write a path that it needs.",
        "Run newleaf as the owner of the directory, or grant it the right.";
    OwnerUnknown = "NL0305", Configuration, "no such user or group",
        "The configured owner of the files does not exist on this machine.",
        "Create the user, or name another one.";
    ConsumerCommandFailed = "NL0306", ProofFailed, "the consumer's command failed",
        "The command that reloads or restarts a consumer ended with an error.",
        "Run the command by hand; its output is above.";
    ConsumerSignalFailed = "NL0307", Temporary, "the consumer could not be signalled",
        "Its pid file is unreadable, or newleaf may not signal the process that it names.",
        "Check the pid file and the rights of this process.";
    ConsumerTimeout = "NL0308", Temporary, "the consumer did not finish in time",
        "A reload or restart did not end before its deadline.",
        "Look at the consumer; the next run continues.";
    LockFailed = "NL0309", Temporary, "the lock file cannot be locked",
        "The lock file cannot be opened or locked on this file system.",
        "Use a local file system.";
    PathExposed = "NL0310", Refused, "another user can change what newleaf relies on",
        "A directory of the path, the configuration file, a lock file, a pick-up record or a key belongs to a user other than root and newleaf's own, or other users may write it. \
         Such a user could make newleaf run commands, sign with another authority or give files away. newleaf did nothing.",
        "Run the command that the hint names, or run newleaf as the owner.";
    PidForeign = "NL0311", Refused, "a pid file names another user's process",
        "newleaf signals only a process whose user owns the pid file, or the process in a pid file that only root can change. It did not signal this process.",
        "Check `pidFile`. If the process runs in a container, use `command: [docker, kill, -s, HUP, NAME]`.";
    PidOfContainer = "NL0312", Configuration, "a pid file contains the pid within a container",
        "The first process of a container has pid 1 there. On this host pid 1 is init, which newleaf never signals. newleaf wrote nothing.",
        "Leave out `pidFile` and `signal`, and signal the container with a command: `command: [docker, kill, -s, HUP, NAME]`.";
    FileTimeout = "NL0313", Temporary, "a file system did not answer in time",
        "A read or write of a file did not end before the deadline, as when the server of a network file system is gone. A write may still take effect; the next run reads the result and continues.",
        "Check the disk or the mount of the path.";
    PidFileMissing = "NL0320", Configuration, "the configured pid file has never existed",
        "The pidFile of a consumer does not exist, and newleaf has never seen its process. The consumer may run with its pid file elsewhere, \
         so the missing file is no evidence that it does not run.",
        "Set `pidFile` to the right file (a new major version of PostgreSQL has another data directory), or start the consumer once.";

    // 04xx: PostgreSQL
    ServerUnreachable = "NL0401", Temporary, "the server cannot be reached",
        "newleaf could not open a TCP connection to the server.",
        "Check the address and the port, and that the server runs.";
    ServerWithoutTls = "NL0402", ProofFailed, "the server does not offer TLS",
        "It answered the SSLRequest with N (PostgreSQL manual, 55.2.11): `ssl` is off, or PostgreSQL refused its files at start.",
        "Set `ssl = on` and look at the server's log.";
    ServerNotPostgres = "NL0403", Refused, "the server is not PostgreSQL itself",
        "The answer to the SSLRequest was neither S nor N; or the session did not start as PostgreSQL starts one, because a pooler such as PgBouncer is in front of it. A pooler shows neither the connected clients nor the files that PostgreSQL has loaded.",
        "Check the port; name PostgreSQL itself as the endpoint.";
    HandshakeFailed = "NL0404", ProofFailed, "the TLS handshake failed",
        "newleaf reached the server, but the TLS handshake failed.",
        "Read the reason, and look at the server's log.";
    SessionRefused = "NL0405", Denied, "the database refused the login",
        "The server refused the session with which newleaf observes and reloads: certificate, role or pg_hba.conf.",
        "Try the same login with psql, and look at the server's log.";
    QueryFailed = "NL0406", Temporary, "a query failed",
        "newleaf had logged in, and a query in the session failed.",
        "Look at the server's log.";
    ReloadRefused = "NL0407", ProofFailed, "PostgreSQL refused the new files",
        "The files arrived and the server reloaded, but it still shows the old certificate. The same files would keep it from starting, so newleaf does not restart it.",
        "Look for `SSL configuration was not reloaded` in the server's log: owner, mode, key or chain.";
    StaleCertificate = "NL0408", ProofFailed, "an old certificate is still in use",
        "After the pick-up, a server endpoint or a client session still shows another serial than the current one.",
        "Restart the consumer that `newleaf status` names.";
    QueryDenied = "NL0409", Denied, "the database role lacks a right",
        "The database role may not run a query that newleaf needs: for the connected clients and their certificates (pg_monitor), or, for a reload, for the hashes of the server's files and the reload itself.",
        "Use a superuser, or grant to the role: pg_monitor, pg_read_server_files, and EXECUTE on pg_reload_conf(), pg_stat_file(text, boolean) and pg_read_binary_file(text, bigint, bigint, boolean).";
    ServerTimeout = "NL0410", Temporary, "the server did not answer in time",
        "newleaf tried or made a connection, and the server did not answer before the deadline.",
        "Check the network between this machine and the server, and the load of the server.";
    ConnectionClosed = "NL0411", Temporary, "the server closed the connection",
        "The server closed the connection during a handshake or a query: it is starting or stopping, or the network broke the connection.",
        "Try again, and look at the server's log.";
    ClientMaterialUnusable = "NL0412", Refused, "the stored client leaf cannot be used for a login",
        "The key, certificate or trust bundle of the client is missing or damaged, so newleaf cannot log in and observe.",
        "Run `newleaf status` to see what is wrong; a rotation replaces the leaf.";
    ClientLeafRefused = "NL0413", Denied, "the server refused the stored client leaf",
        "The server ended the handshake because of the client's certificate: the certificate has expired, or the server has not loaded the authority that signed it, for example because that authority has expired. No client can log in, so newleaf cannot reload the server through the database.",
        "Restart the server so that it loads the stored files, and run again. On Kubernetes use `kubectl rollout restart`, or set `fallback: {restart: true}` at the consumer, and newleaf restarts it.";
    ServerBusy = "NL0414", Temporary, "PostgreSQL is temporarily unavailable",
        "PostgreSQL is starting, shutting down, recovering, or out of connections, memory or disk, or an administrator ended the session.",
        "Wait for the next run. If it persists, raise max_connections or the role's connection limit, and read PostgreSQL's log.";

    // 05xx: command line and configuration
    ConfigurationUnreadable = "NL0501", Configuration, "the configuration cannot be read",
        "The file is missing or is not UTF-8.",
        "Check the path given by --config.";
    ConfigurationInvalid = "NL0502", Configuration, "the configuration is not valid",
        "The file is not YAML of the documented shape. The message names line and column.",
        "Compare it with docs/reference/configuration.md.";
    ValueInvalid = "NL0503", Configuration, "a value is not allowed",
        "A value in the file, a flag or a variable is outside its limits, alone or together with another one.",
        "Change the value that the message names; the message also names its limits.";
    OutputFailed = "NL0505", Temporary, "the output could not be written",
        "newleaf could not write to standard output.",
        "Check where standard output goes.";
    RuntimeFailed = "NL0506", Bug, "the process could not start its runtime",
        "The operating system refused the resources that the process needs at its start.",
        "Check limits on threads and file descriptors.";
    UnknownCode = "NL0507", Usage, "no such code",
        "The code that `explain` should explain does not exist.",
        "Run `newleaf explain` for the list of codes.";
    DurationInvalid = "NL0508", Configuration, "not a duration",
        "Durations are whole numbers with a unit: d, h, m or s. newleaf refuses a bare number, because seconds, hours and days look the same.",
        "Write it like 45d, 12h, 90s or 1h30m.";
    ValuesContradict = "NL0509", Configuration, "two values contradict each other",
        "Each value is allowed alone, but not together with the other, for example a leaf that is replaced after its expiry.",
        "Change one of the values; the message names them and their origins.";
    ConsumerInvalid = "NL0510", Configuration, "a consumer has no valid pick-up",
        "A consumer has a unique name and exactly one way of pick-up: a reload with one trigger, or a restart with its command.",
        "Compare it with the consumers in docs/reference/configuration.md.";
    ModeInvalid = "NL0511", Configuration, "a file mode is not allowed",
        "PostgreSQL and libpq refuse a private key that other users may read (PostgreSQL manual, 19.9.3), and only the owner may write the files.",
        "Use \"0600\" for keys, or \"0640\" with owner root; \"0644\" for certificates.";
    EndpointInvalid = "NL0512", Configuration, "not an endpoint",
        "An endpoint is a host name or an IP address, with a port from 1 to 65535; 5432 if none is given.",
        "Write it like db.example.org:5432 or [::1]:5432.";
    PathInvalid = "NL0513", Configuration, "a path is not allowed",
        "A path is empty or contains `..`, so its target depends on links in the path.",
        "Write the path without `..`.";
    DirectoryMissing = "NL0514", Configuration, "neither a namespace nor a directory was named",
        "newleaf keeps the authority and the leaves in Secrets of a namespace or in a directory. You named no place, and newleaf found no kubeconfig.",
        "On Kubernetes: give --namespace NAME, with a kubeconfig that KUBECONFIG or --kubeconfig names. On a host: give --directory DIR, set \
         NEWLEAF_DIRECTORY, or write `directory:` in the file that --config names.";
    AlgorithmUnknown = "NL0515", Configuration, "no such key algorithm",
        "newleaf does not generate keys for this algorithm.",
        "Use ecdsa-p256 unless there is a reason for another.";
    ConfigurationForeign = "NL0516", Configuration, "the configuration in the cluster reaches beyond its namespace",
        "A configuration in a cluster names a directory, a command, a process or an owner of files of the machine that reads it, or its ConfigMap names another namespace than its own. Writers of a ConfigMap must not control other machines or a person's rights in other namespaces.",
        "Remove the value from the ConfigMap. Write values for a machine to a file on that machine, and name the file with `--config`.";
    DirectoryAbsent = "NL0517", Configuration, "the directory does not exist",
        "Only `bootstrap` creates the directory. For every other command a missing directory is a typing error or a missing mount.",
        "Check --directory and its mount, or run `newleaf bootstrap` to create the directory.";
    FiguresUnreadable = "NL0518", Temporary, "the figures for Prometheus cannot be read",
        "The ConfigMap newleaf-figures, or the file that is mounted from it, has other content than newleaf writes.",
        "Wait for the next run, which writes it anew. If another program writes it too, stop that program.";
    ListenFailed = "NL0519", Configuration, "newleaf cannot listen at the address",
        "Another process uses the port, the address is not of this machine, or the account may not use the port.",
        "Give another address with `--listen`, for example `--listen 0.0.0.0:9464`.";

    // 06xx: Kubernetes
    ApiUnreachable = "NL0601", Temporary, "the API server cannot be reached",
        "newleaf could not connect to the API server, or the connection broke before the answer was complete.",
        "Check the kubeconfig's context and the network, and that the API server runs.";
    ApiTimeout = "NL0602", Temporary, "the API server did not answer in time",
        "newleaf sent the request, and it may have taken effect; the next run reads the result and continues.",
        "Run again, and check the API server if it persists.";
    ApiUnauthorized = "NL0603", Temporary, "the API server rejected the credentials",
        "The token or the client certificate is missing, wrong or expired. The API server gives the same answer if the service that it asks about tokens does not answer. In a pod the kubelet renews the token, so a retry may succeed.",
        "On a laptop log in again. In a pod wait for the next try of the Job; if it persists, check its service account.";
    ApiForbidden = "NL0604", Denied, "permission denied by the API server",
        "No Role allows this request. The hint shows the missing rule. newleaf retries a 403 until /readyz succeeds, because an API \
         server that is starting denies every request.",
        "Add the rule to the account's Role; `newleaf manifests` prints all rules.";
    ApiError = "NL0605", Temporary, "the API server answered with an error",
        "The API server understood the request and could not carry it out.",
        "Read the answer; an admission policy or a webhook may have refused it.";
    ObjectMissing = "NL0606", Refused, "an object of the cluster is missing",
        "A workload or another object that the configuration names does not exist.",
        "Check the name and namespace in the configuration.";
    AnswerTooLarge = "NL0607", Temporary, "an answer of the API server is too large",
        "newleaf reads answers up to a limit, and lists page by page up to a number of pages, so that no answer fills its memory or takes for ever. It did not use the part that it had read.",
        "Look at the object or the list that the message names: an object of several MiB or an endless list is unusual.";
    RequestRefused = "NL0608", Refused, "the API server refused the request",
        "The account has the right, but the API server finds the request invalid, or an admission policy, a webhook or a quota refuses it.",
        "Read the answer: it names the policy, the webhook, the quota or the field.";
    AnswerForeign = "NL0609", Temporary, "the answer is not the requested object",
        "The answer may come from a load balancer, a proxy or a login page instead of the API server. Or it lacks its kind, the requested name and namespace, its uid or its version, or it is cut off. newleaf ignored it and wrote nothing.",
        "Run again. If it persists, check the proxies and load balancers in front of the API server.";
    ConsentMissing = "NL0610", Refused, "changes outside the namespace need your consent",
        "With `--local` newleaf works with your rights. The configuration in the cluster names workloads in other namespaces, which newleaf would change with those rights.",
        "Check the workloads that the message names, and give `--yes`; or leave out `--local`, so that the Job works with its own rights.";
    KubeconfigMissing = "NL0611", Configuration, "no cluster is configured",
        "There is no kubeconfig, and this is not a pod with a service account.",
        "Name a kubeconfig with --kubeconfig or $KUBECONFIG, or give `--directory` to work without a cluster.";
    KubeconfigUnusable = "NL0612", Configuration, "the access to the cluster is unusable",
        "The kubeconfig, a file that it names, or a file of the service account is unreadable or invalid.",
        "Try `kubectl version` with the same kubeconfig and context.";
    ContextMissing = "NL0613", Configuration, "no such context",
        "The kubeconfig has no context of that name, or the context names a cluster that does not exist.",
        "Run `kubectl config get-contexts` for the list.";
    NamespaceMissing = "NL0614", Refused, "the namespace does not exist",
        "newleaf keeps Secrets and the Lease in a namespace, and does not create the namespace.",
        "Create the namespace, or name another one with --namespace.";
    NamespaceTerminating = "NL0615", Refused, "the namespace is being deleted",
        "Kubernetes creates no objects in a namespace that it is deleting.",
        "Wait until it is gone and create it again, or name another one with --namespace.";
    SecretForeign = "NL0621", Refused, "the Secret belongs to another tool",
        "It lacks the label app.kubernetes.io/managed-by: newleaf, or another field manager wrote its values. newleaf overwrote nothing.",
        "Name another Secret, or permanently hand it over with `--adopt`. If another controller writes it, stop that one first.";
    SecretImmutable = "NL0622", Refused, "the Secret is immutable",
        "Its values can never change, so a leaf in it can never be renewed.",
        "Delete it and run `newleaf bootstrap`, or name another Secret.";
    SecretTypeWrong = "NL0623", Refused, "the Secret is of another type",
        "The type of a Secret never changes, and types other than Opaque and kubernetes.io/tls have a meaning for Kubernetes or a controller.",
        "Name another Secret, or delete this one and run `newleaf bootstrap`.";
    SecretTooLarge = "NL0624", Refused, "the Secret would be too large",
        "A Secret can contain 1 MiB in total. Values of other tools count too.",
        "Move the values of other tools to another Secret.";
    SecretAbsent = "NL0625", Denied, "the Secret does not exist and the account may not create it",
        "The account of a rotation may change its Secrets but not create Secrets. Bootstrap creates them.",
        "Run `newleaf bootstrap` with an account that may create Secrets.";
    LeaseAbsent = "NL0631", Denied, "the Lease does not exist and the account may not create it",
        "The account of a rotation may change the Lease but not create it. Bootstrap creates it.",
        "Run `newleaf bootstrap` with an account that may create Leases.";
    RolloutFailed = "NL0641", ProofFailed, "a rollout did not finish",
        "The workload has a new pod template, and the new pods did not become available in time. Kubernetes keeps the old pods if the strategy of the workload allows it. newleaf undid nothing.",
        "Remove the cause that the message names; Kubernetes then continues by itself, and the next run finishes.";
    RolloutHalted = "NL0642", Refused, "a setting of the workload stops the replacement of its pods",
        "The Deployment is paused, the update strategy is OnDelete, or a partition keeps pods on the former template. An operator chose that setting, and newleaf does not overrule it.",
        "Resume the rollout, or replace the pods by hand; the next run finishes.";
    RestartReverted = "NL0643", Refused, "another field manager removed the restart's annotation",
        "newleaf set an annotation with the hash of the stored leaf on the pod template, and another field manager removed or changed it. Kubernetes then returns to the former template.",
        "Make the controllers that the hint names ignore the annotations newleaf.dev/server-hash and newleaf.dev/client-hash.";
    FieldConflict = "NL0644", Refused, "another field manager owns the restart's annotation",
        "newleaf changes only its own fields, by server-side apply without force, and another field manager has written the same annotation.",
        "Remove the annotation from that manager's manifests; newleaf then sets it.";
    FilesNotProjected = "NL0645", Temporary, "the kubelet did not deliver the new files",
        "The kubelet delivers a changed Secret to its volumes within about two minutes, but never to a `subPath` mount.",
        "Mount the Secret as a directory, not with `subPath`. Otherwise raise deadlines.step, or set `nudge: true` or `fallback: {restart: true}`.";
    TemplateMissing = "NL0661", Refused, "the CronJob newleaf does not exist",
        "A rotation from outside the cluster runs as a Job made from the CronJob `newleaf`. That CronJob does not exist, or another program owns it.",
        "Apply the manifests, or name the right namespace; `--local` works without a Job.";
    JobStuck = "NL0662", Temporary, "the Job does not start",
        "newleaf created the Job, but its pod does not run: the kubelet cannot pull the image, no node has room, or a quota or a policy forbids the pod.",
        "Remove the cause that the message names; the Job then continues until its deadline. If a Job still has no pod after a minute, a repeated request creates another Job for the rotation.";
    JobUnfinished = "NL0663", Temporary, "the Job did not end in time",
        "newleaf waited longer than the Job may run; the Job controller of the cluster may be down.",
        "Look at the Job with `kubectl describe job`; `newleaf status` shows what it has done.";
});

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
