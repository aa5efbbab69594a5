//! `explain`: where a value of the document, of a rendered object or of the app-config comes from, and what it overrode.

use base::diagnosis::{Code, Diagnose, Failure};
use base::layers::nearest::nearest;
use base::layers::origin::Origin;
use base::layers::path::FieldPath;
use base::layers::schema;
use serde::Serialize;
use serde_json::Value;
use stack::document;
use stack::layers::convert::document_value;
use stack::layers::provenance::{Provenance, sources};
use terminal::console::Console;
use terminal::exit::Verdict;
use terminal::style::sanitise;

use crate::cli::arguments::{DeployGlobal, ExplainArguments};
use crate::cli::commands;
use crate::load::LoadedStack;

/// Nothing is known of the path.
#[derive(Debug, thiserror::Error)]
#[error("nothing is given at {path}: {problem}")]
struct NothingThere {
    path: String,
    problem: String,
}

impl Diagnose for NothingThere {
    fn code(&self) -> Code {
        Code::PathUnknown
    }
}

/// Where a value comes from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExplainedValue {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    origin: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overridden: Vec<String>,
    /// The keys of the document that a rendered value follows from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    follows_from: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_read: Vec<String>,
}

/// The page of a code.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CodePage {
    code: Code,
    title: &'static str,
    meaning: &'static str,
    remedy: &'static str,
    exit_code: u8,
}

/// Explains a code, or where a value comes from.
pub(super) async fn explain(
    global: &DeployGlobal,
    console: &Console,
    wanted: &ExplainArguments,
) -> Result<Verdict, Failure> {
    let asked = wanted.path.as_str();
    if let Some(code) = Code::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(asked)) {
        return page(console, code);
    }
    let stack = commands::stack(global).await?;
    let stack = if stack.unread().is_empty() || !asked.contains('/') {
        stack
    } else {
        stack.with_config_maps(&commands::cluster(global).await?).await?
    };
    let parts: Vec<&str> = asked.splitn(3, '/').collect();
    let explained = match parts.as_slice() {
        ["app-config", path @ ..] => app_config(&stack, asked, &path.join("/"))?,
        [kind, name, path] if is_kind(&stack, kind)? => object(&stack, asked, (kind, name), path)?,
        [kind, name] if is_kind(&stack, kind)? => object(&stack, asked, (kind, name), "")?,
        _ => of_document(&stack, asked)?,
    };
    console.show("ExplainedValue", &explained, |_| text(&explained))?;
    Ok(Verdict::Done)
}

fn page(console: &Console, code: Code) -> Result<Verdict, Failure> {
    let (title, meaning, remedy) = (code.title(), code.meaning(), code.remedy());
    let page = CodePage { code, title, meaning, remedy, exit_code: code.class().exit_code() };
    console.show("Explanation", &page, |_| {
        let exit = page.exit_code;
        format!("{code}: {title}\n\n{meaning}\n\nWhat to do: {remedy}\n\nExit code: {exit}\n")
    })?;
    Ok(Verdict::Done)
}

fn is_kind(stack: &LoadedStack, kind: &str) -> Result<bool, Failure> {
    Ok(stack.objects()?.objects.iter().any(|object| object.kind().eq_ignore_ascii_case(kind)))
}

fn parse(asked: &str, path: &str) -> Result<FieldPath, NothingThere> {
    path.parse().map_err(|error| NothingThere { path: asked.to_owned(), problem: format!("{error}") })
}

fn of_document(stack: &LoadedStack, asked: &str) -> Result<ExplainedValue, Failure> {
    let path = parse(asked, asked)?;
    if let Some(found) = stack.document.tree.explain(&path) {
        let overridden = found.overridden.iter().map(Origin::to_string).collect();
        return Ok(ExplainedValue {
            path: found.path.to_string(),
            value: found.value.map(document_value),
            origin: found.origin.to_string(),
            overridden,
            follows_from: Vec::new(),
            not_read: Vec::new(),
        });
    }
    let schema = document::schema().as_value();
    if schema::form(schema, &path).is_some() {
        let origin = format!("{}: no layer gives it", Origin::Default);
        let (overridden, follows_from, not_read) = (Vec::new(), Vec::new(), Vec::new());
        return Ok(ExplainedValue { path: path.to_string(), value: None, origin, overridden, follows_from, not_read });
    }
    let mut known = path.segments().to_vec();
    let mut problem = "the stack has no such key".to_owned();
    while let Some(wrong) = known.pop() {
        let keys = schema::keys(schema, &FieldPath::from(known.clone()));
        if let (Some(near), base::layers::path::Segment::Name(name)) =
            (nearest(&name_of(&wrong), keys.iter().copied()), &wrong)
            && !keys.contains(&name.as_str())
        {
            problem = format!("there is no key {name}; the nearest is {near}, of {}", keys.join(", "));
        }
    }
    Err(NothingThere { path: asked.to_owned(), problem }.into())
}

fn name_of(segment: &base::layers::path::Segment) -> String {
    match segment {
        base::layers::path::Segment::Name(name) => name.clone(),
        base::layers::path::Segment::Index(index) => index.to_string(),
    }
}

fn object(stack: &LoadedStack, asked: &str, (kind, name): (&str, &str), path: &str) -> Result<ExplainedValue, Failure> {
    let layered = stack.objects()?;
    let missing = |problem: String| NothingThere { path: asked.to_owned(), problem };
    if layered.find(kind, name).is_none() {
        let of_kind = layered.objects.iter().filter(|object| object.kind().eq_ignore_ascii_case(kind));
        let names: Vec<&str> = of_kind.map(stack::object::Object::name).collect();
        return Err(missing(format!("no {kind} {name} is rendered, but {}", names.join(", "))).into());
    }
    let field = parse(asked, path)?;
    let found =
        layered.explain(kind, name, &field).ok_or_else(|| missing("the object has no such field".to_owned()))?;
    let follows_from = if found.origin == Origin::Default {
        let render = |document: &stack::layers::document::LayeredDocument| {
            let layered = stack::render::layered(&document.settings().ok()?).ok()?;
            layered.explain(kind, name, &field).map(|found| found.value)
        };
        let given = sources(&stack.document, render);
        given.iter().map(|(path, origin)| format!("{path} ({origin})")).collect()
    } else {
        Vec::new()
    };
    let is_secret = kind.eq_ignore_ascii_case("Secret");
    Ok(ExplainedValue { follows_from, ..explained(asked, found, is_secret, "rendered") })
}

fn app_config(stack: &LoadedStack, asked: &str, path: &str) -> Result<ExplainedValue, Failure> {
    let field = parse(asked, path)?;
    let missing = || NothingThere {
        path: asked.to_owned(),
        problem: "no layer of app-config that can be read gives it".to_owned(),
    };
    let found = stack.app_config.explain(&field).ok_or_else(missing)?;
    Ok(ExplainedValue { not_read: stack.app_config.unread.clone(), ..explained(asked, found, false, "generated") })
}

fn explained(asked: &str, found: Provenance, is_secret: bool, default: &str) -> ExplainedValue {
    let told = |origin: &Origin| if *origin == Origin::Default { default.to_owned() } else { origin.to_string() };
    let value = if is_secret { Some(Value::from("(a Secret is not shown)")) } else { found.value };
    ExplainedValue {
        path: asked.to_owned(),
        value,
        origin: told(&found.origin),
        overridden: found.overridden.iter().map(told).collect(),
        follows_from: Vec::new(),
        not_read: Vec::new(),
    }
}

fn text(explained: &ExplainedValue) -> String {
    let value = match &explained.value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(_) | Value::Array(_)) => "given".to_owned(),
        Some(value) => value.to_string(),
        None if explained.origin.starts_with("default") => "not given".to_owned(),
        None => "deleted".to_owned(),
    };
    let mut lines = vec![format!("{}: {value}", explained.path), format!("  from          {}", explained.origin)];
    for (label, entries) in [
        ("  overrides     ", &explained.overridden),
        ("  follows from  ", &explained.follows_from),
        ("  not looked at ", &explained.not_read),
    ] {
        lines.extend(entries.iter().map(|entry| format!("{label}{entry}")));
    }
    let lines: Vec<String> = lines.iter().map(|line| sanitise(line) + "\n").collect();
    lines.concat()
}
