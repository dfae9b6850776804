//! What an application says about its episodes: group, source, tags and key, in columns.
//!
//! Most memories use few of these, and most episodes that lie together share what they have. So a column of equal
//! values is one value, and a chunk without labels takes some dozens of bytes.

use crate::key::Key;

/// The labels of an episode.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Label {
    pub group: u16,
    /// The number of the source, 0 for none.
    pub source: u32,
    /// The number of the set of tags, 0 for none.
    pub tags: u32,
    pub key: Option<Key>,
}

/// Values of one kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Column<T> {
    /// The same value for every item, and the number of items.
    Same(T, usize),
    Each(Vec<T>),
}

impl<T: Clone + PartialEq> Column<T> {
    pub(crate) fn get(&self, index: usize) -> &T {
        match self {
            Self::Same(value, _) => value,
            Self::Each(values) => &values[index],
        }
    }

    /// Whether any item may have a value.
    pub(crate) fn has(&self, value: &T) -> bool {
        !matches!(self, Self::Same(same, _) if same != value)
    }

    fn push(&mut self, value: T) {
        match self {
            Self::Same(same, len) if *same == value => *len += 1,
            Self::Same(same, len) if *len == 0 => (*same, *len) = (value, 1),
            Self::Same(same, len) => {
                let mut values = vec![same.clone(); *len];
                values.push(value);
                *self = Self::Each(values);
            }
            Self::Each(values) => values.push(value),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Same(_, len) => *len,
            Self::Each(values) => values.len(),
        }
    }

    fn concat<'a>(mut parts: impl Iterator<Item = &'a Self>) -> Self
    where
        T: 'a,
    {
        let Some(mut all) = parts.next().cloned() else { return Self::Each(Vec::new()) };
        for part in parts {
            match (&mut all, part) {
                (Self::Same(value, len), Self::Same(other, more)) if value == other => *len += more,
                _ => (0..part.len()).for_each(|index| all.push(part.get(index).clone())),
            }
        }
        all
    }
}

/// A chunk of labels, in columns.
#[derive(Clone)]
pub(crate) struct Labels {
    pub groups: Column<u16>,
    pub sources: Column<u32>,
    pub tags: Column<u32>,
    pub keys: Column<Option<Key>>,
}

impl Default for Labels {
    fn default() -> Self {
        Self::none(0)
    }
}

impl Labels {
    /// Of this many episodes that have none.
    pub(crate) fn none(len: usize) -> Self {
        Self {
            groups: Column::Same(0, len),
            sources: Column::Same(0, len),
            tags: Column::Same(0, len),
            keys: Column::Same(None, len),
        }
    }

    pub(crate) fn push(&mut self, label: Label) {
        self.groups.push(label.group);
        self.sources.push(label.source);
        self.tags.push(label.tags);
        self.keys.push(label.key);
    }

    pub(crate) fn get(&self, index: usize) -> Label {
        Label {
            group: *self.groups.get(index),
            source: *self.sources.get(index),
            tags: *self.tags.get(index),
            key: self.keys.get(index).clone(),
        }
    }

    /// The labels of all parts, in order.
    pub(crate) fn concat<'a>(parts: impl Iterator<Item = &'a Self> + Clone) -> Self {
        Self {
            groups: Column::concat(parts.clone().map(|part| &part.groups)),
            sources: Column::concat(parts.clone().map(|part| &part.sources)),
            tags: Column::concat(parts.clone().map(|part| &part.tags)),
            keys: Column::concat(parts.map(|part| &part.keys)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_their_values_whether_equal_or_not() {
        let label = |i: usize| Label {
            group: (i / 300) as u16,
            source: 7,
            tags: u32::from(i == 40),
            key: (i % 5 == 4).then(|| Key::from(i as u64)),
        };
        let parts: Vec<Labels> = (0..16)
            .map(|part| {
                let mut labels = Labels::default();
                (part * 256..(part + 1) * 256).for_each(|i| labels.push(label(i)));
                labels
            })
            .collect();
        let merged = Labels::concat(parts.iter());
        assert_eq!(merged.groups.len(), 4_096);
        assert!((0..4_096).all(|i| merged.get(i) == label(i)));
        assert_eq!(merged.sources, Column::Same(7, 4_096));
    }
}
