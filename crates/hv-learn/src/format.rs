//! Models as bytes: a versioned format with a checksum.

use hv_encode::HV16;

use crate::calibration::Calibration;
use crate::classifier::Classifier;
use crate::encoder::{Encoder, Kind};
use crate::error::LearnError;
use crate::model::{Members, Model};
use crate::training::{Rule, Training};
use crate::vector::{Latent, Vector};

/// What every model begins with.
const MAGIC: &[u8; 8] = b"hv-model";
/// The version of the format.
const VERSION: u32 = 1;
/// Bytes before the body: magic and version.
const HEADER: usize = 12;

/// Numbers are little-endian, a text is its length (u32) and its bytes, a list its length (u32) and its elements.
///
/// | part | |
/// |---|---|
/// | magic, version | `hv-model`, u32 1 |
/// | target, labels | a text; a list of texts |
/// | columns | a list: name (text), kind (u8: 0 number, 1 word, 2 text), of a number its two ends (f64 each) |
/// | calibration | the factor (f32), a list of misses (f32) |
/// | seeds | a list of u64, one for each member |
/// | members | kind (u8: 0 binary, 1 counts), then each: rule (u8), epochs, learning rate, margin, sharpness (f32), dropout (u8), prototypes, batch, patience, seed (u64), epochs done (u32), examples of each class (a list of u64), prototypes (a list: class (u32), 2,048 values (i32)) |
/// | checksum | u32, the CRC-32 (IEEE) of all before |
impl Model {
    /// The model as bytes, to save it. Equal models have equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(MAGIC.to_vec());
        out.u32(VERSION);
        out.text(&self.target);
        out.list(&self.labels, |out, label| out.text(label));
        out.list(&self.encoder.columns, |out, (name, kind)| {
            out.text(name);
            match *kind {
                Kind::Number { low, high } => {
                    out.u8(0);
                    out.f64(low);
                    out.f64(high);
                }
                Kind::Word => out.u8(1),
                Kind::Text => out.u8(2),
            }
        });
        out.f32(self.calibration.factor);
        out.list(&self.calibration.misses, |out, &miss| out.f32(miss));
        out.list(&self.seeds, |out, &seed| out.u64(seed));
        match &self.members {
            Members::Binary(members) => {
                out.u8(0);
                members.iter().for_each(|member| out.classifier(member));
            }
            Members::Counts(members) => {
                out.u8(1);
                members.iter().for_each(|member| out.classifier(member));
            }
        }
        let checksum = crc32fast::hash(&out.0);
        out.u32(checksum);
        out.0
    }

    /// Whether bytes begin as a model does, of this version or another.
    #[must_use]
    pub fn is_model(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// A model from its bytes.
    ///
    /// # Errors
    ///
    /// If the bytes are no model, one of another version, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, LearnError> {
        let wrong = |text: &str| LearnError::Model(text.to_owned());
        if !Self::is_model(bytes) || bytes.len() < HEADER + 4 {
            return Err(wrong("this is no model of hv; give a file that hv classify train wrote"));
        }
        let (body, checksum) = bytes.split_at(bytes.len() - 4);
        let mut body = Reader(&body[MAGIC.len()..]);
        let version = body.u32()?;
        if version != VERSION {
            return Err(LearnError::Model(format!(
                "the model has version {version} of the format, and this program reads {VERSION}; train it again, or use the other program"
            )));
        }
        if checksum != crc32fast::hash(&bytes[..bytes.len() - 4]).to_le_bytes() {
            return Err(damaged());
        }
        let target = body.text()?;
        let labels = body.list(Reader::text)?;
        let columns = body.list(|body| {
            let name = body.text()?;
            let kind = match body.u8()? {
                0 => Kind::Number { low: body.f64()?, high: body.f64()? },
                1 => Kind::Word,
                2 => Kind::Text,
                _ => return Err(damaged()),
            };
            Ok((name, kind))
        })?;
        let calibration = Calibration { factor: body.f32()?, misses: body.list(Reader::f32)? };
        let seeds = body.list(Reader::u64)?;
        let classes = labels.len();
        let members = match body.u8()? {
            0 => Members::Binary(seeds.iter().map(|_| body.classifier(classes)).collect::<Result<_, _>>()?),
            1 => Members::Counts(seeds.iter().map(|_| body.classifier(classes)).collect::<Result<_, _>>()?),
            _ => return Err(damaged()),
        };
        if labels.is_empty() || columns.is_empty() || seeds.is_empty() || !body.0.is_empty() {
            return Err(damaged());
        }
        Ok(Self { target, labels, encoder: Encoder { columns }, seeds, members, calibration })
    }
}

fn damaged() -> LearnError {
    LearnError::Model(
        "the model is damaged: its checksum or its lengths are wrong; copy the file again, or train again".into(),
    )
}

struct Writer(Vec<u8>);

impl Writer {
    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    fn f32(&mut self, value: f32) {
        self.0.extend(value.to_le_bytes());
    }

    fn f64(&mut self, value: f64) {
        self.0.extend(value.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.0.extend(text.as_bytes());
    }

    fn list<T>(&mut self, values: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.u32(values.len() as u32);
        values.iter().for_each(|value| write(self, value));
    }

    fn classifier<V: Vector>(&mut self, classifier: &Classifier<V>) {
        let Training { rule, epochs, learning_rate, margin, sharpness, dropout, prototypes, batch, patience, seed } =
            classifier.training;
        self.u8(match rule {
            Rule::Perceptron => 0,
            Rule::Online => 1,
            Rule::Softmax => 2,
        });
        self.u32(epochs);
        [learning_rate, margin, sharpness].into_iter().for_each(|value| self.f32(value));
        self.u8(dropout.into());
        [prototypes as u32, batch as u32, patience].into_iter().for_each(|value| self.u32(value));
        self.u64(seed);
        self.u32(classifier.epochs);
        self.list(&classifier.examples, |out, &count| out.u64(count));
        let prototypes: Vec<(&usize, &Latent)> = classifier.owners.iter().zip(&classifier.latents).collect();
        self.list(&prototypes, |out, (owner, latent)| {
            out.u32(**owner as u32);
            latent.iter().for_each(|value| out.0.extend(value.to_le_bytes()));
        });
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], LearnError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u8(&mut self) -> Result<u8, LearnError> {
        self.take().map(u8::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, LearnError> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, LearnError> {
        self.take().map(u64::from_le_bytes)
    }

    fn f32(&mut self) -> Result<f32, LearnError> {
        self.take().map(f32::from_le_bytes)
    }

    fn f64(&mut self) -> Result<f64, LearnError> {
        self.take().map(f64::from_le_bytes)
    }

    fn text(&mut self) -> Result<String, LearnError> {
        let len = self.u32()? as usize;
        let (text, rest) = self.0.split_at_checked(len).ok_or_else(damaged)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).map_err(|_| damaged())
    }

    /// A list. Nothing is allocated for its length, which may be wrong.
    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T, LearnError>) -> Result<Vec<T>, LearnError> {
        let len = self.u32()?;
        (0..len).map(|_| read(self)).collect()
    }

    fn classifier<V: Vector>(&mut self, classes: usize) -> Result<Classifier<V>, LearnError> {
        let training = Training {
            rule: match self.u8()? {
                0 => Rule::Perceptron,
                1 => Rule::Online,
                2 => Rule::Softmax,
                _ => return Err(damaged()),
            },
            epochs: self.u32()?,
            learning_rate: self.f32()?,
            margin: self.f32()?,
            sharpness: self.f32()?,
            dropout: self.u8()? == 1,
            prototypes: self.u32()? as usize,
            batch: self.u32()? as usize,
            patience: self.u32()?,
            seed: self.u64()?,
        };
        training.check().map_err(|_| damaged())?;
        let epochs = self.u32()?;
        let examples = self.list(Self::u64)?;
        let (owners, latents): (Vec<usize>, Vec<Latent>) = (self.list(|body| {
            let owner = body.u32()? as usize;
            let latent = (0..HV16::DIM).map(|_| body.take().map(i32::from_le_bytes)).collect::<Result<_, _>>()?;
            Ok((owner, latent))
        })?)
        .into_iter()
        .unzip();
        let fits = owners.is_sorted() && owners.last().is_some_and(|&owner| owner < classes);
        if !fits || examples.len() != classes {
            return Err(damaged());
        }
        Ok(Classifier::from_parts(training, epochs, examples, owners, latents))
    }
}
