//! Colours, where the stream can show them.

use anstyle::{AnsiColor, Style as Ansi};

use crate::style::Style;

/// What is emphasised.
pub const BOLD: Ansi = Ansi::new().bold();
/// What is less important.
pub const DIM: Ansi = Ansi::new().dimmed();
/// What is well.
pub const GREEN: Ansi = AnsiColor::Green.on_default();
/// What needs attention.
pub const YELLOW: Ansi = AnsiColor::Yellow.on_default();
/// What is wrong.
pub const RED: Ansi = AnsiColor::Red.on_default().bold();

/// The text in a colour, or as it is.
pub fn paint(style: Style, colour: Ansi, text: &str) -> String {
    if style.colour { format!("{colour}{text}{colour:#}") } else { text.to_owned() }
}
