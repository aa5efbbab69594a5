//! `explain`: the page of an error code.

use base::diagnosis::{Code, Diagnose, Failure};
use serde::Serialize;
use terminal::console::Console;
use terminal::exit::Verdict;
use terminal::table::table;

/// A page as JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorPage {
    code: Code,
    title: &'static str,
    meaning: &'static str,
    remedy: &'static str,
    exit_code: u8,
}

#[derive(Debug, Serialize)]
struct ErrorPages {
    codes: Vec<ErrorPage>,
}

/// The code does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a code")]
struct UnknownCode(String);

impl Diagnose for UnknownCode {
    fn code(&self) -> Code {
        Code::UnknownCode
    }
}

impl ErrorPage {
    const fn new(code: Code) -> Self {
        Self {
            code,
            title: code.title(),
            meaning: code.meaning(),
            remedy: code.remedy(),
            exit_code: code.class().exit_code(),
        }
    }
}

/// Explains one code, or lists all codes.
pub fn explain(console: &Console, wanted: Option<&str>) -> Result<Verdict, Failure> {
    match wanted {
        None => {
            let pages = ErrorPages { codes: Code::ALL.iter().copied().map(ErrorPage::new).collect() };
            console.show("Explanations", &pages, |_| list(&pages.codes))?;
        }
        Some(wanted) => {
            let known = Code::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(wanted));
            let page = ErrorPage::new(known.ok_or_else(|| UnknownCode(wanted.to_owned()))?);
            console.show("Explanation", &page, |_| {
                let ErrorPage { code, title, meaning, remedy, exit_code } = &page;
                format!("{code}: {title}\n\n{meaning}\n\nWhat to do: {remedy}\n\nExit code: {exit_code}\n")
            })?;
        }
    }
    Ok(Verdict::Done)
}

fn list(pages: &[ErrorPage]) -> String {
    let rows: Vec<[String; 3]> = pages
        .iter()
        .map(|page| [page.code.to_string(), format!("{}", page.exit_code), page.title.to_owned()])
        .collect();
    table(["CODE", "EXIT", "TITLE"], &rows)
}
