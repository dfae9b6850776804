//! What is the dollar of Mexico? Analogy by binding (Kanerva, "What We Mean When We Say 'What's the Dollar of Mexico?'",
//! 2010): `cargo run -p hv-encode --example 02_dollar_of_mexico`.

use hv_encode::{Codebook, Encoder, ItemMemory, RecordEncoder};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let items = ItemMemory::new(42);
    let values =
        Codebook::from_items(items, ["USA", "Washington", "dollar", "Mexico", "Mexico City", "peso", "tortilla"])?;
    let records = RecordEncoder::new(1);
    let country = |name: &str, capital: &str, money: &str| {
        let pairs = [("name", name), ("capital", capital), ("money", money)];
        records.encode(&pairs.map(|(role, value)| (role, items.vector(value))))
    };
    let usa = country("USA", "Washington", "dollar")?;
    let mexico = country("Mexico", "Mexico City", "peso")?;

    // What each value of the one country is in the other. Nothing says which role the dollar plays.
    let mapping = usa ^ mexico;
    for value in ["dollar", "Washington", "USA", "tortilla"] {
        let answer = values.clean_up(&(mapping ^ items.vector(value)));
        println!("the {value} of Mexico: {}", answer.map_or("nothing stands out", |found| found.name));
    }
    Ok(())
}
