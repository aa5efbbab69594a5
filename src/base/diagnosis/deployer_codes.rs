//! The rows of the table of codes that only the deployer raises. [`super::codes`] has the others; one table makes the codes.

/// Hands the rows of the deployer on, after those that are given.
macro_rules! with_deployer_codes {
    ($codes:ident { $($rows:tt)* }) => {
        $codes! {
            $($rows)*
            // 09xx: the deployer
            StackInvalid = "NL0901", Configuration, "the stack is not valid",
                "The document of the stack has unknown keys, wrong values, or values that contradict each other. The message names each of them. Nothing was applied.",
                "Correct the values that the message names, or leave them out: everything has a default.";
            KindMissing = "NL0902", Refused, "the cluster does not have a kind of object",
                "The stack uses a custom resource, and its CRD is not installed. Nothing was applied.",
                "Install the operator that brings the kind, or switch the part of the stack off that uses it.";
            ObjectConflict = "NL0903", Refused, "another field manager owns a field of the stack",
                "newleaf-deploy applies only its own fields, by server-side apply without force. Another program or person owns one of them: the cause names manager and field. What was applied before stays; the object itself is unchanged.",
                "Remove the field from that manager's manifests, or let the stack say the same value; or take the field over with `--take-over FIELD`. Then run again.";
            MemberForeign = "NL0904", Refused, "an object belongs to another inventory",
                "The label applyset.kubernetes.io/part-of of the object names another ApplySet. Two programs would overwrite each other.",
                "Give the stack another name or namespace, or remove the object from the other set.";
            InventoryForeign = "NL0905", Refused, "the inventory belongs to another program",
                "A ConfigMap with the name of the inventory exists, and its annotation applyset.kubernetes.io/tooling names another program, or none.",
                "Give the stack another name, or delete the ConfigMap if no other stack needs it.";
            FieldImmutable = "NL0906", Refused, "a field cannot be changed in place",
                "Kubernetes lets some fields be set only once: the selector of a workload, the claims of a StatefulSet. The object is unchanged.",
                "Take the change back, or delete the object, which keeps its volumes, and run again.";
            NeverReady = "NL0907", Refused, "an object does not become ready, and waiting does not help",
                "The pod cannot start: its image is missing, it crashes again and again, a quota or a policy forbids it, or no volume is bound. What was applied stays; the next run continues.",
                "Remove the cause that the message names, then run `newleaf-deploy install` again.";
            NotReadyInTime = "NL0908", Temporary, "an object is not ready in time",
                "What was applied stays. The next run continues to wait.",
                "Look at the object with `kubectl describe`, then run again; raise `--timeout` if it is slow but healthy.";
            NotDeletedInTime = "NL0909", Temporary, "an object is not deleted in time",
                "Kubernetes deletes an object only when every finalizer of it was removed.",
                "Look at the finalizers of the object and at the controllers that should remove them, then run again.";
            RemovalUnconfirmed = "NL0910", Refused, "the removal was not confirmed",
                "`uninstall` shows what it would delete and keep. It deletes nothing without `--yes`.",
                "Read the list, then run again with `--yes`.";
            // 10xx: the layers of the stack, and other installers
            RawLayerUnusable = "NL1001", Configuration, "a raw layer cannot be merged",
                "A partial object is not readable, names no object, or has a field that Kubernetes' merge rules do not take.",
                "Correct the file at the line that the message names; `newleaf-deploy render` shows the objects that it is merged over.";
            PolicyBroken = "NL1002", Refused, "an object breaks a policy of the stack",
                "The rendered objects, with the raw layers over them, break a rule that every stack keeps: no secret outside of a Secret, pinned images, restricted pods, exact network edges.",
                "Change the raw layer or the document so that the rule holds again.";
            ImportIncomplete = "NL1003", Refused, "something was not imported",
                "The stack was written. Some values of the other installer have no equivalent; each is listed with its reason.",
                "Go through the list; write what you need as a raw layer.";
            OutputExists = "NL1004", Refused, "the file exists already",
                "newleaf-deploy never overwrites a file of a person.",
                "Name another file, or move the existing one away.";
            PathUnknown = "NL1005", Usage, "nothing is given at the path",
                "No layer gives a value at the path, or no object of that kind and name is rendered.",
                "Write a path of the document, as backstage.replicas, or KIND/NAME/PATH of a rendered object.";
            // 11xx: check
            CheckApiVersion = "NL1101", Refused, "the API server is too old",
                "The stack uses fields that this version of Kubernetes does not have, and the API server would drop or refuse them.",
                "Upgrade the cluster to a supported version of Kubernetes.";
            CheckClock = "NL1102", Refused, "the clocks differ",
                "The clock of this machine and that of the API server differ by more than a minute. Certificates are judged by the clocks of the cluster.",
                "Synchronize both clocks: `timedatectl set-ntp true`.";
            CheckPermission = "NL1103", Denied, "the account lacks a right that install needs",
                "The API server answered a SelfSubjectAccessReview with no. An install would stop in the middle.",
                "Give the account the right that the message names, or use an account that has it.";
            CheckForeign = "NL1104", Refused, "an object of this name has another owner",
                "The stack would write an object that is there already and that it did not make.",
                "Delete or rename that object, or give the stack another namespace.";
            CheckStorageClass = "NL1105", Refused, "there is no storage class for the database",
                "The volume claim of PostgreSQL names a storage class that does not exist, or none, and the cluster has no default. The claim would stay unbound.",
                "Set database.storage.class to a class of `kubectl get storageclass`, or make one the default.";
            CheckReference = "NL1106", Refused, "a referenced object does not exist",
                "The document refers to a ConfigMap or a Secret that does not exist in the namespace. The kubelet would not start the pod.",
                "Create the object, or correct its name in the document.";
            CheckAdmission = "NL1107", Refused, "the API server refuses an object",
                "A server-side dry run of the object was refused: by validation, a quota, an admission policy or a webhook.",
                "Change what the message names, in the document, in a raw layer or in the policy of the cluster.";
            CheckImage = "NL1108", Refused, "no node has the image",
                "None of the nodes lists the image. The kubelet must pull it from its registry.",
                "Make sure that the nodes reach the registry, or import the image into them.";
            CheckQuota = "NL1109", Refused, "a quota of the namespace leaves too little",
                "The pods of the stack request more than a ResourceQuota of the namespace still admits.",
                "Raise the quota, or lower the requests in the document.";
            CheckMissing = "NL1110", ProofFailed, "an object of the stack is missing",
                "The stack renders an object that the cluster does not have.",
                "Run `newleaf-deploy install`.";
            CheckDrift = "NL1111", ProofFailed, "an object is not as rendered",
                "A server-side dry run would change the object: another writer changed it, or the document changed since the last install.",
                "See the difference with `newleaf-deploy diff`, and repair it with `newleaf-deploy install`.";
            CheckRollout = "NL1112", ProofFailed, "a rollout is not complete",
                "A workload does not run all of its pods in the version of its template, or they are not ready.",
                "Remove the cause that the message names; Kubernetes then continues by itself.";
            CheckVolume = "NL1113", ProofFailed, "a volume claim is not bound",
                "PostgreSQL waits for its volume.",
                "See `kubectl describe pvc`; the provisioner of the storage class says why.";
            CheckCertificate = "NL1114", ProofFailed, "a certificate is not good",
                "A leaf is missing, is not readable, has ended, or does not chain to the stored trust bundle.",
                "Run `newleaf rotate`; `newleaf status` says more.";
            CheckServed = "NL1115", ProofFailed, "nothing proves that the stored certificate is in use",
                "The last run of the rotation failed, did not end, or lies too far back. A run ends well only when each consumer shows the stored leaf.",
                "Run `newleaf verify`, or read the log of the last Job.";
            CheckSchedule = "NL1116", Refused, "the rotation is not scheduled",
                "The CronJob of the rotation is suspended or was not started when it should have been. Certificates would end.",
                "Resume it: `kubectl patch cronjob newleaf -p '{\"spec\":{\"suspend\":false}}'`.";
            CheckConnections = "NL1117", Refused, "Backstage may use more connections than PostgreSQL admits",
                "The plugins times their pool times the pods are more than max_connections. Under load, logins fail.",
                "Lower backstage.replicas or backstage.plugins.pool, or raise database.parameters.max_connections.";
            CheckBackup = "NL1118", Refused, "no backup of the database was found",
                "Nothing in the namespace takes backups of the volume or of the database.",
                "Take volume snapshots or dumps by a tool of your choice; newleaf brings none.";
            CheckOutdated = "NL1119", Refused, "a version is not the one that this release installs",
                "A running image is another one than the document renders, or an older minor version than this release knows.",
                "Update the image in the document and run `newleaf-deploy install`.";
            CheckServedOther = "NL1120", ProofFailed, "PostgreSQL serves another certificate than the stored one",
                "A handshake from inside of the cluster showed a certificate that is not the one in the Secret, or none. PostgreSQL did not load the files, or refused them.",
                "Run `newleaf rotate`: it makes PostgreSQL load what is stored, and proves it.";
            CheckSession = "NL1121", ProofFailed, "a session is open without the stored certificate",
                "PostgreSQL has a session over the network that is not encrypted, shows no client certificate, or is one of Backstage with another certificate than the stored one; or sessions that the role may not see.",
                "`newleaf status` says which consumer has not loaded its leaf; end the sessions of others.";
            CheckLoginAccepted = "NL1122", ProofFailed, "PostgreSQL lets a client in that it must refuse",
                "A probe logged in without TLS, without the right certificate, as another role than its certificate names, or by an older TLS than the stack sets. Others can do the same.",
                "Restore pg_hba.conf and the TLS settings as the stack renders them: take what changes them out of the raw layer, then run `newleaf-deploy install`.";
            CheckPasswordAsked = "NL1123", ProofFailed, "PostgreSQL asks for a password",
                "A rule of pg_hba.conf asks for a password where the stack has certificates only. A password can be guessed, and may be in a log.",
                "Restore pg_hba.conf as the stack renders it, then run `newleaf-deploy install`.";
            CheckLeafRefused = "NL1124", ProofFailed, "PostgreSQL does not let the client's leaf in",
                "A probe with Backstage's own leaf could not log in. Then Backstage cannot either, and the refused logins prove nothing.",
                "Read the reason, and PostgreSQL's log; `newleaf status` says whether leaf and trust fit together.";
            CheckEdgeClosed = "NL1125", ProofFailed, "a connection that the stack needs does not open",
                "A probe with the labels of a part of the stack could not open a connection that the NetworkPolicies of the stack let through. A policy is missing, another one denies it, or nothing answers there.",
                "Run `newleaf-deploy install`, and look for other policies with `kubectl get networkpolicy`.";
            CheckEdgeOpen = "NL1126", ProofFailed, "a connection opens that no edge lists",
                "A probe opened a connection that the NetworkPolicies of the stack do not let through: another policy opens it, or one of the stack is missing.",
                "Remove the other policy, and run `newleaf-deploy install`.";
            CheckUnenforced = "NL1127", ProofFailed, "the network plugin enforces no network policy",
                "The policies are there, and every connection that they deny opened. Kubernetes only stores NetworkPolicies; the network plugin enforces them, and that of this cluster does not.",
                "Use a plugin that enforces them, such as Calico, Cilium or kube-router, or set `networkPolicies.enabled: false` if none is meant.";
            CheckProbe = "NL1128", ProofFailed, "a probe did not report",
                "The Job by which `check --probe` tries the stack from inside did not run, or its report cannot be read. What it should have tried is not known.",
                "Remove the cause that the message names: image, quota, policy. A rotation image that does not know `newleaf probe` is too old: set rotation.image.";
            CheckHealth = "NL1129", ProofFailed, "a container is not probed as the stack renders it",
                "The kubelet asks a container of Backstage or PostgreSQL in another way than the stack renders, or not at all. Then a pod counts as ready that does not work, or one is killed that does.",
                "Take the change out of the raw layer, then run `newleaf-deploy install`.";
            CheckIngress = "NL1130", Refused, "requests from outside may not come in",
                "People reach Backstage by an Ingress, a Route or an HTTPRoute, and something is missing that others bring: the ingress class, the Secret with the certificate, or the pods of the controller where the NetworkPolicies of the stack expect them. Kubernetes stores the objects all the same, and says nothing.",
                "Change what the message names: the document says the class in `ingress.className`, the Secret in `ingress.tls.secret`, the pods in `networkPolicies.ingressFrom`.";
            // 12xx: export, and who owns an installed stack
            ExportFolderForeign = "NL1201", Refused, "the folder has files that no export made",
                "newleaf-deploy exports into a folder of its own, which is absent, empty, or holds the record of an earlier export. Nothing was written.",
                "Name another folder, for example one below the one that you named.";
            ExportFolderOther = "NL1202", Refused, "the folder has another export",
                "The record in the folder says that it is the export of another stack or for another tool. Its files would be removed. Nothing was written.",
                "Name another folder: one for each stack and tool.";
            ExportEdited = "NL1203", Refused, "a file of the export was changed by hand",
                "A file that the export would write or remove is not as the last export wrote it, is a link, or was there before. A change by hand would be lost. Nothing was written.",
                "Put the change into the stack, or into the overlay of your tool; then take the change in the file back, or delete the file, and export again.";
            ExportRecordBroken = "NL1204", Refused, "the record of the export cannot be read",
                "The file .newleaf-export.json says which files the export made. It was damaged, or another version wrote it. Nothing was written.",
                "Restore it from Git, or export into an empty folder.";
            ExportLayerInCluster = "NL1205", Refused, "a raw layer is in the cluster",
                "An export is made from files alone, so that it is the same everywhere. A raw layer in a ConfigMap would be missing. Nothing was written.",
                "Keep the raw layer in a file beside the stack: `raw: [{path: FOLDER}]`.";
            StackManaged = "NL1206", Refused, "another tool manages the stack",
                "An object of the stack has the marks of Helm, Flux or Argo CD, or was applied by them or by kubectl. Two programs would undo each other's changes. Nothing was written.",
                "Change the stack where that tool reads it, or hand it over: the hint names the command.";
            NothingInstalled = "NL1207", Refused, "there is no stack to hand over",
                "newleaf-deploy finds no inventory of its own in the namespace: it installed nothing there, or the stack was handed over already.",
                "Check `--namespace` and the name of the stack.";
        }
    };
}

pub(super) use with_deployer_codes;
