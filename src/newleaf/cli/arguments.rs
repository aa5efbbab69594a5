//! The command line for clap. No other file knows the name of a flag.

use std::net::{Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use base::duration::HumanDuration;
use clap::{Args, ColorChoice, Parser, Subcommand};
use clap_complete::Shell;
use rotation::document::Endpoint;
use rotation::engine::request::RotationId;
use rotation::manifests::cronjob::SCHEDULE;
use rotation::manifests::exporter::{DIRECTORY, PORT};
use terminal::console::Format;
use terminal::logging::LogFormat;

use crate::cli::invocation::Invocation;
use crate::cli::overrides::Overrides;

/// The default image: this version, from the default registry of the nodes.
pub const IMAGE: &str = concat!("newleaf:", env!("CARGO_PKG_VERSION"));
const EXAMPLES: &str = "\
Examples:
  newleaf manifests -n backstage | kubectl apply -f -   run it in a cluster
  newleaf status -n backstage                           what is stored and used
  newleaf rotate -n backstage --now                     new leaves now
  newleaf bootstrap -d /etc/newleaf                     the same on a host: begin
  newleaf rotate -d /etc/newleaf                        do what is due, daily

Exit codes: 0 done, 2 usage, 3 changes pending (--exit-code), 4 refused,
5 proof failed, 75 temporary, 77 denied, 78 configuration, 130 and 143 interrupted.";

/// Rotates the certificates between PostgreSQL and its clients, and proves that the new ones are in use.
///
/// The certificates are in three Secrets of a namespace (-n), or in a directory of a host (-d). `bootstrap` creates them,
/// `rotate` replaces them before they expire, `status` and `verify` show what is in use. The defaults suffice; a file
/// `newleaf.yaml` (a ConfigMap in a cluster), NEWLEAF_ variables and --set change them.
#[derive(Debug, Parser)]
#[command(name = "newleaf", version, max_term_width = 100, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Arguments {
    /// The options of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// The command line as typed.
    #[arg(skip)]
    pub invocation: Invocation,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Configuration file [default: newleaf.yaml in the directory, if it exists]
    #[arg(long, env = "NEWLEAF_CONFIG", value_name = "FILE", global = true, hide_env_values = true)]
    pub config: Option<PathBuf>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t, global = true, value_name = "FORMAT")]
    pub output: Format,
    /// When to use colours; newleaf respects `NO_COLOR`
    #[arg(long, value_enum, default_value_t = ColorChoice::Auto, global = true, value_name = "WHEN", hide_short_help = true)]
    pub color: ColorChoice,
    /// Print the result and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Increase verbosity: -v info, -vv debug, -vvv trace
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Log format, on standard error
    #[arg(long, value_enum, default_value_t, global = true, value_name = "FORMAT", hide_short_help = true)]
    pub log_format: LogFormat,
    /// Tracing directives for the log: newleaf=debug. Libraries log only if you name them here, and may then log whole answers
    /// of the API server, including values of environment variables
    #[arg(
        long,
        env = "NEWLEAF_LOG",
        global = true,
        value_name = "DIRECTIVES",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub log_filter: Option<String>,
    /// The access to a cluster.
    #[command(flatten)]
    pub cluster: ClusterArguments,
    /// Configuration values
    #[command(flatten)]
    pub overrides: Overrides,
}

/// The access to a cluster: kubectl's own flags.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Kubernetes")]
pub struct ClusterArguments {
    /// Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig [default: its current one]
    #[arg(long, global = true, value_name = "NAME", hide_short_help = true)]
    pub context: Option<String>,
    /// User to impersonate
    #[arg(long = "as", global = true, value_name = "USER", hide_short_help = true)]
    pub as_user: Option<String>,
    /// Group to impersonate; may be repeated
    #[arg(long = "as-group", global = true, value_name = "GROUP", requires = "as_user", hide_short_help = true)]
    pub as_groups: Vec<String>,
    /// Name of the pod of this process. newleaf's manifests set it, so that newleaf starts no further Job from a Job
    #[arg(long, env = "NEWLEAF_POD", hide = true, global = true, value_name = "NAME")]
    pub pod: Option<String>,
}

impl ClusterArguments {
    /// The pod of this process, if it runs in one.
    pub fn pod(&self) -> Option<&str> {
        self.pod.as_deref().filter(|name| !name.is_empty())
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create missing certificates and repair broken ones
    ///
    /// Creates the authority and both leaves, and shows the settings that PostgreSQL and its clients need. Another run
    /// changes nothing. It never replaces an authority, and restarts no consumer.
    #[command(after_long_help = "\
Examples:
  newleaf bootstrap -d /etc/newleaf
  newleaf bootstrap -n backstage
  newleaf bootstrap -d /etc/newleaf --set server.names=db.example.org,10.0.0.5 --set server.files.owner=postgres")]
    Bootstrap(BootstrapArguments),
    /// Rotate certificates that are due, or now with --now
    ///
    /// Without --now it rotates what is due; run it daily. newleaf rehearses each new leaf, writes it, makes its consumers
    /// load it and proves that they did, the server first. If a run stops early, the next one finishes.
    #[command(after_long_help = "\
Examples:
  newleaf rotate -n backstage --now --id TICKET-17
  newleaf rotate -d /etc/newleaf
  newleaf rotate -d /etc/newleaf --now --id TICKET-17
  newleaf rotate -d /etc/newleaf --now --authority")]
    Rotate(RotateArguments),
    /// Show what rotate would do, and why
    ///
    /// Writes nothing, and makes no consumer load anything.
    #[command(after_long_help = "\
Examples:
  newleaf plan -n backstage
  newleaf plan -d /etc/newleaf --now --authority
  newleaf plan -d /etc/newleaf --exit-code || echo 'something is due'")]
    Plan(PlanArguments),
    /// Show certificates, consumers and problems
    #[command(after_long_help = "\
Examples:
  newleaf status -n backstage
  newleaf status -d /etc/newleaf -o json | jq .facts.server")]
    Status(StatusArguments),
    /// Prove that the stored certificates work and are in use
    ///
    /// Completes a mutual TLS handshake in memory with the stored leaves; then each consumer must show its stored leaf.
    #[command(after_long_help = "\
Examples:
  newleaf verify -n backstage
  newleaf verify -d /etc/newleaf")]
    Verify,
    /// Show the configuration in effect, and where each value comes from
    #[command(after_long_help = "\
Examples:
  newleaf config -n backstage
  newleaf config -d /etc/newleaf --set leaf.lifetime=20d -o json")]
    Config,
    /// Print the manifests that let a cluster run newleaf
    ///
    /// Prints accounts with the least rights that the configuration allows, the configuration itself, the bootstrap Job and
    /// the daily CronJob, as one YAML stream for kubectl, or as a List with -o json. Does not contact a cluster.
    #[command(after_long_help = "\
Examples:
  newleaf manifests --config newleaf.yaml | kubectl apply -f -
  newleaf manifests --config newleaf.yaml --namespace backstage --image registry.example.org/newleaf:0.1.0")]
    Manifests(ManifestArguments),
    /// Serve the figures of the last run to Prometheus
    ///
    /// Runs on Kubernetes write their figures into the ConfigMap newleaf-figures: when each leaf ends, when the last rotation left
    /// nothing to do, which consumer is stale. This command serves them at /metrics from the directory in which the ConfigMap
    /// is mounted. It reads no Secret, needs no right in the cluster, and ends with 0 at SIGTERM.
    #[command(after_long_help = "\
Examples:
  newleaf metrics
  newleaf metrics --figures /etc/newleaf-figures --listen 127.0.0.1:9464
  newleaf manifests --metrics | kubectl apply -f -      its Deployment and Service, too")]
    Metrics(MetricsArguments),
    /// Report what PostgreSQL answers here, and which connections open
    ///
    /// Shows the certificate that PostgreSQL serves and who is connected with which certificate, tries logins that PostgreSQL
    /// must refuse, and opens connections. It judges nothing and ends with 0; `newleaf-deploy check --probe` starts it in pods.
    /// PostgreSQL logs each login that it refuses.
    #[command(after_long_help = "\
Examples:
  newleaf probe --postgres db.example.org --leaf /etc/newleaf/client
  newleaf probe --open postgres:5432 --closed backstage:7007 -o json")]
    Probe(ProbeArguments),
    /// Explain an error code, or list them all
    #[command(after_long_help = "\
Examples:
  newleaf explain NL0407
  newleaf explain")]
    Explain {
        /// The code, for example NL0407
        code: Option<String>,
    },
    /// Write the completion script of a shell to standard output
    #[command(after_long_help = "\
Examples:
  newleaf completion bash > /etc/bash_completion.d/newleaf")]
    Completion {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Write the JSON Schema of the configuration file to standard output
    #[command(after_long_help = "\
Examples:
  newleaf schema > configuration.schema.json")]
    Schema,
}

/// The options of `bootstrap`.
#[derive(Debug, Args)]
pub struct BootstrapArguments {
    /// Permanently take ownership of Secrets created by another tool
    #[arg(long)]
    pub adopt: bool,
}

/// The options of `rotate`.
#[derive(Debug, Args)]
pub struct RotateArguments {
    /// What is forced.
    #[command(flatten)]
    pub force: ForceArguments,
    /// Permanently take ownership of Secrets created by another tool
    #[arg(long)]
    pub adopt: bool,
    /// The place of the work.
    #[command(flatten)]
    pub place: LocalArguments,
    /// Wait for the Job, and exit with its code
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL", conflicts_with = "local")]
    pub wait: bool,
}

/// The place of the work, from outside a cluster.
#[derive(Debug, Args)]
pub struct LocalArguments {
    /// Run on this machine with your own permissions instead of in a Job
    #[arg(long)]
    pub local: bool,
    /// With --local: agree to the changes outside the namespace that the configuration in the cluster names
    #[arg(long, requires = "local")]
    pub yes: bool,
}

/// The forced rotation.
#[derive(Debug, Args)]
pub struct ForceArguments {
    /// Replace both leaves now, due or not
    #[arg(long)]
    pub now: bool,
    /// Replace the authority and both leaves
    #[arg(long, requires = "now")]
    pub authority: bool,
    /// Identity of this rotation: two requests with the same identity rotate once [default: the UID of the Job, or a random one]
    #[arg(long, requires = "now", value_name = "ID", value_parser = rotation_id)]
    pub id: Option<RotationId>,
    /// UID of the Job of this process: the default of --id, so that all tries of a Job are one rotation
    #[arg(long, env = "NEWLEAF_JOB_UID", hide = true, value_name = "UID")]
    pub job: Option<String>,
}

/// The options of `metrics`.
#[derive(Debug, Args)]
pub struct MetricsArguments {
    /// Directory in which the ConfigMap newleaf-figures is mounted
    #[arg(long, default_value = DIRECTORY, value_name = "DIR")]
    pub figures: PathBuf,
    /// Address and port
    #[arg(long, default_value_t = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), PORT), value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
}

/// The options of `manifests`.
#[derive(Debug, Args)]
pub struct ManifestArguments {
    /// Container image
    #[arg(long, default_value = IMAGE, value_name = "IMAGE", value_parser = image)]
    pub image: String,
    /// Schedule of the CronJob, as in cron; keep it daily, because the age of a leaf decides
    #[arg(long, default_value = SCHEDULE, value_name = "SCHEDULE", value_parser = schedule)]
    pub schedule: String,
    /// Whether to print the admission policies that confine the accounts. They belong to the whole cluster, so a cluster
    /// administrator must apply them
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub admission_policy: bool,
    /// Also print the Deployment and the Service that serve the figures to Prometheus
    #[arg(long)]
    pub metrics: bool,
}

/// The options of `plan`.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// What is forced.
    #[command(flatten)]
    pub force: ForceArguments,
    /// Exit with 3 if changes are pending
    #[arg(long)]
    pub exit_code: bool,
}

/// The options of `probe`.
#[derive(Debug, Args)]
pub struct ProbeArguments {
    /// PostgreSQL: what it serves, who is connected, which logins it refuses
    #[arg(long, value_name = "HOST:PORT")]
    pub postgres: Option<Endpoint>,
    /// Directory with the client's leaf: tls.crt, tls.key and ca.crt
    #[arg(long, default_value = "/etc/newleaf", value_name = "DIR")]
    pub leaf: PathBuf,
    /// Database to log in to, as the role that the leaf names
    #[arg(long, default_value = "postgres", value_name = "NAME")]
    pub dbname: String,
    /// A connection that should open; may be repeated
    #[arg(long, value_name = "HOST:PORT")]
    pub open: Vec<Endpoint>,
    /// A connection that should not open; may be repeated
    #[arg(long, value_name = "HOST:PORT")]
    pub closed: Vec<Endpoint>,
    /// How long until a connection is as it should be
    #[arg(long, default_value = "10s", value_name = "DURATION")]
    pub patience: HumanDuration,
}

/// The options of `status`.
#[derive(Debug, Args)]
pub struct StatusArguments {
    /// Exit with 3 if changes are pending
    #[arg(long)]
    pub exit_code: bool,
}

fn rotation_id(text: &str) -> Result<RotationId, String> {
    RotationId::parse(text).ok_or_else(|| "1 to 63 letters, digits, `.`, `_` and `-`".to_owned())
}

/// Accepts the form of an image name. Only the node knows whether the image exists.
fn image(text: &str) -> Result<String, String> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:@".contains(&byte));
    plain.then(|| text.to_owned()).ok_or_else(|| "an image is REPOSITORY:TAG or REPOSITORY@DIGEST".to_owned())
}

/// Accepts five fields, or a word such as `@daily`. The API server checks them.
fn schedule(text: &str) -> Result<String, String> {
    let fields = text.split_whitespace().count();
    let fits = fields == 5 || (fields == 1 && text.starts_with('@'));
    fits.then(|| text.to_owned()).ok_or_else(|| "a schedule has five fields, like \"17 3 * * *\"".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }
}
