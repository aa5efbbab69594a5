//! The commands, each from arguments to what is shown.

use base::diagnosis::Failure;
use serde::Serialize;
use stack::components::check;
use stack::export::{ExportPart, RepositoryPlace};
use stack::images::{self, ImageUse};
use stack::import::LeftOut;
use stack::object::yaml;
use stack::settings::Settings;
use stack::template::template;
use terminal::console::{Console, Format};
use terminal::exit::Verdict;
use terminal::stop_token::StopToken;
use terminal::style::sanitise;
use terminal::table::table;

use crate::bring::{self, BringError};
use crate::cli::arguments::{
    DeployGlobal, DiffArguments, ExportArguments, HandoverArguments, ImportArguments, InitArguments, InstallArguments,
    UninstallArguments,
};
use crate::cli::output;
use crate::cli::progress::ProgressLines;
use crate::cluster::{REQUEST, StackCluster};
use crate::difference::{ObjectDifference, difference};
use crate::error::DeployError;
use crate::export::{self, ExportError, Exporting};
use crate::handover::Handover;
use crate::load::{LoadedStack, StackSource};
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

/// The images, as a document.
#[derive(Debug, Serialize)]
struct ImagesDocument {
    images: Vec<ImageUse>,
}

/// What an import wrote and left, as a document.
#[derive(Debug, Serialize)]
struct ImportDocument {
    written: Vec<String>,
    left: Vec<LeftOut>,
}

/// The version, as a document.
#[derive(Debug, Serialize)]
struct VersionDocument {
    version: &'static str,
}

/// The stack of the flags, from the files of this machine.
pub(super) async fn stack(global: &DeployGlobal) -> Result<Box<LoadedStack>, Failure> {
    let (files, sets, namespace) = (global.filename.clone(), global.set.clone(), global.namespace.clone());
    LoadedStack::load(&StackSource { files, sets, namespace }).await
}

/// The settings, with the raw layers that are in the cluster.
async fn settings(global: &DeployGlobal) -> Result<Settings, Failure> {
    let stack = stack(global).await?;
    if stack.unread().is_empty() {
        return Ok(stack.settings);
    }
    Ok(stack.with_config_maps(&cluster(global).await?).await?.settings)
}

/// The same for a command that contacts no cluster: it says what it leaves out.
async fn settings_of_files(global: &DeployGlobal, console: &Console) -> Result<Settings, Failure> {
    let stack = stack(global).await?;
    for name in stack.unread() {
        console
            .tell(&format!("note: the raw layer in ConfigMap {name} is left out: this command contacts no cluster\n"));
    }
    Ok(stack.settings)
}

pub(super) async fn cluster(global: &DeployGlobal) -> Result<StackCluster, Failure> {
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
    let waiter = Waiter { cluster: &cluster, events: &events, stop: &stop, limit: wanted.timeout.to_std() };
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
    let objects = stack::render::render(&settings_of_files(global, console).await?);
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
    let waiter = Waiter { cluster: &cluster, events: &events, stop: &stop, limit: wanted.timeout.to_std() };
    remove(&waiter, &settings, &plan).await?;
    show(true)?;
    Ok(Verdict::Done)
}

/// Writes a document to begin with.
pub(super) fn init(console: &Console, wanted: &InitArguments) -> Result<Verdict, Failure> {
    bring::write_new(&wanted.file, &template(wanted.platform))?;
    console.tell(&format!("wrote {}\n", sanitise(&wanted.file.display().to_string())));
    Ok(Verdict::Done)
}

/// Turns another installer's configuration into a stack.
pub(super) fn import(console: &Console, wanted: &ImportArguments) -> Result<Verdict, Failure> {
    let imported = bring::read(&wanted.source)?;
    let written = bring::write(&imported, &wanted.to)?;
    let written = written.iter().map(|path| path.display().to_string()).collect();
    let document = ImportDocument { written, left: imported.left };
    console.show("Import", &document, |_| {
        let rows: Vec<[String; 2]> =
            document.left.iter().map(|left| [left.place.clone(), left.reason.clone()]).collect();
        let written: Vec<String> = document.written.iter().map(|path| format!("wrote {}\n", sanitise(path))).collect();
        let left = if rows.is_empty() { String::new() } else { table(["NOT TAKEN", "WHY"], &rows) };
        format!("{}{left}", written.concat())
    })?;
    if document.left.is_empty() {
        Ok(Verdict::Done)
    } else {
        Err(BringError::Incomplete { left: document.left.len() }.into())
    }
}

/// Writes the stack as files for another tool.
pub(super) async fn export(
    global: &DeployGlobal,
    console: &Console,
    wanted: &ExportArguments,
) -> Result<Verdict, Failure> {
    let stack = stack(global).await?;
    if let Some(name) = stack.unread().first() {
        return Err(ExportError::LayerInCluster { name: (*name).to_owned() }.into());
    }
    let part = if wanted.only.is_some() { ExportPart::Rotation } else { ExportPart::Stack };
    let repository = RepositoryPlace {
        url: wanted.repository.clone(),
        revision: wanted.revision.clone(),
        path: wanted.path.clone(),
        flux: wanted.source.clone().unwrap_or_default(),
        chart: wanted.chart.clone(),
        spokes: wanted.spokes.clone(),
        project: wanted.project.clone(),
    };
    let exporting = Exporting { format: wanted.tool, part, repository: &repository, oci: wanted.oci };
    let report = export::run(&stack, exporting, &wanted.folder)?;
    console.show("Export", &report, |_| output::exported(&report))?;
    Ok(Verdict::Done)
}

/// Hands the stack over to another tool, or takes it back.
pub(super) async fn handover(
    global: &DeployGlobal,
    console: &Console,
    wanted: &HandoverArguments,
) -> Result<Verdict, Failure> {
    let handover = match (wanted.to, wanted.from) {
        (Some(tool), _) => Handover::To(tool),
        (None, Some(tool)) => Handover::From(tool),
        // clap refuses this line.
        (None, None) => return Ok(Verdict::Done),
    };
    let settings = settings(global).await?;
    let cluster = cluster(global).await?;
    let (events, stop) = (ProgressLines::new(console), StopToken::of_process());
    let waiter = Waiter { cluster: &cluster, events: &events, stop: &stop, limit: REQUEST };
    let report = Box::pin(handover.run(&waiter, &settings)).await?;
    console.show("Handover", &report, |_| output::handed_over(handover, &report))?;
    Ok(Verdict::Done)
}

/// Lists the images.
pub(super) async fn images(global: &DeployGlobal, console: &Console) -> Result<Verdict, Failure> {
    let settings = settings_of_files(global, console).await?;
    let mut objects = stack::render::render(&settings);
    objects.extend(check::objects(&settings, &objects));
    let document = ImagesDocument { images: images::of(&objects) };
    console.show("Images", &document, |_| {
        let lines: Vec<String> = document.images.iter().map(|image| sanitise(&image.image) + "\n").collect();
        lines.concat()
    })?;
    Ok(Verdict::Done)
}

/// Prints the version.
pub(super) fn version(console: &Console) -> Result<Verdict, Failure> {
    let document = VersionDocument { version: env!("CARGO_PKG_VERSION") };
    console.show("Version", &document, |_| format!("newleaf-deploy {}\n", document.version))?;
    Ok(Verdict::Done)
}
