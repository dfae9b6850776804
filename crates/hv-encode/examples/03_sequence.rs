//! A sequence in one vector, read back and changed: `cargo run -p hv-encode --example 03_sequence`.

use hv_encode::structures::BundleSequence;
use hv_encode::{Codebook, ItemMemory};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stations = ["Basel", "Olten", "Bern", "Thun", "Spiez", "Visp", "Brig"];
    let names = Codebook::from_items(ItemMemory::new(42), stations)?;
    let vector = |name: &str| names.vector(name).copied().ok_or(format!("{name} is not in the codebook"));

    let mut line = BundleSequence::new();
    for station in ["Olten", "Bern", "Thun", "Visp"] {
        line.append(&vector(station)?)?;
    }
    line.prepend(&vector("Basel")?)?;
    line.replace(4, &vector("Visp")?, &vector("Spiez")?); // exact: Visp is gone without a trace
    for position in 0..=line.len() {
        let found = line.get(position, &names);
        println!("{position}: {}", found.map_or("nothing", |found| found.name));
    }
    Ok(())
}
