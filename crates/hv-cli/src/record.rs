//! What the program keeps in a store: a record with each vector, and the encoder in the store's metadata.

use hv_encode::{EncodeError, NgramEncoder, TextEncoder};
use hv_memory::{EpisodeId, HV16};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Where a line came from and what it said: the payload of an episode, as JSON.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The file, as it was named when it was indexed, in the form that `names::shown` gives.
    pub source: String,
    /// The line in it, from 1.
    pub line: u64,
    /// The key, where the file had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The text that was encoded.
    pub text: String,
}

impl Record {
    pub fn to_bytes(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(self).map_err(Failure::failed)
    }

    /// Reads the payload of episode `id`.
    pub fn from_bytes(id: EpisodeId, payload: &[u8]) -> Result<Self, Failure> {
        serde_json::from_slice(payload)
            .map_err(|error| Failure::failed(format_args!("episode {id} was not stored by hv index: {error}")))
    }
}

/// How the texts of a store are encoded. Vectors of different encoders cannot be compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encoder {
    kind: String,
    n: usize,
    seed: u64,
}

/// The kind of new stores: [`TextEncoder`].
const FOLDED_NGRAMS: &str = "folded-ngrams";
/// The kind of stores that hv 0.1 made: [`NgramEncoder`]. They keep it, and answer by similarity alone.
const LETTER_NGRAMS: &str = "letter-ngrams";

/// An encoder of either kind.
#[derive(Debug)]
pub enum TextToVector {
    Folded(TextEncoder),
    Letters(NgramEncoder),
}

impl TextToVector {
    /// The vector of each text.
    pub fn encode_batch<S: AsRef<str> + Sync>(&self, texts: &[S]) -> Vec<Result<HV16, EncodeError>> {
        match self {
            Self::Folded(encoder) => encoder.encode_batch(texts),
            Self::Letters(encoder) => encoder.encode_batch(texts),
        }
    }
}

impl Encoder {
    /// The encoder of a new store.
    pub fn folded_ngrams(n: usize, seed: u64) -> Self {
        Self { kind: FOLDED_NGRAMS.to_owned(), n, seed }
    }

    /// The same kind with other settings.
    pub fn with(&self, n: usize, seed: u64) -> Self {
        Self { kind: self.kind.clone(), n, seed }
    }

    pub fn n(&self) -> usize {
        self.n
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The encoder itself, or why this program has none such.
    pub fn make(&self) -> Result<TextToVector, String> {
        match self.kind.as_str() {
            _ if !(1..=NgramEncoder::MAX_N).contains(&self.n) => (),
            FOLDED_NGRAMS => return Ok(TextToVector::Folded(TextEncoder::new(self.n, self.seed))),
            LETTER_NGRAMS => return Ok(TextToVector::Letters(NgramEncoder::new(self.n, self.seed))),
            _ => (),
        }
        Err(format!("this version of hv has no encoder {self}; use a newer one"))
    }
}

impl std::fmt::Display for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (n = {}, seed {})", self.kind, self.n, self.seed)
    }
}

/// The store's metadata, as JSON.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub encoder: Encoder,
    /// The files that hv 0.1 stored lines from, the latest last. See `files` for what came after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<IndexedFile>,
}

/// A file that lines were stored from.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct IndexedFile {
    /// Its full path, which tells it from others.
    path: String,
    /// Its name in the records.
    name: String,
}

impl Note {
    pub fn new(encoder: Encoder) -> Self {
        Self { encoder, files: Vec::new() }
    }

    /// The note in a store's metadata; `None` where there is none or it is another program's.
    pub fn from_bytes(metadata: &[u8]) -> Option<Self> {
        serde_json::from_slice(metadata).ok()
    }

    pub fn to_bytes(&self) -> Result<Vec<u8>, Failure> {
        serde_json::to_vec(self).map_err(Failure::failed)
    }

    /// Notes that no episode is left whose source has this name.
    pub fn remove_file(&mut self, name: &str) {
        self.files.retain(|known| known.name != name);
    }

    /// The files that hv 0.1 stored lines from: the full path and the name of each.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|IndexedFile { path, name }| (path.as_str(), name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_and_notes_come_back() {
        for key in [None, Some("1.1.1".to_owned())] {
            let record = Record { source: "a \"b\".txt".into(), line: 7, key, text: "tab\t, \u{1f642}".into() };
            assert_eq!(Record::from_bytes(EpisodeId(1), &record.to_bytes().unwrap()).unwrap(), record);
        }
        let file = |path: &str, name: &str| IndexedFile { path: path.into(), name: name.into() };
        let mut note = Note::new(Encoder::folded_ngrams(3, u64::MAX));
        note.files = vec![file("/b", "b"), file("/a", "a"), file("/a", "../a")];
        note.remove_file("a");
        assert_eq!(note.files().collect::<Vec<_>>(), [("/b", "b"), ("/a", "../a")]);
        assert_eq!(Note::from_bytes(&note.to_bytes().unwrap()), Some(note));
        assert_eq!(Note::from_bytes(b""), None);
        assert_eq!(Note::from_bytes(b"{\"other\":1}"), None);
    }

    #[test]
    fn an_encoder_of_another_version_is_refused() {
        let unknown = Encoder { kind: "word-vectors".into(), n: 3, seed: 1 };
        assert!(unknown.make().unwrap_err().contains("word-vectors (n = 3, seed 1)"));
        assert!(Encoder::folded_ngrams(0, 1).make().is_err());
        let of_0_1 = Note::from_bytes(br#"{"encoder":{"kind":"letter-ngrams","n":4,"seed":9}}"#).unwrap().encoder;
        assert!(matches!(of_0_1.make(), Ok(TextToVector::Letters(encoder)) if encoder.n() == 4 && encoder.seed() == 9));
        let new = of_0_1.with(4, 9);
        assert_eq!(new, of_0_1, "a store keeps its kind");
        assert!(matches!(Encoder::folded_ngrams(2, 7).make(), Ok(TextToVector::Folded(encoder)) if encoder.n() == 2));
    }
}
