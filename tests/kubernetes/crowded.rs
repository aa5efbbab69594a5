//! A namespace with thousands of pods and Events: the peak of the memory does not grow with it.

use std::time::Duration;

use crate::stub::{Site, crowd, event};

/// How much the peak may differ between an empty namespace and a full one, in KiB: a page, and what is kept of it.
const GROWTH_MAX: u64 = 6 * 1024;
const PODS: usize = 5_000;
const EVENTS: usize = 10_000;
const ROTATE: [&str; 4] = ["rotate", "--now", "--id", "once"];

/// What else is in the namespace.
#[derive(Debug, Clone, Copy)]
struct Others {
    /// The label `app` of the pods.
    app: &'static str,
    pods: usize,
    /// Warnings about the StatefulSet.
    events: usize,
}

impl Others {
    const fn none(app: &'static str) -> Self {
        Self { app, pods: 0, events: 0 }
    }

    fn site(self) -> Site {
        let site = Site::bootstrapped();
        site.stub.world().pods.extend(crowd(self.pods, self.app));
        let of_set = |number| event(number, "StatefulSet", "postgres", "uid-of-postgres", &"w".repeat(900));
        site.stub.world().events.extend((0..self.events).map(of_set));
        site
    }

    /// The peak of a command, which must end with this code.
    fn peak(self, site: &Site, arguments: &[&str], code: i32) -> u64 {
        let measured = site.measured(arguments);
        let errors = String::from_utf8_lossy(&measured.output.stderr).into_owned();
        assert_eq!(measured.output.status.code(), Some(code), "{errors}");
        println!("CROWDED {self:?}, {}: {} KiB, {:?}", arguments[0], measured.kibibytes, measured.took);
        assert!(measured.took < Duration::from_secs(60), "{self:?}: {:?}", measured.took);
        measured.kibibytes
    }
}

fn assert_same(empty: u64, full: u64) {
    assert!(full < empty + GROWTH_MAX, "{empty} KiB without others, {full} KiB with them");
}

#[test]
fn the_memory_of_a_rotation_does_not_grow_with_the_pods_of_others() {
    let peak = |others: Others| others.peak(&others.site(), &ROTATE, 0);
    assert_same(peak(Others::none("other")), peak(Others { app: "other", pods: PODS, events: EVENTS }));
}

#[test]
fn the_memory_of_a_look_does_not_grow_where_the_selection_by_labels_leaves_nothing_out() {
    let peak = |others: Others| others.peak(&others.site(), &["plan"], 0);
    assert_same(peak(Others::none("backstage")), peak(Others { app: "backstage", pods: PODS, events: 0 }));
}

/// What failed is told with Events about it, of which there may be any number.
#[test]
fn the_memory_of_a_failed_rollout_does_not_grow_with_its_events() {
    let peak = |others: Others| {
        let site = others.site();
        site.stub.world().rolls = false;
        site.stub.world().pods.retain(|pod| !pod.name.starts_with("postgres-"));
        others.peak(&site, &[&ROTATE[..], &["--set", "deadlines.step=6s", "--set", "deadlines.run=1m"]].concat(), 5)
    };
    assert_same(peak(Others::none("postgres")), peak(Others { app: "postgres", pods: 500, events: EVENTS }));
}

/// Pods that are larger than any page that is read come in smaller pages.
#[test]
fn a_page_that_is_too_large_is_asked_for_in_smaller_ones() {
    let site = Site::bootstrapped();
    let large = format!("\"example.org/notes\":\"{}", "n".repeat(200_000));
    {
        let mut world = site.stub.world();
        world.pods.extend(crowd(300, "backstage"));
        for pod in &mut world.pods {
            pod.json = pod.json.replace("\"example.org/notes\":\"", &large);
        }
    }
    let others = Others { app: "backstage", pods: 300, events: 0 };
    let peak = others.peak(&site, &["plan"], 0);
    assert!(peak < 40 * 1024, "{peak} KiB");
    let limits: Vec<String> =
        site.stub.asked().iter().filter_map(|asked| asked.query("limit").map(str::to_owned)).collect();
    assert!(limits.contains(&"100".to_owned()) && limits.contains(&"12".to_owned()), "{limits:?}");
}
