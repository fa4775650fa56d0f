//! JSON objects whose members stand there once each.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The members of an object, each of which stands there once: a reader that kept the last of two would
/// see another object than one that keeps the first.
pub(super) fn once_each<'de, D, M, V>(deserializer: D) -> Result<M, D::Error>
where
    D: Deserializer<'de>,
    M: Default + Extend<(String, V)>,
    V: Deserialize<'de>,
{
    struct Members<M, V>(PhantomData<(M, V)>);

    impl<'de, M, V> Visitor<'de> for Members<M, V>
    where
        M: Default + Extend<(String, V)>,
        V: Deserialize<'de>,
    {
        type Value = M;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<M, A::Error> {
            let (mut members, mut names) = (M::default(), BTreeSet::new());
            while let Some((name, value)) = map.next_entry::<String, V>()? {
                if !names.insert(name.clone()) {
                    return Err(A::Error::custom(format!("duplicate member `{name}`")));
                }
                members.extend([(name, value)]);
            }
            Ok(members)
        }
    }

    deserializer.deserialize_map(Members(PhantomData))
}

pub(super) fn metadata_of<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Map<String, Value>>, D::Error> {
    struct Once(Map<String, Value>);

    impl<'de> Deserialize<'de> for Once {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            once_each(deserializer).map(Self)
        }
    }

    Ok(Option::<Once>::deserialize(deserializer)?.map(|Once(members)| members))
}
