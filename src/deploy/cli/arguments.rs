//! The command line for clap. No other file knows the name of a flag.

use std::path::PathBuf;

use base::duration::HumanDuration;
use clap::{Args, ColorChoice, Parser, Subcommand};
use kubernetes::api::connection::Access;
use kubernetes::api::object::ObjectName;
use stack::document::stack::KubernetesPlatform;
use stack::export::flux::FluxSource;
use stack::export::{SpokeLabel, Tool};
use stack::template::PLATFORMS;
use terminal::console::Format;
use terminal::logging::LogFormat;

use crate::cluster::TakenField;

const EXAMPLES: &str = "\
Examples:
  newleaf-deploy check --pre                  whether this cluster can take it
  newleaf-deploy install                      Backstage and PostgreSQL, with the defaults
  newleaf-deploy install -f stack.yaml        as the file says; again after each change of it
  newleaf-deploy diff -f stack.yaml           what that would change
  newleaf-deploy status                       every object, and how far it is
  newleaf-deploy check                        what is wrong, why, and what mends it
  newleaf-deploy check --probe                and what is tried from inside of the cluster
  newleaf-deploy export kustomize deploy      the same objects, for another tool
  newleaf-deploy uninstall --yes              all of it but volumes and certificates

Exit codes: 0 done, 2 usage, 3 changes pending (--exit-code), 4 refused, 5 a check failed,
75 temporary, 77 denied, 78 configuration, 130 and 143 interrupted.";

/// Installs Backstage with its PostgreSQL: mutual TLS, certificates that are rotated, no password.
///
/// One file says what differs from the defaults; without a file everything is a default.
#[derive(Debug, Parser)]
#[command(name = "newleaf-deploy", max_term_width = 100, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct DeployArguments {
    /// The options of every command.
    #[command(flatten)]
    pub global: DeployGlobal,
    /// The command.
    #[command(subcommand)]
    pub command: DeployCommand,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct DeployGlobal {
    /// File with the stack, `-` for standard input; may be repeated, later files win [default: no file, so everything is a
    /// default]
    #[arg(short, long, global = true, value_name = "FILE")]
    pub filename: Vec<PathBuf>,
    /// Set a value of the stack, as in backstage.replicas=2; may be repeated, and wins over every file
    #[arg(long, global = true, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Namespace of the stack [default: that of the file, else backstage]
    #[arg(short, long, global = true, value_name = "NAME")]
    pub namespace: Option<String>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t, global = true, value_name = "FORMAT")]
    pub output: Format,
    /// When to use colours; newleaf-deploy respects `NO_COLOR`
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
    /// Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig [default: its current one]
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// User to impersonate
    #[arg(long = "as", global = true, value_name = "USER", hide_short_help = true)]
    pub as_user: Option<String>,
    /// Group to impersonate; may be repeated
    #[arg(long = "as-group", global = true, value_name = "GROUP", requires = "as_user", hide_short_help = true)]
    pub as_groups: Vec<String>,
}

impl DeployGlobal {
    /// The way to the cluster.
    pub fn access(&self) -> Access {
        Access {
            kubeconfig: self.kubeconfig.clone(),
            context: self.context.clone(),
            as_user: self.as_user.clone(),
            as_groups: self.as_groups.clone(),
            ..Access::default()
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum DeployCommand {
    /// Install the stack, or bring it to its present form
    ///
    /// Applies what differs, phase by phase, waits until each phase is ready, and prunes what is no longer part of the stack.
    /// Never overwrites a field of another field manager.
    #[command(visible_alias = "upgrade")]
    Install(InstallArguments),
    /// Show what install would change, by the API server's own word
    Diff(DiffArguments),
    /// Show every object of the stack, how far it is, and what is wrong with it
    Status,
    /// Print the objects of the stack; contacts no cluster
    Render,
    /// Remove the stack, but keep volumes, certificates and the namespace
    Uninstall(UninstallArguments),
    /// Check what would keep an install from working, or what is wrong with an installed stack
    ///
    /// One line a check. A failed one says what, why, and what mends it, and has a code with a page. Without --probe it
    /// changes nothing.
    Check(CheckArguments),
    /// Show where a value comes from: the layer, its file and line, and what it overrode
    ///
    /// PATH is a path of the stack (backstage.replicas), KIND/NAME/PATH of a rendered object
    /// (Deployment/backstage/spec.replicas), app-config/PATH, or the code of an error.
    Explain(ExplainArguments),
    /// Write a commented stack.yaml to begin with; never overwrites a file
    Init(InitArguments),
    /// Turn another installer's configuration into a stack
    ///
    /// SOURCE is a folder with the raw configuration of the Backstage operator, or a file with values of the official
    /// chart. Ends with 4 if something has no equivalent; each such value is listed with its reason.
    Import(ImportArguments),
    /// Write the stack as files for another tool: helm, kustomize, flux, argocd
    ///
    /// DIR is the export's own: a later export changes only what changed, removes only what it made, and refuses where a person
    /// changed a file. Contacts no cluster. No Secret and no key is ever in it.
    Export(Box<ExportArguments>),
    /// Hand an installed stack over to another tool, or take it back
    ///
    /// Moves the ownership of fields, and the marks of the tool that gives the stack away. No value changes, so no pod is replaced.
    /// Tools: helm, kustomize, flux, argocd.
    Handover(HandoverArguments),
    /// List the container images of the stack, one a line, for a registry without the internet
    Images,
    /// Print the version
    Version,
}

/// The options of `check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Check before an install
    #[arg(long)]
    pub pre: bool,
    /// Try the installed stack from inside, too: starts short-lived Jobs in its namespace, and removes them
    ///
    /// They see which certificate `PostgreSQL` serves and who is connected, try logins that `PostgreSQL` must refuse, and open
    /// connections that the `NetworkPolicies` let through or deny. `PostgreSQL` logs the refused logins.
    #[arg(long, conflicts_with = "pre")]
    pub probe: bool,
    /// Read the leaves from DIR/SECRET/tls.crt and DIR/SECRET/ca.crt, and no Secret: for an account that may read none
    #[arg(long, conflicts_with_all = ["pre", "probe"], value_name = "DIR")]
    pub certificates: Option<PathBuf>,
    /// How long the API server may keep silent before the first check, as it may to a new pod [default: it answers at once]
    #[arg(long, value_name = "DURATION")]
    pub patience: Option<HumanDuration>,
}

/// The options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// PATH, KIND/NAME/PATH, app-config/PATH or a code
    #[arg(value_name = "PATH")]
    pub path: String,
}

/// The options of `init`.
#[derive(Debug, Args)]
pub struct InitArguments {
    /// The file
    #[arg(default_value = "stack.yaml", value_name = "FILE")]
    pub file: PathBuf,
    /// The platform
    #[arg(long, default_value = "kubernetes", value_parser = platform, value_name = "NAME")]
    pub platform: KubernetesPlatform,
}

/// The options of `import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// A folder of the Backstage operator, or a file with values of the official chart
    #[arg(value_name = "SOURCE")]
    pub source: PathBuf,
    /// The folder that stack.yaml and its raw layer are written to; nothing in it is overwritten
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub to: PathBuf,
}

/// The options of `export`.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The tool
    #[arg(value_parser = tool, value_name = "TOOL")]
    pub tool: Tool,
    /// The folder, which is made if it is absent
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Export a part of the stack only
    #[arg(long, value_parser = ["rotation"], value_name = "PART")]
    pub only: Option<String>,
    /// For Helm: write the chart as an OCI image layout, which a tool copies into a registry as it is
    #[arg(long)]
    pub oci: bool,
    /// Where DIR is in its Git repository [default: its root]
    #[arg(long, default_value = "", hide_default_value = true, value_parser = inside, value_name = "FOLDER")]
    pub path: String,
    /// For Flux: the object that fetches the repository, KIND/NAME in its namespace flux-system
    #[arg(long, value_name = "KIND/NAME")]
    pub source: Option<FluxSource>,
    /// For Flux: make a `HelmRelease` of this chart instead; a folder of the repository with what `export helm` made, or
    /// `oci://REGISTRY/NAME:VERSION`
    #[arg(long, value_parser = inside, value_name = "CHART")]
    pub chart: Option<String>,
    /// For Argo CD: the address of the repository
    #[arg(long, value_name = "URL", required_if_eq("tool", "argocd"))]
    pub repository: Option<String>,
    /// For Argo CD: the branch, tag or commit of the repository [default: the default branch]
    #[arg(long, value_name = "REVISION")]
    pub revision: Option<String>,
    /// For Argo CD: for the clusters of a hub that have this label, and not for Argo CD's own cluster
    #[arg(long, value_name = "LABEL=VALUE", value_parser = spokes)]
    pub spokes: Option<SpokeLabel>,
    /// For Argo CD: a project that exists already and allows what the stack needs [default: the export makes one]
    #[arg(long, value_name = "NAME", value_parser = project)]
    pub project: Option<String>,
}

impl ExportArguments {
    /// Refuses an option that would have no effect on the files of this tool.
    pub fn checked(&self) -> Result<(), clap::Error> {
        let options = [
            ("--oci", self.oci, &[Tool::Helm][..]),
            ("--path", !self.path.is_empty(), &[Tool::Flux, Tool::Argocd]),
            ("--source", self.source.is_some(), &[Tool::Flux]),
            ("--chart", self.chart.is_some(), &[Tool::Flux]),
            ("--repository", self.repository.is_some(), &[Tool::Argocd]),
            ("--revision", self.revision.is_some(), &[Tool::Argocd]),
            ("--spokes", self.spokes.is_some(), &[Tool::Argocd]),
            ("--project", self.project.is_some(), &[Tool::Argocd]),
        ];
        for (option, is_given, tools) in options {
            if is_given && !tools.contains(&self.tool) {
                let told = format!("{option} has no meaning for an export for {}\n", self.tool.name());
                return Err(clap::Error::raw(clap::error::ErrorKind::ArgumentConflict, told));
            }
        }
        Ok(())
    }
}

/// The options of `handover`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct HandoverArguments {
    /// The tool that goes on; afterwards newleaf-deploy refuses to install over it
    #[arg(long, value_parser = tool, value_name = "TOOL")]
    pub to: Option<Tool>,
    /// The tool that gives the stack away; it must have stopped applying it, and `install` goes on
    #[arg(long, value_parser = tool, value_name = "TOOL")]
    pub from: Option<Tool>,
}

/// The options of `install`.
#[derive(Debug, Args)]
pub struct InstallArguments {
    /// Wait until everything is ready
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub wait: bool,
    /// How long to wait for each phase
    #[arg(long, default_value = "10m", value_name = "DURATION")]
    pub timeout: HumanDuration,
    /// Take this field over from its manager: .FIELD, or KIND/NAME:.FIELD, as the conflict names it; may be repeated
    #[arg(long, value_parser = TakenField::parse, value_name = "FIELD")]
    pub take_over: Vec<TakenField>,
}

/// The options of `diff`.
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// Exit with 3 if something would change
    #[arg(long)]
    pub exit_code: bool,
}

/// The options of `uninstall`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct UninstallArguments {
    /// Agree to the deletion that is shown
    #[arg(long)]
    pub yes: bool,
    /// Delete the volumes of the database too
    #[arg(long)]
    pub delete_data: bool,
    /// Delete the authority and the leaves too
    #[arg(long)]
    pub delete_authority: bool,
    /// Delete the namespace too, with everything in it
    #[arg(long, requires_all = ["delete_data", "delete_authority"])]
    pub delete_namespace: bool,
    /// How long to wait until everything is gone
    #[arg(long, default_value = "5m", value_name = "DURATION")]
    pub timeout: HumanDuration,
}

fn spokes(text: &str) -> Result<SpokeLabel, String> {
    SpokeLabel::parse(text).ok_or_else(|| "a label is LABEL=VALUE, for example clusterType=spoke".to_owned())
}

fn project(text: &str) -> Result<String, String> {
    let name = ObjectName::parse(text).ok_or_else(|| "a project has the name of a Kubernetes object".to_owned())?;
    Ok(name.as_str().to_owned())
}

fn tool(text: &str) -> Result<Tool, String> {
    let names: Vec<&str> = Tool::ALL.iter().map(|tool| tool.name()).collect();
    let known = Tool::ALL.into_iter().find(|tool| tool.name() == text);
    known.ok_or_else(|| format!("the tools are {}", names.join(", ")))
}

/// A folder of a repository: the path from its root.
fn inside(text: &str) -> Result<String, String> {
    if text.starts_with('/') || text.split('/').any(|part| part == "..") {
        return Err("expected a folder inside of the repository, from its root".to_owned());
    }
    Ok(text.to_owned())
}

fn platform(text: &str) -> Result<KubernetesPlatform, String> {
    let known = PLATFORMS.iter().find(|(name, _)| *name == text).map(|(_, platform)| *platform);
    let names: Vec<&str> = PLATFORMS.iter().map(|(name, _)| *name).collect();
    known.ok_or_else(|| format!("the platforms are {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn a_folder_of_a_repository_is_inside_of_it() {
        for (text, is_inside) in [
            ("", true),
            ("a/b", true),
            ("./a..b", true),
            ("oci://r.example/a:1", true),
            ("/a", false),
            ("..", false),
            ("a/../../b", false),
        ] {
            assert_eq!(inside(text).is_ok(), is_inside, "{text}");
        }
    }

    #[test]
    fn the_definition_is_sound() {
        DeployArguments::command().debug_assert();
    }
}
