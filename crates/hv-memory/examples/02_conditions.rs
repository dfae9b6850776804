//! Ask only among some episodes; conditions apply before the ranking: `cargo run -p hv-memory --example 02_conditions`.

use hv_memory::{Conditions, EpisodicMemory, HV16, MemoryError, NewEpisode};

fn main() -> Result<(), MemoryError> {
    let memory = EpisodicMemory::in_memory();
    let episode = |i: u64| NewEpisode {
        content: HV16::random(i),
        time: i as i64,
        valence: if i.is_multiple_of(2) { 0.5 } else { -0.5 },
        ..NewEpisode::default()
    };
    memory.store_batch(&(0..100).map(episode).collect::<Vec<_>>())?;

    let cue = HV16::random(40);
    let sad = Conditions::new().valence(..0.0);
    let early = Conditions::new().time(..20);
    let close = Conditions::new().min_similarity(0.7);
    println!("of all:   {:?}", memory.recall(&cue, 1)?[0].id);
    for (name, conditions) in [("sad", sad), ("early", early), ("close", close)] {
        // Ten results come back wherever ten episodes meet the conditions.
        let found = memory.recall_where(&cue, 10, &conditions)?;
        println!("{name}: {} found, {:?} is the nearest", found.len(), found[0].id);
    }
    Ok(())
}
