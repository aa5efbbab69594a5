//! The guide shows the lines that are tested, and no others.

use std::fs;

const GUIDE: &str = "docs/guides/clients.md";
const PROGRAMS: [&str; 4] =
    ["tests/clients/client.sh", "tests/clients/client.js", "tests/clients/client.py", "tests/clients/client.rs"];

#[test]
fn the_guide_shows_the_lines_that_the_client_programs_run() {
    let guide = read(GUIDE);
    for program in PROGRAMS {
        let shown = block(&guide, program);
        assert!(shown.len() >= 2, "{GUIDE} shows lines of {program}");
        let source = read(program);
        let lines: Vec<&str> = source.lines().map(str::trim).collect();
        let found = lines.windows(shown.len()).any(|window| window == shown.as_slice());
        assert!(found, "{program} runs what {GUIDE} shows:\n{}", shown.join("\n"));
    }
}

/// The lines of the code block that follows the mark `<!-- PROGRAM -->`, without their indentation.
fn block<'a>(guide: &'a str, program: &str) -> Vec<&'a str> {
    let mark = format!("<!-- {program} -->");
    let after = guide.lines().skip_while(|line| *line != mark).skip(1).skip_while(|line| !line.starts_with("```"));
    after.skip(1).take_while(|line| !line.starts_with("```")).map(str::trim).collect()
}

fn read(file: &str) -> String {
    let path = project::root().join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file} cannot be read: {error}"))
}
