//! What is read of objects of the cluster, and no more: an object may be large, and there may be thousands. What is not
//! named here is passed over while it is read. Texts that others have written are cleaned while they are read.

pub mod event;
pub mod job;
pub mod pod;
pub mod workload;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

/// What starts the names of newleaf's own annotations.
pub const OWN_PREFIX: &str = "newleaf.dev/";

/// Reads only newleaf's own annotations of a map; the others may be large, and `kubectl apply` leaves a copy of a whole
/// object in one.
pub fn own_annotations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct OwnAnnotationsVisitor;

    impl<'de> Visitor<'de> for OwnAnnotationsVisitor {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("annotations")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(BTreeMap::new())
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut own = BTreeMap::new();
            while let Some(name) = map.next_key::<String>()? {
                if name.starts_with(OWN_PREFIX) {
                    own.insert(name, map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(own)
        }
    }

    deserializer.deserialize_any(OwnAnnotationsVisitor)
}

/// The names of the fields that a manager owns (`managedFields`), without what is below them.
#[derive(Debug, Clone, Default)]
pub struct FieldNames(BTreeSet<String>);

impl FieldNames {
    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|name| name.strip_prefix("f:"))
    }

    /// Whether a field of this name is among them.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(&format!("f:{name}"))
    }
}

impl<'de> Deserialize<'de> for FieldNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldNamesVisitor;

        impl<'de> Visitor<'de> for FieldNamesVisitor {
            type Value = BTreeSet<String>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut names = BTreeSet::new();
                while let Some(name) = map.next_key()? {
                    map.next_value::<IgnoredAny>()?;
                    names.insert(name);
                }
                Ok(names)
            }
        }

        deserializer.deserialize_map(FieldNamesVisitor).map(Self)
    }
}
