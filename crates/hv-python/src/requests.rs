//! What is asked of a memory: conditions, policies, keys, and episodes to store.

use std::ops::Bound as Limit;
use std::time::Duration;

use hv_memory::{
    CausalPolicy, Conditions, ConsolidatePolicy, EpisodeId, Exactness, HV16, Key, NewEpisode, RecollectPolicy,
};
use numpy::{Element, PyArrayDescrMethods, PyArrayDyn, PyArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::arrays::Vectors;
use crate::pieces::{VECTORS, each_item, in_pieces};

/// A part of a request, `None` where it was not given.
fn part<'py, T: for<'a> FromPyObject<'a, 'py, Error = PyErr>>(
    from: &Bound<'py, PyAny>,
    name: &str,
) -> PyResult<Option<T>> {
    let value = from.getattr(name)?;
    if value.is_none() { Ok(None) } else { Ok(Some(value.extract()?)) }
}

/// Checks that a request is of a class of `hv.memories`.
fn check(from: &Bound<'_, PyAny>, class: &str) -> PyResult<()> {
    if from.is_instance(&from.py().import("hv.memories")?.getattr(class)?)? {
        return Ok(());
    }
    let what = from.get_type().name()?;
    Err(PyTypeError::new_err(format!("an hv.{class} is needed, but it is a {what}")))
}

/// `hv.Conditions`, or nothing for none.
pub fn conditions(from: Option<&Bound<'_, PyAny>>) -> PyResult<Conditions> {
    let mut conditions = Conditions::new();
    let Some(from) = from else { return Ok(conditions) };
    check(from, "Conditions")?;
    if let Some((first, last)) = part::<(Option<i64>, Option<i64>)>(from, "time")? {
        conditions = conditions.time((limit(first), limit(last)));
    }
    if let Some((least, greatest)) = part::<(Option<f32>, Option<f32>)>(from, "valence")? {
        conditions = conditions.valence((limit(least), limit(greatest)));
    }
    if let Some(similarity) = part(from, "min_similarity")? {
        conditions = conditions.min_similarity(similarity);
    }
    if let Some(strength) = part(from, "min_strength")? {
        conditions = conditions.min_strength(strength);
    }
    if let Some(ids) = part::<Vec<u64>>(from, "ids")? {
        conditions = conditions.ids(ids.into_iter().map(EpisodeId));
    }
    if let Some(ids) = part::<Vec<u64>>(from, "exclude")? {
        conditions = conditions.exclude(ids.into_iter().map(EpisodeId));
    }
    if let Some(keys) = part::<Vec<Bound<'_, PyAny>>>(from, "keys")? {
        conditions = conditions.keys(keys.iter().map(key).collect::<PyResult<Vec<Key>>>()?);
    }
    if let Some(sources) = part::<Vec<Bound<'_, PyAny>>>(from, "sources")? {
        conditions = conditions.sources(sources.iter().map(source).collect::<PyResult<Vec<_>>>()?);
    }
    if let Some(tags) = part::<Vec<String>>(from, "tags")? {
        conditions = conditions.tags(tags);
    }
    if let Some(probability) = part(from, "miss_probability")? {
        conditions = conditions.exactness(Exactness::Within(probability));
    }
    Ok(conditions)
}

fn limit<T>(value: Option<T>) -> Limit<T> {
    value.map_or(Limit::Unbounded, Limit::Included)
}

/// `hv.RecollectPolicy`, or nothing for the default.
pub fn recollect_policy(from: Option<&Bound<'_, PyAny>>) -> PyResult<RecollectPolicy> {
    let mut policy = RecollectPolicy::new();
    let Some(from) = from else { return Ok(policy) };
    check(from, "RecollectPolicy")?;
    if let Some(boost) = part(from, "boost")? {
        policy = policy.boost(boost);
    }
    if let Some(cap) = part(from, "cap")? {
        policy = policy.cap(cap);
    }
    match part(from, "half_life")? {
        None => Ok(policy),
        Some(f64::INFINITY) => Ok(policy.without_fading()),
        Some(seconds) => Ok(policy.half_life(span("half_life", seconds)?)),
    }
}

/// `hv.ConsolidatePolicy`, or nothing for the default.
pub fn consolidate_policy(from: Option<&Bound<'_, PyAny>>) -> PyResult<ConsolidatePolicy> {
    let mut policy = ConsolidatePolicy::new();
    let Some(from) = from else { return Ok(policy) };
    check(from, "ConsolidatePolicy")?;
    if let Some(floor) = part(from, "floor")? {
        policy = policy.floor(floor);
    }
    if let Some(capacity) = part(from, "capacity")? {
        policy = policy.capacity(capacity);
    }
    if let Some(similarity) = part(from, "merge")? {
        policy = policy.merge(similarity);
    }
    match part(from, "half_life")? {
        None => Ok(policy),
        Some(f64::INFINITY) => Ok(policy.without_fading()),
        Some(seconds) => Ok(policy.half_life(span("half_life", seconds)?)),
    }
}

/// `hv.CausalPolicy`, or nothing for the default.
pub fn causal_policy(from: Option<&Bound<'_, PyAny>>) -> PyResult<CausalPolicy> {
    let mut policy = CausalPolicy::new();
    let Some(from) = from else { return Ok(policy) };
    check(from, "CausalPolicy")?;
    if let Some(seconds) = part(from, "tau")? {
        policy = policy.tau(span("tau", seconds)?);
    }
    if let Some(threshold) = part(from, "threshold")? {
        policy = policy.threshold(threshold);
    }
    if let Some(links) = part(from, "max_len")? {
        policy = policy.max_len(links);
    }
    Ok(policy)
}

/// A span of time in seconds.
pub fn span(name: &str, seconds: f64) -> PyResult<Duration> {
    let wrong = |error| PyValueError::new_err(format!("{name} is {seconds}: {error}; it must be seconds, 0 or more"));
    if seconds == f64::INFINITY { Ok(Duration::MAX) } else { Duration::try_from_secs_f64(seconds).map_err(wrong) }
}

/// A key: a number or a text.
pub fn key(from: &Bound<'_, PyAny>) -> PyResult<Key> {
    match from.cast::<PyString>() {
        Ok(text) => Ok(Key::from(text.to_cow()?.into_owned())),
        Err(_) => Ok(Key::Number(from.extract().map_err(|_| {
            let what = from.get_type().name().map(|name| name.to_string()).unwrap_or_default();
            PyTypeError::new_err(format!("a key must be an int from 0 to 2**64 - 1 or a str, but it is a {what}"))
        })?)),
    }
}

/// A source: bytes, or a text.
pub fn source(from: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    match from.cast::<PyString>() {
        Ok(text) => Ok(text.to_cow()?.as_bytes().to_vec()),
        Err(_) => Ok(from.cast::<PyBytes>()?.as_bytes().to_vec()),
    }
}

/// An episode to store.
#[allow(clippy::too_many_arguments)] // each by its name in Python
pub fn episode(
    content: &Bound<'_, PyAny>,
    time: i64,
    valence: f32,
    payload: Option<Vec<u8>>,
    key: Option<&Bound<'_, PyAny>>,
    source: Option<&Bound<'_, PyAny>>,
    tags: Option<Vec<String>>,
    group: u16,
) -> PyResult<NewEpisode> {
    Ok(NewEpisode {
        content: Vectors::one("content", content)?,
        time,
        valence,
        payload: payload.unwrap_or_default(),
        key: key.map(self::key).transpose()?,
        source: source.map(self::source).transpose()?,
        tags: tags.unwrap_or_default(),
        group,
    })
}

/// What goes with the vectors of a batch, each a sequence with an item for each.
pub struct Labels<'a, 'py> {
    pub times: Option<&'a Bound<'py, PyAny>>,
    pub valences: Option<&'a Bound<'py, PyAny>>,
    pub payloads: Option<&'a Bound<'py, PyAny>>,
    pub keys: Option<&'a Bound<'py, PyAny>>,
    pub sources: Option<&'a Bound<'py, PyAny>>,
    pub tags: Option<&'a Bound<'py, PyAny>>,
    pub groups: Option<&'a Bound<'py, PyAny>>,
}

impl Labels<'_, '_> {
    /// Episodes of these vectors.
    pub fn episodes(&self, py: Python<'_>, contents: &[HV16]) -> PyResult<Vec<NewEpisode>> {
        let n = contents.len();
        let mut episodes = Vec::with_capacity(n);
        in_pieces(py, n, VECTORS, |piece| {
            let new = |&content: &HV16| NewEpisode { content, ..NewEpisode::default() };
            episodes.extend(contents[piece].iter().map(new));
            Ok(())
        })?;
        for (episode, time) in episodes.iter_mut().zip(numbers(py, "times", self.times, n)?) {
            episode.time = time;
        }
        for (episode, valence) in episodes.iter_mut().zip(numbers(py, "valences", self.valences, n)?) {
            episode.valence = valence;
        }
        for (episode, group) in episodes.iter_mut().zip(numbers(py, "groups", self.groups, n)?) {
            episode.group = group;
        }
        each("payloads", self.payloads, &mut episodes, |episode, payload| {
            episode.payload = payload.cast::<PyBytes>()?.as_bytes().to_vec();
            Ok(())
        })?;
        each("keys", self.keys, &mut episodes, |episode, value| {
            episode.key = Some(value).filter(|value| !value.is_none()).map(key).transpose()?;
            Ok(())
        })?;
        each("sources", self.sources, &mut episodes, |episode, value| {
            episode.source = Some(value).filter(|value| !value.is_none()).map(source).transpose()?;
            Ok(())
        })?;
        each("tags", self.tags, &mut episodes, |episode, tags| {
            episode.tags = tags.extract()?;
            Ok(())
        })?;
        Ok(episodes)
    }
}

/// Numbers for a batch: a number for all, or an array or sequence of n. Nothing where there are none.
fn numbers<T: Element + Copy>(
    py: Python<'_>,
    name: &str,
    from: Option<&Bound<'_, PyAny>>,
    n: usize,
) -> PyResult<Vec<T>> {
    let Some(from) = from else { return Ok(Vec::new()) };
    let numpy = py.import("numpy")?;
    let given = numpy.call_method1("asarray", (from,))?;
    let dtype = numpy::dtype::<T>(py);
    let takes = if dtype.kind() == b'f' { "iuf" } else { "iu" };
    let kind: String = given.getattr("dtype")?.getattr("kind")?.extract()?;
    let found = given.getattr("dtype")?;
    if n > 0 && !takes.contains(&kind) {
        return Err(PyTypeError::new_err(format!("{name} must be numbers that fit {dtype}, but they are {found}")));
    }
    let array = given.call_method1("astype", (&dtype,))?;
    if takes == "iu" && !numpy.call_method1("array_equal", (&array, &given))?.extract::<bool>()? {
        return Err(PyValueError::new_err(format!("{name} has a number that does not fit {dtype}")));
    }
    let array = numpy.call_method1("broadcast_to", (array, (n,))).map_err(|_| unequal(name, from, n))?;
    let array = numpy.call_method1("ascontiguousarray", (array,))?;
    Ok(array.cast::<PyArrayDyn<T>>()?.to_vec()?)
}

fn unequal(name: &str, from: &Bound<'_, PyAny>, n: usize) -> PyErr {
    let found = from.len().map_or_else(|_| "no".to_owned(), |len| len.to_string());
    PyValueError::new_err(format!("{name} has {found} items for {n} vectors; give one for each"))
}

/// Sets a label of each episode from a sequence.
fn each<'py>(
    name: &str,
    from: Option<&Bound<'py, PyAny>>,
    episodes: &mut [NewEpisode],
    mut set: impl FnMut(&mut NewEpisode, &Bound<'py, PyAny>) -> PyResult<()>,
) -> PyResult<()> {
    let Some(from) = from else { return Ok(()) };
    if from.is_instance_of::<PyString>() || from.is_instance_of::<PyBytes>() {
        return Err(PyTypeError::new_err(format!("{name} is one text; give a sequence with an item for each vector")));
    }
    if from.len()? != episodes.len() {
        return Err(unequal(name, from, episodes.len()));
    }
    let mut episodes = episodes.iter_mut();
    each_item(from, |item| episodes.next().map_or(Ok(()), |episode| set(episode, &item)))
}
