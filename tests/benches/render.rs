//! From the stack's file to its objects, beside writing these objects as YAML.
//!
//! `cargo bench --bench render`

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures with the clock, prints its table and stops at the first surprise"
)]

#[path = "median.rs"]
mod median;

use std::hint::black_box;
use std::time::{Duration, Instant};

use stack::document::parse;
use stack::object::{Object, yaml};
use stack::render::render;
use stack::settings::Settings;

use crate::median::median;

/// Rounds; the median is shown.
const ROUNDS: usize = 21;
/// How long a round lasts.
const ROUND: Duration = Duration::from_millis(200);

const EVERYTHING: &str = "
host: portal.example.org
ingress: {className: nginx}
backstage: {replicas: 3}
database: {memory: 4Gi}
monitoring: {alerts: true, dashboard: true, serviceMonitor: true}
";

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    println!("{:<40} {:>8} {:>8} {:>10}", "from text to objects", "ms", "ratio", "objects");
    for (name, text) in [("the stack without a file", ""), ("with Ingress, monitoring, replicas", EVERYTHING)] {
        let objects = objects(text);
        let written = milliseconds(rounds, || drop(black_box(yaml(&objects).expect("YAML"))));
        let rendered = milliseconds(rounds, || drop(black_box(self::objects(black_box(text)))));
        println!("{name:<40} {rendered:>8.2} {:>8.2} {:>10}", rendered / written, objects.len());
        println!("{:<40} {written:>8.2} {:>8.2}", "  the same objects written as YAML", 1.0);
    }
}

fn objects(text: &str) -> Vec<Object> {
    render(&Settings::of(&parse(text).expect("a document")).expect("a valid one"))
}

/// Milliseconds an operation takes: the median of the rounds.
fn milliseconds(rounds: usize, mut operation: impl FnMut()) -> f64 {
    let times = (0..rounds)
        .map(|_| {
            let (start, mut count) = (Instant::now(), 0_u32);
            while start.elapsed() < ROUND {
                operation();
                count += 1;
            }
            start.elapsed().as_secs_f64() * 1000.0 / f64::from(count)
        })
        .collect();
    median(times)
}
