//! What the demo prints: sections, commands, aligned columns; colour only on a terminal.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default().bold();

/// How a cell is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Quiet,
    Good,
    Bad,
}

/// Standard output.
pub(crate) struct Paper {
    output: io::Stdout,
    terminal: bool,
    coloured: bool,
    sections: usize,
    /// A line that the next one writes over.
    open: bool,
}

impl Paper {
    /// The process's own; `NO_COLOR` is respected.
    pub(crate) fn of_process() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let output = io::stdout();
        let terminal = output.is_terminal();
        Self { coloured: wanted && terminal, terminal, output, sections: 0, open: false }
    }

    /// Goes on where another process has left off, after this many sections.
    pub(crate) const fn after(self, sections: usize) -> Self {
        Self { sections, ..self }
    }

    pub(crate) fn title(&mut self, name: &str, subject: &str) {
        let name = self.paint(BOLD, name);
        self.line(&format!("\n{name}  {subject}"));
    }

    pub(crate) fn section(&mut self, title: &str) {
        self.sections += 1;
        let title = self.paint(BOLD, &format!("{}  {title}", self.sections));
        self.line(&format!("\n{title}\n"));
    }

    pub(crate) fn command(&mut self, words: &str) {
        let prompt = self.paint(DIM, "$");
        self.line(&format!("   {prompt} {words}"));
    }

    pub(crate) fn file(&mut self, name: &str, text: &str) {
        self.line(&format!("   {name}"));
        for line in text.lines() {
            let line = self.paint(DIM, line);
            self.line(&format!("     {line}"));
        }
    }

    pub(crate) fn sentence(&mut self, text: &str) {
        self.line(&format!("\n   {text}"));
    }

    /// What is waited for now, until something else is printed; on a terminal only.
    pub(crate) fn waiting(&mut self, what: &str) {
        if self.terminal {
            let what = self.paint(DIM, &format!("{what} ..."));
            self.write(&format!("   {what}"));
            self.open = true;
        }
    }

    /// One step of several that are told as they come, with its time.
    pub(crate) fn step(&mut self, step: &str, seconds: f64) {
        let time = self.paint(DIM, &format!("{seconds:>8.1} s"));
        self.line(&format!("   {step:<56}{time}"));
    }

    /// Something that is good to know, and no more.
    pub(crate) fn note(&mut self, text: &str) {
        let text = self.paint(DIM, text);
        self.line(&format!("   {text}"));
    }

    pub(crate) fn pause(&mut self) {
        self.line("");
    }

    /// Steps with the time that each took.
    pub(crate) fn steps(&mut self, steps: &[(String, f64)]) {
        let total: f64 = steps.iter().map(|(_, seconds)| seconds).sum();
        let time = |seconds: f64| format!("{:>8.1} ms", seconds * 1000.0);
        let rows: Vec<Vec<(String, Tone)>> = steps
            .iter()
            .map(|(step, seconds)| vec![(step.clone(), Tone::Plain), (time(*seconds), Tone::Plain)])
            .chain([vec![(format!("{} steps", steps.len()), Tone::Quiet), (time(total), Tone::Quiet)]])
            .collect();
        self.table(&[], &rows);
    }

    /// Plain columns.
    pub(crate) fn rows<const N: usize, T: AsRef<str>>(&mut self, rows: &[[T; N]]) {
        let rows: Vec<Vec<(String, Tone)>> =
            rows.iter().map(|row| row.iter().map(|cell| (cell.as_ref().to_owned(), Tone::Plain)).collect()).collect();
        self.table(&[], &rows);
    }

    /// Columns as wide as their widest cell, under a header where there is one.
    pub(crate) fn table(&mut self, header: &[&str], rows: &[Vec<(String, Tone)>]) {
        let header: Vec<(String, Tone)> = header.iter().map(|&cell| (cell.to_owned(), Tone::Quiet)).collect();
        let lines = || std::iter::once(&header).filter(|header| !header.is_empty()).chain(rows);
        let mut widths: Vec<usize> = Vec::new();
        for line in lines() {
            widths.resize(widths.len().max(line.len()), 0);
            for (width, (cell, _)) in widths.iter_mut().zip(line) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for line in lines() {
            let last = line.len().saturating_sub(1);
            let cells = line.iter().zip(&widths).enumerate().map(|(column, ((cell, tone), width))| {
                let gap = if column == last { 0 } else { width - cell.chars().count() + 3 };
                format!("{}{}", self.tone(*tone, cell), " ".repeat(gap))
            });
            let line: String = cells.collect();
            self.line(format!("   {line}").trim_end());
        }
    }

    pub(crate) fn verdict(&mut self, well: bool, took: Duration) {
        let took = format!("{:.1} s", took.as_secs_f64());
        let word = if well {
            self.paint(GREEN, "Every client that may log in always could; every serial is new.")
        } else {
            self.paint(RED, "Something is not as it must be: see above.")
        };
        self.line(&format!("\n   {word} {}\n", self.paint(DIM, &took)));
    }

    pub(crate) fn failed(&mut self, problem: &str) {
        let word = self.paint(RED, "stopped");
        self.line(&format!("\n   {word}: {problem}\n"));
    }

    fn tone(&self, tone: Tone, text: &str) -> String {
        match tone {
            Tone::Plain => text.to_owned(),
            Tone::Quiet => self.paint(DIM, text),
            Tone::Good => self.paint(GREEN, text),
            Tone::Bad => self.paint(RED, text),
        }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.coloured { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn line(&mut self, text: &str) {
        self.write(&format!("{text}\n"));
    }

    /// A reader that has gone away has seen what it wanted.
    fn write(&mut self, text: &str) {
        let over = if std::mem::take(&mut self.open) { "\r\u{1b}[K" } else { "" };
        write!(self.output, "{over}{text}").and_then(|()| self.output.flush()).unwrap_or_default();
    }
}
