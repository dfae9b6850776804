//! What is recollected stays, and the rest fades: `cargo run -p hv-memory --example 03_remember_and_forget`.

use std::time::Duration;

use hv_memory::{Conditions, ConsolidatePolicy, EpisodicMemory, HV16, MemoryError, NewEpisode, RecollectPolicy};

const DAY: i64 = 86_400_000_000; // microseconds

fn main() -> Result<(), MemoryError> {
    let memory = EpisodicMemory::in_memory();
    let episodes: Vec<NewEpisode> =
        (0..100).map(|i| NewEpisode { content: HV16::random(i), ..NewEpisode::default() }).collect();
    memory.store_batch(&episodes)?;

    // Ten of them are recollected after a month, which sets their strength again, and higher.
    for i in 0..10 {
        memory.recollect(&HV16::random(i), 1, &Conditions::new(), &RecollectPolicy::new(), 30 * DAY)?;
    }

    // Strength halves each month. Nothing fades by itself: this call drops what is weaker than 0.2.
    let policy = ConsolidatePolicy::new().half_life(Duration::from_secs(30 * 86_400)).floor(0.2);
    let report = memory.consolidate(&policy, 90 * DAY)?;
    println!("after three months {} of 100 are kept", report.kept);
    assert_eq!(memory.len(), 10);
    Ok(())
}
