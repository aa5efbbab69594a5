//! Which combinations of choices the model is asked for, and what it answered. The same stack is always asked the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::export::ExportSource;
use crate::export::helm::choices::{Choices, OfferedDocument, ValueChoice, choices};
use crate::export::helm::prepared::{RenderedSample, outcome};

/// How many combinations are drawn besides those of [`SCENES`].
const DRAWN: usize = 90;
/// How many combinations of the offers that decide something together are tried at most.
const PRODUCT: usize = 850;
/// Combinations in which much is on at once, as choices by the paths of their offers; around each of them, every choice is tried.
const SCENES: &[&[(&str, &str)]] = &[
    &[],
    &[("host", "+"), ("ingress.className", "nginx"), ("backstage.env", "+"), ("backstage.replicas", "2")],
    &[
        ("platform", "openshift"),
        ("host", "+"),
        ("backstage.appConfig", "+"),
        ("backstage.profile", "leastPrivilege"),
        ("monitoring.serviceMonitor", "true"),
        ("features.kubernetes", "true"),
    ],
    &[
        ("platform", "kind"),
        ("host", "+"),
        ("ingress.tls.enabled", "false"),
        ("networkPolicies.enabled", "false"),
        ("backstage.files", "+"),
        ("database.image", "+"),
        ("monitoring.alerts", "true"),
        ("rotation.nudge", "true"),
    ],
    &[
        ("host", "+"),
        ("ingress.kind", "httpRoute"),
        ("ingress.gateway.name", "+"),
        ("backstage.envFrom", "+"),
        ("backstage.appConfig", "+"),
        ("database.memory", "2Gi"),
        ("rotation.pickup", "restart"),
        ("backstage.waitForDatabase", "false"),
    ],
    &[
        ("host", "+"),
        ("ingress.kind", "ingress"),
        ("ingress.className", "+"),
        ("networkPolicies.enabled", "false"),
        ("disruption.budget", "false"),
        ("features.permissions", "true"),
    ],
    &[
        ("platform", "k3d"),
        ("host", "+"),
        ("ingress.className", "traefik"),
        ("ingress.tls.secret", "+"),
        ("ingress.tls.clusterIssuer", "+"),
        ("backstage.replicas", "5"),
        ("monitoring.dashboard", "true"),
        ("features.search", "true"),
        ("features.scaffolder", "true"),
        ("backstage.imagePullSecrets", "+"),
    ],
];

/// A combination, and what came out.
#[derive(Debug)]
pub(super) struct Sample {
    /// The choices.
    pub(super) choices: Choices,
    /// What came out.
    pub(super) outcome: RenderedSample,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Samples {
    /// Each combination once.
    pub(super) all: Vec<Sample>,
    /// Pairs of samples that differ in one offer only.
    pub(super) neighbours: Vec<(usize, usize, usize)>,
    numbers: BTreeMap<Choices, usize>,
}

/// A small generator of numbers (Knuth's MMIX): each export draws the same.
#[derive(Debug)]
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    /// A number below a limit.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit.max(1)
    }
}

impl Samples {
    /// What the scenes, everything around them and drawn combinations give.
    pub(super) fn of(source: &ExportSource<'_>, of: &OfferedDocument) -> Self {
        let mut samples = Self { all: Vec::new(), neighbours: Vec::new(), numbers: BTreeMap::new() };
        for scene in SCENES {
            let chosen = chosen(of, scene);
            let base = samples.add(source, of, chosen);
            samples.around(source, of, base);
        }
        let mut numbers = Numbers(1);
        for _ in 0..DRAWN {
            samples.draw(source, of, &mut numbers);
        }
        samples
    }

    /// Adds every choice around a sample.
    pub(super) fn around(&mut self, source: &ExportSource<'_>, of: &OfferedDocument, base: usize) {
        let Some(chosen) = self.all.get(base).map(|sample| sample.choices.clone()) else { return };
        for (index, offer) in of.offers.iter().enumerate() {
            for choice in 0..choices(offer).len() {
                let mut other = chosen.clone();
                if let Some(place) = other.get_mut(index) {
                    *place = choice;
                }
                let other = self.add(source, of, other);
                if other != base {
                    self.neighbours.push((index, base, other));
                }
            }
        }
    }

    /// Adds every combination of some offers, the others as in a sample. Not of too many: those are drawn.
    pub(super) fn product(
        &mut self,
        source: &ExportSource<'_>,
        of: &OfferedDocument,
        offers: &BTreeSet<usize>,
        base: usize,
    ) {
        let Some(chosen) = self.all.get(base).map(|sample| sample.choices.clone()) else { return };
        let sizes = offers.iter().map(|offer| of.offers.get(*offer).map_or(1, |offer| choices(offer).len()));
        if sizes.product::<usize>() > PRODUCT {
            return;
        }
        let mut all = vec![chosen];
        for index in offers {
            let count = of.offers.get(*index).map_or(1, |offer| choices(offer).len());
            let with = |chosen: &Choices, choice| {
                let mut chosen = chosen.clone();
                if let Some(place) = chosen.get_mut(*index) {
                    *place = choice;
                }
                chosen
            };
            all = all
                .iter()
                .flat_map(|chosen| (0..count).map(|choice| with(chosen, choice)).collect::<Vec<_>>())
                .collect();
        }
        for chosen in all {
            self.add(source, of, chosen);
        }
    }

    /// Adds a drawn combination. One that the model refuses stays, and so does what it becomes when choices are taken back.
    pub(super) fn draw(
        &mut self,
        source: &ExportSource<'_>,
        of: &OfferedDocument,
        numbers: &mut Numbers,
    ) -> Vec<usize> {
        let mut drawn: Choices = of
            .offers
            .iter()
            .map(|offer| if numbers.below(2) == 0 { 0 } else { numbers.below(choices(offer).len()) })
            .collect();
        let mut added = vec![self.add(source, of, drawn.clone())];
        let order: Vec<usize> = (0..of.offers.len()).rev().collect();
        for index in order {
            let is_refused =
                added.last().and_then(|last| self.all.get(*last)).is_some_and(|last| last.outcome.is_err());
            if !is_refused {
                break;
            }
            if let Some(place) = drawn.get_mut(index).filter(|choice| **choice != 0) {
                *place = 0;
                added.push(self.add(source, of, drawn.clone()));
            }
        }
        added
    }

    /// The number of a combination; the model is asked once.
    pub(super) fn add(&mut self, source: &ExportSource<'_>, of: &OfferedDocument, chosen: Choices) -> usize {
        if let Some(known) = self.numbers.get(&chosen) {
            return *known;
        }
        let number = self.all.len();
        let outcome = outcome(source, of, &chosen, None);
        self.numbers.insert(chosen.clone(), number);
        self.all.push(Sample { choices: chosen, outcome });
        number
    }

    /// The objects of the combinations that the model accepts, each set as one list.
    pub(super) fn accepted(&self) -> Vec<(usize, &Value)> {
        let accepted = self.all.iter().enumerate();
        accepted.filter_map(|(number, sample)| sample.outcome.as_ref().ok().map(|objects| (number, objects))).collect()
    }
}

fn chosen(of: &OfferedDocument, scene: &[(&str, &str)]) -> Choices {
    let choice = |offer: &crate::export::helm::offers::OfferedValue| {
        let (_, wanted) = scene.iter().find(|(path, _)| *path == offer.path)?;
        choices(offer).iter().position(|choice| match choice {
            ValueChoice::Word(word) => word == wanted,
            ValueChoice::Given => *wanted == "+",
            ValueChoice::Absent => false,
        })
    };
    of.offers.iter().map(|offer| choice(offer).unwrap_or_default()).collect()
}
