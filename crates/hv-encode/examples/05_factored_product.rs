//! A product of three vectors is taken apart, with noise, too: `cargo run -p hv-encode --example 05_factored_product`.

use hv_encode::{Codebook, HV16, ItemMemory, Resonator};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let items = ItemMemory::new(42);
    let codebooks = [
        Codebook::from_items(items, ["circle", "square", "star", "cross"])?,
        Codebook::from_items(items, ["red", "green", "blue", "black", "white"])?,
        Codebook::from_items(items, ["left", "middle", "right"])?,
    ];
    let resonator = Resonator::new(&codebooks.each_ref().map(|codebook| codebook.vectors().to_vec()), 1)?;

    let product = items.vector("star") ^ items.vector("blue") ^ items.vector("left");
    let mut noisy = product;
    (0..400).for_each(|bit| noisy.set_bit(bit, !noisy.bit(bit)));
    for (what, vector) in [("the product", product), ("400 bits flipped", noisy), ("another vector", HV16::random(7))] {
        match resonator.factor(&vector) {
            Some(found) => {
                let names = found.indices.iter().zip(&codebooks).map(|(&i, codebook)| codebook.names().nth(i));
                let names: Vec<&str> = names.flatten().collect();
                println!("{what}: {} ({} rounds, {} bits off)", names.join(" "), found.rounds, found.distance);
            }
            None => println!("{what}: no product of these"),
        }
    }
    Ok(())
}
