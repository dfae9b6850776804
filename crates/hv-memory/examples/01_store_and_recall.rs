//! Store episodes, close, open, ask: `cargo run -p hv-memory --example 01_store_and_recall`.

use hv_memory::{EpisodicMemory, HV16, MemoryError, NewEpisode};

fn main() -> Result<(), MemoryError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("diary");

    let memory = EpisodicMemory::open(&path)?;
    let day = |i: u64| NewEpisode {
        content: HV16::random(i),
        time: 1_700_000_000_000_000 + i as i64 * 86_400_000_000, // microseconds since 1970
        payload: format!("what happened on day {i}").into_bytes(),
        ..NewEpisode::default()
    };
    let days: Vec<NewEpisode> = (0..1_000).map(day).collect();
    memory.store_batch(&days)?; // durable when it returns, in one commit
    drop(memory);

    let memory = EpisodicMemory::open_read_only(&path)?;
    for found in memory.recall(&HV16::random(123), 2)? {
        let episode = memory.get(found.id)?.expect("it was found");
        let text = String::from_utf8_lossy(&episode.payload).into_owned();
        println!("{text}: similarity {:.3}, z {:.1}", found.similarity(), found.z_score());
    }
    Ok(())
}
