//! Events of a run on standard error: a live line on a terminal, plain lines in a pipe.

use rotation::engine::ports::Reporter;
use rotation::engine::report::RunEvent;
use terminal::console::{Console, Format};
use terminal::paint::{DIM, GREEN, RED, YELLOW, paint};
use terminal::style::{Style, sanitise};

/// Shows events on standard error.
#[derive(Debug)]
pub struct Progress<'a> {
    console: &'a Console,
}

impl<'a> Progress<'a> {
    /// Writes to the console's standard error, unless it is quiet.
    pub const fn new(console: &'a Console) -> Self {
        Self { console }
    }
}

impl Reporter for Progress<'_> {
    fn report(&self, event: &RunEvent) {
        if self.console.is_quiet() {
            return;
        }
        match self.console.format() {
            Format::Json => self.console.tell_document("Event", event),
            Format::Table | Format::Yaml => self.console.tell(&line(event, self.console.error_style())),
        }
    }
}

/// An event as text. On a terminal the line of a running step stays open, and its end overwrites the line.
fn line(event: &RunEvent, style: Style) -> String {
    let (done, failed, open) = if style.unicode { ("✓", "✗", "·") } else { ("ok", "failed", "..") };
    let over = if style.terminal { "\r\u{1b}[K" } else { "" };
    match event {
        RunEvent::StepStarted { number, step } if style.terminal => {
            format!("{over}{} {number} {}", paint(style, DIM, open), sanitise(&step.to_string()))
        }
        RunEvent::LeaseAwaited | RunEvent::StepStarted { .. } => String::new(),
        RunEvent::StepFinished { number, step, seconds } => {
            let step = sanitise(&step.to_string());
            let time = paint(style, DIM, &format!("{seconds:.3} s"));
            format!("{over}{} {number} {step} {time}\n", paint(style, GREEN, done))
        }
        RunEvent::StepFailed { number, step, code, .. } => {
            let step = sanitise(&step.to_string());
            format!("{over}{} {number} {step} [{code}]\n", paint(style, RED, failed))
        }
        RunEvent::Conflict { step } => {
            let step = sanitise(&step.to_string());
            format!("{over}{} another writer was faster; observing again before: {step}\n", paint(style, YELLOW, "!"))
        }
    }
}

#[cfg(test)]
mod tests {
    use rotation::engine::facts::Peer;
    use rotation::engine::step::Step;

    use super::*;

    fn step() -> Step {
        Step::PickUp { peer: Peer::Server, consumer: "postgres".to_owned() }
    }

    #[test]
    fn a_pipe_gets_one_whole_line_a_step() {
        let started = line(&RunEvent::StepStarted { number: 1, step: step() }, Style::PLAIN);
        let finished = line(&RunEvent::StepFinished { number: 1, step: step(), seconds: 0.5 }, Style::PLAIN);
        assert_eq!(started, "");
        assert_eq!(finished, "ok 1 make postgres load the server's leaf 0.500 s\n");
    }

    #[test]
    fn a_terminal_gets_a_line_that_is_written_over() {
        let style = Style { terminal: true, unicode: true, ..Style::PLAIN };
        let started = line(&RunEvent::StepStarted { number: 1, step: step() }, style);
        let finished = line(&RunEvent::StepFinished { number: 1, step: step(), seconds: 0.5 }, style);
        assert!(!started.ends_with('\n'));
        assert!(finished.starts_with("\r\u{1b}[K✓ 1 ") && finished.ends_with('\n'));
    }
}
