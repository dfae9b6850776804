//! What was typed as conditions of the store.

use std::ops::Bound;

use hv_memory::{Conditions, EpisodeId, Exactness};

use crate::args::Filters;

impl Filters {
    /// The conditions with this smallest similarity.
    pub fn conditions(&self, min_similarity: Option<f32>) -> Conditions {
        let from = self.since.map_or(Bound::Unbounded, Bound::Included);
        let to = self.before.map_or(Bound::Unbounded, Bound::Excluded);
        let mut conditions = Conditions::new().time((from, to)).exclude(self.exclude.iter().copied().map(EpisodeId));
        if let Some(ids) = &self.ids {
            conditions = conditions.ids(ids.iter().copied());
        }
        if let Some(least) = min_similarity {
            conditions = conditions.min_similarity(least);
        }
        if self.min_valence.or(self.max_valence).is_some() {
            conditions = conditions.valence(self.min_valence.unwrap_or(-1.0)..=self.max_valence.unwrap_or(1.0));
        }
        if let Some(least) = self.min_strength {
            conditions = conditions.min_strength(least);
        }
        if let Some(probability) = self.miss {
            conditions = conditions.exactness(Exactness::Within(probability));
        }
        conditions
    }
}
