//! Consumers that are processes without a database to ask.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::os::unix::fs::fchown;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base::diagnosis::{Code, Failure};
use chrono::{DateTime, Utc};
use newleaf::host::consumers::HostConsumers;
use newleaf::host::store::DirectoryStore;
use nix::unistd::geteuid;
use rotation::document::{Consumer, Pickup, Trigger};
use rotation::engine::facts::{Fingerprint, LeafFacts, Loaded, Observed, Peer, Serial, StoredFacts, Validity};
use rotation::engine::material::{Material, SecretBytes, Slot, Snapshot};
use rotation::engine::memory::RunMemory;
use rotation::engine::ports::{Consumers, Expected};
use tempfile::{TempDir, tempdir};
use terminal::stop_token::StopToken;

use crate::setting::{LIMIT, place, read, replace, store};
use crate::wait::until_async;

/// A stored client leaf and one consumer of it.
struct Scene {
    store: DirectoryStore,
    consumers: HostConsumers,
    directory: TempDir,
    /// When the leaf was written, in the place of what is true.
    written: Option<DateTime<Utc>>,
}

impl Scene {
    async fn new(pickup: Pickup, pid: Option<&str>) -> Self {
        let directory = tempdir().expect("a temporary directory can be made");
        let pid_file = pid.map(|pid| {
            let path = directory.path().join("pid");
            fs::write(&path, pid).expect("the file can be written");
            path
        });
        let mut place = place(&directory.path().join("leaves"));
        place.consumers = vec![Consumer { name: "app".to_owned(), peer: Peer::Client, pickup, pid_file }];
        let store = store(&place.directory);
        replace(&store, Slot::Client, &leaf()).await;
        let consumers = HostConsumers::new(&place, None, StopToken::default());
        Self { consumers, store, directory, written: None }
    }

    async fn with<T>(&self, act: impl AsyncFnOnce(&HostConsumers, Expected<'_>) -> T) -> T {
        let mut client = read(&self.store, Slot::Client).await;
        if let (Some(stored), Some(written)) = (&mut client, self.written) {
            stored.written = Some(written);
        }
        let snapshot = Snapshot { client, ..Snapshot::default() };
        let validity = Validity { not_before: DateTime::UNIX_EPOCH, not_after: DateTime::UNIX_EPOCH };
        let client = LeafFacts {
            fingerprint: Fingerprint([0; 32]),
            serial: Serial("01".to_owned()),
            validity,
            chain_validity: validity,
            signer: None,
            drift: Vec::new(),
            trust: BTreeSet::new(),
            rotation_ids: Vec::new(),
            warnings: Vec::new(),
        };
        let stored = StoredFacts {
            authorities: Observed::Absent,
            rollover_ids: Vec::new(),
            server: Observed::Absent,
            client: Observed::Present(client),
        };
        act(
            &self.consumers,
            Expected { snapshot: &snapshot, stored: &stored, now: DateTime::UNIX_EPOCH, memory: &RunMemory::default() },
        )
        .await
    }

    async fn loaded(&self) -> Loaded {
        let look = async |consumers: &HostConsumers, expected: Expected<'_>| consumers.observe(expected).await;
        self.with(look).await.expect("looking never fails").consumers[0].loaded.clone()
    }

    async fn pick_up(&self, limit: Duration) -> Result<(), Failure> {
        let act =
            async |consumers: &HostConsumers, expected: Expected<'_>| consumers.pick_up("app", expected, limit).await;
        self.with(act).await
    }

    async fn prove(&self) -> Result<(), Failure> {
        let act =
            async |consumers: &HostConsumers, expected: Expected<'_>| consumers.prove("app", expected, LIMIT).await;
        self.with(act).await
    }
}

/// A self-signed certificate that is its own bundle.
fn leaf() -> Material {
    let key = rcgen::KeyPair::generate().expect("a P-256 key can be made");
    let certificate = rcgen::CertificateParams::default().self_signed(&key).expect("it can sign itself").pem();
    let mut material = Material::default();
    for (name, text) in [("tls.crt", certificate.clone()), ("tls.key", key.serialize_pem()), ("ca.crt", certificate)] {
        material.entries.insert(name.to_owned(), SecretBytes::new(text.into_bytes()));
    }
    material
}

fn command(script: &str) -> Vec<String> {
    ["sh", "-c", script].map(str::to_owned).to_vec()
}

fn restart(script: &str) -> Pickup {
    Pickup::Restart { command: command(script) }
}

#[tokio::test]
async fn a_consumer_is_taken_at_its_word_from_its_pick_up_to_the_next_write() {
    let scene = Scene::new(restart("exit 0"), None).await;
    assert!(matches!(scene.loaded().await, Loaded::Stale(_)));
    scene.pick_up(LIMIT).await.expect("the command succeeds");
    // Without a database to ask, that a command ended well is all that is known.
    assert!(matches!(scene.loaded().await, Loaded::Unproved(_)));
    scene.prove().await.expect("it was restarted");
    replace(&scene.store, Slot::Client, &leaf()).await;
    assert!(matches!(scene.loaded().await, Loaded::Stale(_)));
}

#[tokio::test]
async fn a_failed_command_leaves_no_mark_and_shows_its_last_words() {
    let scene = Scene::new(restart("echo first >&2; echo why it failed >&2; exit 3"), None).await;
    let failure = scene.pick_up(LIMIT).await.expect_err("the command fails");
    assert_eq!(failure.code(), Code::ConsumerCommandFailed);
    let text = failure.to_string();
    assert!(text.contains("ended with code 3: first; why it failed"), "{text}");
    assert!(matches!(scene.loaded().await, Loaded::Stale(_)));

    let missing = Pickup::Reload { trigger: Trigger::Command(vec!["/no/such/program".to_owned()]), fallback: None };
    let scene = Scene::new(missing, None).await;
    let failure = scene.pick_up(LIMIT).await.expect_err("there is no such program");
    assert_eq!(failure.code(), Code::ConsumerCommandFailed);
}

#[tokio::test]
async fn a_command_that_hangs_is_killed_with_its_children() {
    let directory = tempdir().expect("a temporary directory can be made");
    let fifo = directory.path().join("alive");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).expect("a fifo can be made");
    // A child of the command holds the fifo open for as long as it lives.
    let script = format!("(exec sleep 1000 > '{}') & wait", fifo.display());
    let scene = Scene::new(restart(&script), None).await;
    let reader = std::thread::spawn(move || {
        let mut rest = Vec::new();
        fs::File::open(&fifo).expect("the child opens it").read_to_end(&mut rest).expect("it can be read")
    });
    // Long enough for the child to open it, also on a busy machine.
    let failure = scene.pick_up(Duration::from_secs(5)).await.expect_err("the command hangs");
    assert_eq!(failure.code(), Code::ConsumerTimeout);
    assert_eq!(reader.join().expect("the child is gone"), 0);
}

/// A process that ends with the test, also with one that fails: no process waits for its output.
struct Listener(Child);

impl Drop for Listener {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _collected = self.0.wait();
    }
}

/// A process that writes a line when it is ready and ends with 42 when it gets SIGHUP.
fn listener() -> Listener {
    let script = "trap 'exit 42' HUP; echo ready; while :; do sleep 0.01; done";
    // A shell cannot trap what was ignored when it started, as SIGHUP is for all that `nohup` starts.
    let mut command = Command::new("env");
    command.args(["--default-signal=HUP", "sh", "-c", script]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("there is a shell");
    let mut line = [0; 6];
    child.stdout.as_mut().expect("it is piped").read_exact(&mut line).expect("it says that it is ready");
    Listener(child)
}

#[tokio::test]
async fn a_signal_reaches_the_process_in_the_pid_file() {
    let mut child = listener();
    let pickup = Pickup::Reload { trigger: Trigger::Signal, fallback: None };
    let scene = Scene::new(pickup.clone(), Some(&format!("{}\nmore lines\n", child.0.id()))).await;
    assert!(matches!(scene.loaded().await, Loaded::Stale(_)));
    scene.pick_up(LIMIT).await.expect("the process runs");
    // One that ended and was not waited for does not run.
    until_async("the process has ended", async || scene.loaded().await == Loaded::NotRunning).await;
    assert_eq!(child.0.wait().expect("it can be waited for").code(), Some(42));
    assert_eq!(scene.loaded().await, Loaded::NotRunning);

    for broken in ["", "not a pid\n", "0\n", "1\n", "-5\n"] {
        let scene = Scene::new(pickup.clone(), Some(broken)).await;
        let failure = scene.pick_up(LIMIT).await.expect_err("no process is named");
        assert_eq!(failure.code(), Code::ConsumerSignalFailed, "{broken:?}");
    }
}

#[tokio::test]
async fn a_pid_that_now_belongs_to_someone_else_is_not_signalled() {
    let mut child = listener();
    let pickup = Pickup::Reload { trigger: Trigger::Signal, fallback: None };
    let scene = Scene::new(pickup, Some(&child.0.id().to_string())).await;
    let before = Path::new("pid");
    let file = fs::File::options().write(true).open(scene.directory.path().join(before)).expect("it is there");
    let yesterday = file.metadata().and_then(|it| it.modified()).expect("it has a time") - Duration::from_secs(86_400);
    file.set_modified(yesterday).expect("the time can be set");
    // One of the same user may be the one that is meant: the clock may have been set since it started.
    assert!(matches!(scene.loaded().await, Loaded::Stale(_)), "the process is younger than its pid file");
    let failure = scene.pick_up(LIMIT).await.expect_err("it is not signalled");
    assert_eq!(failure.code(), Code::ConsumerSignalFailed);
    assert!(failure.to_string().contains("the clock was set"), "{failure}");
    if geteuid().is_root() {
        fchown(&file, Some(65_534), Some(65_534)).expect("root may");
        assert_eq!(scene.loaded().await, Loaded::NotRunning, "it is the process of another user");
        scene.pick_up(LIMIT).await.expect("there is no process to signal");
    }
    assert_eq!(child.0.try_wait().expect("it can be asked"), None, "it still runs");
}

#[tokio::test]
async fn a_process_whose_pid_file_is_older_than_the_leaf_was_not_started_for_it() {
    // The start of a process moves when the clock is set; the time of its pid file stays.
    let child = listener();
    let pickup = Pickup::Reload { trigger: Trigger::Signal, fallback: None };
    let mut scene = Scene::new(pickup, Some(&child.0.id().to_string())).await;
    let file = fs::File::options().write(true).open(scene.directory.path().join("pid")).expect("it is there");
    let noted = file.metadata().and_then(|it| it.modified()).expect("it has a time");
    scene.written = Some((noted - Duration::from_secs(5)).into());
    assert_eq!(scene.loaded().await, Loaded::Current, "it was started since");
    file.set_modified(noted - Duration::from_secs(9)).expect("the time can be set");
    assert!(matches!(scene.loaded().await, Loaded::Stale(_)), "it was noted before");
}

#[tokio::test]
async fn who_reads_at_each_login_needs_nothing() {
    let scene = Scene::new(Pickup::Login, None).await;
    assert_eq!(scene.loaded().await, Loaded::EachLogin);
    scene.prove().await.expect("there is nothing to prove");
}
