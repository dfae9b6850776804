//! A class is the bundle of its examples: `cargo run -p hv-learn --example 01_classify`.

use hv_encode::{EncodeError, NgramEncoder};
use hv_learn::Prototypes;

const TEXTS: [(&str, &str); 3] = [
    ("English", "the quick brown fox jumps over the lazy dog and then the other one sleeps with the cat"),
    ("German", "der schnelle braune fuchs springt ueber den faulen hund und dann schlaeft er bei der katze"),
    ("French", "le rapide renard brun saute par dessus le chien paresseux et puis il dort avec le chat"),
];

fn main() -> Result<(), EncodeError> {
    let encoder = NgramEncoder::new(3, 42);
    let mut prototypes = Prototypes::new(TEXTS.len());
    for (class, (_, text)) in TEXTS.iter().enumerate() {
        encoder.accumulate(text, prototypes.class_mut(class))?;
    }
    let counters = prototypes.counters();
    for (sentence, expected) in [("then the dog sleeps", 0), ("und der hund schlaeft", 1), ("puis le chien dort", 2)] {
        let class = counters.classify(&encoder.encode(sentence)?).expect("three classes");
        println!("{sentence}: {}", TEXTS[class].0);
        assert_eq!(class, expected);
    }
    Ok(())
}
