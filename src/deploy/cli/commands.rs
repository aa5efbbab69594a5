//! The commands, each from arguments to what is shown.

use base::diagnosis::Failure;
use serde::Serialize;
use stack::object::yaml;
use stack::settings::Settings;
use terminal::console::{Console, Format};
use terminal::exit::Verdict;
use terminal::stop_token::StopToken;

use crate::cli::arguments::{DeployGlobal, DiffArguments, InstallArguments, UninstallArguments};
use crate::cli::output;
use crate::cli::progress::ProgressLines;
use crate::cluster::StackCluster;
use crate::difference::{ObjectDifference, difference};
use crate::error::DeployError;
use crate::load::{self, StackOverrides};
use crate::plan::MemberKey;
use crate::remove::{Kept, Named, removal, remove};
use crate::run::Installation;
use crate::state;
use crate::wait::Waiter;

/// What differs, as a document.
#[derive(Debug, Serialize)]
struct DifferenceDocument {
    differences: Vec<ObjectDifference>,
}

/// What a removal does, as a document.
#[derive(Debug, Serialize)]
struct RemovalDocument {
    deleted: Vec<String>,
    kept: Vec<Kept>,
}

/// The version, as a document.
#[derive(Debug, Serialize)]
struct VersionDocument {
    version: &'static str,
}

async fn settings(global: &DeployGlobal) -> Result<Settings, Failure> {
    let overrides = StackOverrides { namespace: global.namespace.as_deref() };
    load::settings(global.filename.as_deref(), overrides).await
}

async fn cluster(global: &DeployGlobal) -> Result<StackCluster, Failure> {
    Ok(StackCluster::new(global.access().connect().await?))
}

/// Installs or upgrades.
pub(super) async fn install(
    global: &DeployGlobal,
    console: &Console,
    wanted: &InstallArguments,
) -> Result<Verdict, Failure> {
    let settings = settings(global).await?;
    let cluster = cluster(global).await?.taking_over(wanted.take_over.clone());
    let (events, stop) = (ProgressLines::new(console), StopToken::of_process());
    let waiter = Waiter { cluster: &cluster, events: &events, stop: &stop, limit: wanted.timeout };
    let namespace = settings.namespace.as_str().to_owned();
    let report = Box::pin(Installation { waiter, waits: wanted.wait }.run(settings)).await?;
    console.show("Installation", &report, |_| output::installed(&report, &namespace))?;
    Ok(Verdict::Done)
}

/// Shows what an installation would change.
pub(super) async fn diff(global: &DeployGlobal, console: &Console, wanted: &DiffArguments) -> Result<Verdict, Failure> {
    let settings = settings(global).await?;
    let differences = difference(&cluster(global).await?, settings).await?;
    let document = DifferenceDocument { differences };
    console.show("Difference", &document, |_| output::differences(&document.differences))?;
    let is_pending = wanted.exit_code && !document.differences.is_empty();
    Ok(if is_pending { Verdict::Pending } else { Verdict::Done })
}

/// Shows every object.
pub(super) async fn status(global: &DeployGlobal, console: &Console) -> Result<Verdict, Failure> {
    let settings = settings(global).await?;
    let state = state::state(&cluster(global).await?, settings).await?;
    console.show("StackStatus", &state, |_| output::state(&state))?;
    Ok(Verdict::Done)
}

/// Prints the objects: YAML for kubectl, or one List as JSON.
pub(super) async fn render(global: &DeployGlobal, console: &Console) -> Result<Verdict, Failure> {
    let objects = stack::render::render(&settings(global).await?);
    let text = match console.format() {
        Format::Table | Format::Yaml => yaml(&objects).map_err(|error| DeployError::Unwritable(error.to_string()))?,
        Format::Json => {
            let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects});
            let text = serde_json::to_string_pretty(&list);
            format!("{}\n", text.map_err(|error| DeployError::Unwritable(error.to_string()))?)
        }
    };
    console.print(&text)?;
    Ok(Verdict::Done)
}

/// Removes the stack, or shows what that would do.
pub(super) async fn uninstall(
    global: &DeployGlobal,
    console: &Console,
    wanted: &UninstallArguments,
) -> Result<Verdict, Failure> {
    let settings = settings(global).await?;
    let cluster = cluster(global).await?;
    let named =
        Named { data: wanted.delete_data, authority: wanted.delete_authority, namespace: wanted.delete_namespace };
    let plan = removal(&cluster, &settings, named).await?;
    let deleted: Vec<String> = plan.delete.iter().map(|object| MemberKey::of(object).to_string()).collect();
    let document = RemovalDocument { deleted, kept: plan.keep.clone() };
    let show =
        |is_done| console.show("Removal", &document, |_| output::removal(&document.deleted, &document.kept, is_done));
    if document.deleted.is_empty() {
        show(true)?;
        return Ok(Verdict::Done);
    }
    if !wanted.yes {
        show(false)?;
        return Err(DeployError::Unconfirmed.into());
    }
    let (events, stop) = (ProgressLines::new(console), StopToken::of_process());
    let waiter = Waiter { cluster: &cluster, events: &events, stop: &stop, limit: wanted.timeout };
    remove(&waiter, &settings, &plan).await?;
    show(true)?;
    Ok(Verdict::Done)
}

/// Prints the version.
pub(super) fn version(console: &Console) -> Result<Verdict, Failure> {
    let document = VersionDocument { version: env!("CARGO_PKG_VERSION") };
    console.show("Version", &document, |_| format!("newleaf-deploy {}\n", document.version))?;
    Ok(Verdict::Done)
}
