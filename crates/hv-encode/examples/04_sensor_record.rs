//! What a sensor measures as one vector: alike where the measurements are, and read back by role:
//! `cargo run -p hv-encode --example 04_sensor_record`.

use hv_encode::hv_parallel::hv_simd::simd_similarity;
use hv_encode::{CircularEncoder, Codebook, EncodeError, Encoder, HV16, ItemMemory, LevelEncoder, RecordEncoder};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let temperature = LevelEncoder::new(-20.0, 40.0, 61, 1)?; // a level for each degree
    let wind = CircularEncoder::new(360.0, 36, 2)?; // 350 degrees are near 0
    let (stations, records) = (ItemMemory::new(3), RecordEncoder::new(4));
    let record = |station: &str, degrees: f64, direction: f64| -> Result<HV16, EncodeError> {
        records.encode(&[
            ("station", stations.vector(station)),
            ("temperature", temperature.encode(&degrees)?),
            ("wind", wind.encode(&direction)?),
        ])
    };

    let now = record("Zugspitze", -3.0, 350.0)?;
    for (what, other) in [
        ("an hour later", record("Zugspitze", -2.0, 10.0)?),
        ("in summer", record("Zugspitze", 12.0, 180.0)?),
        ("elsewhere", record("Helgoland", 17.0, 220.0)?),
    ] {
        println!("{:.3}  {what}", simd_similarity(&now, &other));
    }

    // The value in a role: take the role away, and clean up.
    let names = Codebook::from_items(stations, ["Helgoland", "Zugspitze"])?;
    let found = names.clean_up(&(now ^ records.role("station")));
    println!("the station is {}", found.map_or("unknown", |found| found.name));
    let mut degrees = Codebook::new();
    for degree in -20..=40 {
        degrees.add(degree.to_string(), temperature.encode(&f64::from(degree))?)?;
    }
    let found = degrees.clean_up(&(now ^ records.role("temperature")));
    println!("the temperature is about {} degrees", found.map_or("unknown", |found| found.name));
    // Beyond its ends a level encoder gives an error and no vector.
    println!("{}", record("Zugspitze", 70.0, 0.0).err().map_or_else(String::new, |error| error.to_string()));
    Ok(())
}
