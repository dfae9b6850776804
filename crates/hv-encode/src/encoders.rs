//! Encoders of numbers, records, series and images, and of texts by their words.

mod circular;
mod image;
mod level;
mod parts;
mod record;
mod series;
mod steps;
mod thermometer;
mod word_ngram;

pub use circular::CircularEncoder;
pub use image::ImageEncoder;
pub use level::LevelEncoder;
pub use record::RecordEncoder;
pub use series::SeriesEncoder;
pub use thermometer::ThermometerEncoder;
pub use word_ngram::WordNgramEncoder;
