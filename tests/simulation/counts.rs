//! What was done in the lives of a test.

use crate::world::World;

/// What was done, for the summary.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) runs: u64,
    pub(crate) calls: u64,
    pub(crate) deaths: u64,
    pub(crate) faults: u64,
    pub(crate) leaves: u64,
    pub(crate) rollovers: u64,
    pub(crate) removals: u64,
    pub(crate) pick_ups: u64,
    pub(crate) outages: u64,
    pub(crate) refusals: u64,
    pub(crate) days: u64,
    pub(crate) lost_to_clock: u64,
}

impl Counts {
    /// Adds what was done in a life.
    pub(crate) fn add(&mut self, world: &World) {
        let other = world.counts;
        self.runs += other.runs;
        self.calls += other.calls;
        self.deaths += other.deaths;
        self.faults += other.faults;
        self.leaves += other.leaves;
        self.rollovers += other.rollovers;
        self.removals += other.removals;
        self.pick_ups += other.pick_ups;
        self.outages += other.outages;
        self.refusals += other.refusals;
        self.lost_to_clock += world.watch.lost_to_clock;
        self.days += u64::try_from((world.now - world.begin).num_days()).expect("time goes forward");
    }
}

/// The sums on one line.
pub(crate) fn summary(seeds: u64, counts: &[Counts], seconds: f64) -> String {
    let total = |field: fn(&Counts) -> u64| counts.iter().map(field).sum::<u64>();
    let numbers = [
        ("seeds", seeds),
        ("years", total(|counts| counts.days) / 365),
        ("runs", total(|counts| counts.runs)),
        ("port calls", total(|counts| counts.calls)),
        ("deaths", total(|counts| counts.deaths)),
        ("faults", total(|counts| counts.faults)),
        ("outages", total(|counts| counts.outages)),
        ("failed runs", total(|counts| counts.refusals)),
        ("leaves", total(|counts| counts.leaves)),
        ("authorities", total(|counts| counts.rollovers)),
        ("removed", total(|counts| counts.removals)),
        ("pick-ups", total(|counts| counts.pick_ups)),
        ("lost to a clock", total(|counts| counts.lost_to_clock)),
    ];
    let texts: Vec<_> = numbers.iter().map(|(name, number)| format!("{name} {number}")).collect();
    format!("{}, seconds {seconds:.1}", texts.join(", "))
}
