//! Events on standard error: a live line on a terminal, whole lines in a pipe, JSON on demand.

use terminal::console::{Console, Format};
use terminal::paint::{DIM, GREEN, paint};
use terminal::style::{Style, sanitise};

use crate::event::{DeployEvent, EventSink};

/// Shows events on standard error.
#[derive(Debug)]
pub struct ProgressLines<'a> {
    console: &'a Console,
}

impl<'a> ProgressLines<'a> {
    /// Writes to the console's standard error, unless it is quiet.
    pub const fn new(console: &'a Console) -> Self {
        Self { console }
    }
}

impl EventSink for ProgressLines<'_> {
    fn tell(&self, event: &DeployEvent) {
        if self.console.is_quiet() {
            return;
        }
        match self.console.format() {
            Format::Json => self.console.tell_document("Event", event),
            Format::Table | Format::Yaml => self.console.tell(&line(event, self.console.error_style())),
        }
    }
}

/// An event as text. On a terminal the line of what is waited for stays open, and the next line overwrites it.
fn line(event: &DeployEvent, style: Style) -> String {
    let (done, open) = if style.unicode { ("✓", "·") } else { ("ok", "..") };
    let over = if style.terminal { "\r\u{1b}[K" } else { "" };
    match event {
        DeployEvent::Object { action: action @ ("delete" | "prune"), object } => {
            format!("{over}{} {action} {}\n", paint(style, GREEN, done), sanitise(object))
        }
        DeployEvent::Waiting { component, object, why, seconds } if style.terminal => {
            let text = format!("{component}: {object}: {why} {seconds} s");
            let short: String = sanitise(&text).chars().take(style.width.saturating_sub(3)).collect();
            format!("{over}{} {short}", paint(style, DIM, open))
        }
        DeployEvent::Object { .. } | DeployEvent::Waiting { .. } => String::new(),
        DeployEvent::ComponentReady { component, objects, written, seconds } => {
            let plural = if *objects == 1 { "object" } else { "objects" };
            let time = paint(style, DIM, &format!("{seconds:.1} s"));
            let mark = paint(style, GREEN, done);
            format!("{over}{mark} {component}: {objects} {plural} ready, {written} written {time}\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_gets_one_whole_line_a_component() {
        let waiting = DeployEvent::Waiting {
            component: "database",
            object: "StatefulSet a/b".to_owned(),
            why: "x".to_owned(),
            seconds: 3,
        };
        assert_eq!(line(&waiting, Style::PLAIN), "");
        let ready = DeployEvent::ComponentReady { component: "database", objects: 4, written: 1, seconds: 12.34 };
        assert_eq!(line(&ready, Style::PLAIN), "ok database: 4 objects ready, 1 written 12.3 s\n");
        let style = Style { terminal: true, unicode: true, ..Style::PLAIN };
        assert!(line(&waiting, style).starts_with("\r\u{1b}[K· database: ") && !line(&waiting, style).ends_with('\n'));
    }
}
