//! The abilities of the terminal. Besides clap, only this file reads the environment.

use std::ffi::OsString;
use std::io::IsTerminal;

use clap::ColorChoice;

/// The smallest and largest width for tables and bars.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=120;
/// The width if it is unknown, as in a pipe.
const WIDTH_DEFAULT: usize = 80;

/// The abilities of one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether it is a terminal.
    pub terminal: bool,
    /// Whether it shows colours.
    pub colour: bool,
    /// Whether it shows characters beyond ASCII.
    pub unicode: bool,
    /// The number of columns.
    pub width: usize,
}

impl Style {
    /// The style for a pipe, a file or a test.
    pub const PLAIN: Self = Self { terminal: false, colour: false, unicode: false, width: WIDTH_DEFAULT };
}

/// The abilities of standard output and standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Standard output, for data.
    pub output: Style,
    /// Standard error, for everything else.
    pub error: Style,
}

impl Terminal {
    /// Examines the streams and the environment.
    pub fn detect(colour: ColorChoice) -> Self {
        let environment = TerminalVariables::read();
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let style = |terminal| environment.style(terminal, colour, width);
        Self { output: style(std::io::stdout().is_terminal()), error: style(std::io::stderr().is_terminal()) }
    }
}

/// The environment variables about the abilities of a terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct TerminalVariables {
    no_color: bool,
    dumb: bool,
    utf8: bool,
    columns: Option<usize>,
}

impl TerminalVariables {
    fn read() -> Self {
        let text = |name: &str| std::env::var_os(name).and_then(|value| value.into_string().ok()).unwrap_or_default();
        // POSIX, "Environment Variables", 8.2: the first of these that is set and not empty.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().map(text).find(|value| !value.is_empty());
        let locale = locale.unwrap_or_default().to_ascii_lowercase();
        Self {
            no_color: std::env::var_os("NO_COLOR").is_some_and(|value: OsString| !value.is_empty()),
            dumb: text("TERM") == "dumb",
            utf8: locale.contains("utf-8") || locale.contains("utf8"),
            columns: text("COLUMNS").parse().ok(),
        }
    }

    fn style(&self, terminal: bool, colour: ColorChoice, width: Option<usize>) -> Style {
        let colour = match colour {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !self.no_color && !self.dumb,
        };
        let width = self.columns.or(width.filter(|_| terminal)).unwrap_or(WIDTH_DEFAULT);
        Style {
            terminal: terminal && !self.dumb,
            colour,
            unicode: self.utf8 && !self.dumb,
            width: width.clamp(*WIDTHS.start(), *WIDTHS.end()),
        }
    }
}

/// A text that is safe to show: it escapes control characters, which could move the cursor or change colours, and
/// characters that reverse the direction of writing.
pub fn sanitise(text: &str) -> String {
    let hidden =
        |letter: char| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() || hidden(letter) {
            safe.extend(letter.escape_default());
        } else {
            safe.push(letter);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_needs_a_terminal_and_consent() {
        let plain = TerminalVariables { utf8: true, ..TerminalVariables::default() };
        assert!(plain.style(true, ColorChoice::Auto, None).colour);
        assert!(!plain.style(false, ColorChoice::Auto, None).colour);
        assert!(plain.style(false, ColorChoice::Always, None).colour);
        let refused = TerminalVariables { no_color: true, ..plain };
        assert!(!refused.style(true, ColorChoice::Auto, None).colour);
        assert!(refused.style(true, ColorChoice::Always, None).colour, "a flag stands above the environment");
    }

    #[test]
    fn width_is_that_of_the_terminal_within_reason() {
        let environment = TerminalVariables::default();
        assert_eq!(environment.style(true, ColorChoice::Auto, Some(100)).width, 100);
        assert_eq!(environment.style(true, ColorChoice::Auto, Some(5)).width, 40);
        assert_eq!(environment.style(false, ColorChoice::Auto, Some(100)).width, WIDTH_DEFAULT);
    }

    #[test]
    fn nothing_can_steer_the_terminal() {
        assert_eq!(sanitise("a\u{1b}[2Jb\r\n\u{202e}c é"), "a\\u{1b}[2Jb\\r\\n\\u{202e}c é");
    }
}
