//! Similar spellings give similar vectors: `cargo run -p hv-encode --example 01_misspelt`.

use hv_encode::hv_parallel::hv_simd::simd_similarity;
use hv_encode::{EncodeError, NgramEncoder};

fn main() -> Result<(), EncodeError> {
    let encoder = NgramEncoder::new(3, 42); // letter trigrams, and the seed that every vector follows from
    let text = encoder.encode("In the beginning God created the heaven and the earth.")?;
    for other in [
        "in the begining god creatd the heavn and earth",
        "In the beginning was the Word",
        "Thou shalt not covet thy neighbour's house.",
    ] {
        println!("{:.3}  {other}", simd_similarity(&text, &encoder.encode(other)?));
    }
    Ok(())
}
