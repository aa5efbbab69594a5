//! The fields of cluster objects that newleaf reads. An object may be large, and there may be thousands, so the parser skips
//! all other fields. It cleans texts of other programs while it reads them.

pub mod event;
pub mod job;
pub mod pod;
pub mod workload;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

/// The prefix of newleaf's own annotations.
pub const OWN_PREFIX: &str = "newleaf.dev/";

/// Reads only newleaf's own annotations of a map. Others may be large: `kubectl apply` stores a copy of the whole object in
/// one.
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
    /// The names of the fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|name| name.strip_prefix("f:"))
    }

    /// Whether the manager owns a field of this name.
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
