//! Colours, if the stream can show them.

use anstyle::{AnsiColor, Style as Ansi};

use crate::style::Style;

/// For emphasis.
pub const BOLD: Ansi = Ansi::new().bold();
/// For less important text.
pub const DIM: Ansi = Ansi::new().dimmed();
/// For a good state.
pub const GREEN: Ansi = AnsiColor::Green.on_default();
/// For a state that needs attention.
pub const YELLOW: Ansi = AnsiColor::Yellow.on_default();
/// For a failure.
pub const RED: Ansi = AnsiColor::Red.on_default().bold();

/// The text in a colour if the stream shows colours.
pub fn paint(style: Style, colour: Ansi, text: &str) -> String {
    if style.colour { format!("{colour}{text}{colour:#}") } else { text.to_owned() }
}
