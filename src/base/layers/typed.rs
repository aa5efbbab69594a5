//! The merged tree as a typed document, by serde. Errors name path and origin of the offending value, and no value of a file.

use std::collections::btree_map;
use std::iter::Enumerate;
use std::{fmt, slice};

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor,
};

use crate::layers::error::LayerError;
use crate::layers::nearest::nearest;
use crate::layers::origin::Origin;
use crate::layers::path::Segment;
use crate::layers::tree::{Branch, Meaning, Tree, TreeValue};

impl Tree {
    /// Reads the tree as a document. What a layer deletes is absent.
    pub fn document<T: DeserializeOwned>(&self) -> Result<T, LayerError> {
        T::deserialize(Reader(self)).map_err(|refusal| {
            let Refusal { origin, mut path, problem } = refusal;
            path.reverse();
            LayerError { origin: origin.unwrap_or_else(|| self.origin.clone()), path: path.into(), problem }
        })
    }
}

/// What serde objects to. Origin and path are added on the way out of the tree, the innermost first.
#[derive(Debug)]
struct Refusal {
    origin: Option<Origin>,
    path: Vec<Segment>,
    problem: String,
}

impl Refusal {
    fn at(mut self, origin: &Origin) -> Self {
        if self.origin.is_none() {
            self.origin = Some(origin.clone());
        }
        self
    }

    fn below(mut self, segment: Segment) -> Self {
        self.path.push(segment);
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self { origin: None, path: Vec::new(), problem: problem.to_string() }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let expected = match expected.as_str() {
            "a sequence" => "a list",
            "a string" => "a text",
            "a boolean" => "true or false",
            expected if expected.starts_with("struct ") => "a map",
            expected => expected,
        };
        Self::custom(format!("expected {expected}, found {}", kind(&found)))
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Self::custom(format!("unknown value {found:?}, expected {}", known.join(" or ")))
    }

    fn unknown_field(found: &str, known: &'static [&'static str]) -> Self {
        let nearest = match nearest(found, known.iter().copied()) {
            Some(nearest) => format!("; the nearest is {nearest}, of {}", known.join(", ")),
            None => String::new(),
        };
        Self::custom(format!("there is no key {found}{nearest}"))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::custom(format!("the key {name} is missing"))
    }
}

/// What was found, without the value: it may be a secret.
const fn kind(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Unit | Unexpected::Option => "nothing",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a map",
        Unexpected::Char(_) | Unexpected::Str(_) | Unexpected::Bytes(_) => "a text",
        Unexpected::NewtypeStruct
        | Unexpected::Enum
        | Unexpected::UnitVariant
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::StructVariant
        | Unexpected::Other(_) => "something else",
    }
}

/// A value on its way into a document.
struct Reader<'de>(&'de Tree);

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.0.value {
            TreeValue::Null => visitor.visit_unit(),
            TreeValue::Text(text) => visitor.visit_borrowed_str(text),
            TreeValue::Plain { meaning: Meaning::Bool(value), .. } => visitor.visit_bool(*value),
            TreeValue::Plain { meaning: Meaning::Number(number), text } => {
                if let Some(number) = number.as_u64() {
                    visitor.visit_u64(number)
                } else if let Some(number) = number.as_i64() {
                    visitor.visit_i64(number)
                } else if let Some(number) = number.as_f64() {
                    visitor.visit_f64(number)
                } else {
                    visitor.visit_borrowed_str(text)
                }
            }
            TreeValue::List(items) => visitor.visit_seq(Items(items.iter().enumerate())),
            TreeValue::Map(branches) => visitor.visit_map(Branches { rest: branches.iter(), next: None }),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.0.text() {
            Some(text) => visitor.visit_borrowed_str(text),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        if self.0.value == TreeValue::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        match (&self.0.value, self.0.text()) {
            (_, Some(text)) => {
                let variant: StrDeserializer<'_, Refusal> = text.into_deserializer();
                visitor.visit_enum(variant)
            }
            (TreeValue::Map(branches), None) if branches.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(Branches { rest: branches.iter(), next: None }))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }

    /// A struct is a map: serde itself would take a list of its fields, too.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        match &self.0.value {
            TreeValue::List(_) => Err(de::Error::invalid_type(Unexpected::Seq, &visitor)),
            TreeValue::Null | TreeValue::Text(_) | TreeValue::Plain { .. } | TreeValue::Map(_) => {
                self.deserialize_any(visitor)
            }
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 bytes byte_buf unit unit_struct seq tuple tuple_struct map
    }
}

/// A list on its way into a document.
struct Items<'de>(Enumerate<slice::Iter<'de, Tree>>);

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refusal> {
        let Some((index, item)) = self.0.next() else { return Ok(None) };
        match seed.deserialize(Reader(item)) {
            Ok(value) => Ok(Some(value)),
            Err(refusal) => Err(refusal.at(&item.origin).below(Segment::Index(index))),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// A map on its way into a document.
struct Branches<'de> {
    rest: btree_map::Iter<'de, String, Branch>,
    next: Option<(&'de str, &'de Tree)>,
}

impl<'de> de::MapAccess<'de> for Branches<'de> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refusal> {
        let Some((name, branch)) = self.rest.find(|(_, branch)| branch.tree.value != TreeValue::Null) else {
            return Ok(None);
        };
        self.next = Some((name, &branch.tree));
        let name: StrDeserializer<'_, Refusal> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some).map_err(|refusal| refusal.at(&branch.key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refusal> {
        let Some((name, tree)) = self.next.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        seed.deserialize(Reader(tree)).map_err(|refusal| refusal.at(&tree.origin).below(Segment::Name(name.to_owned())))
    }
}
