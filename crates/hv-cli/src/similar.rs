//! `hv similar`: pairs of stored lines that are near-duplicates.

use std::io::Write;
use std::time::Instant;

use hv_parallel::similarity;
use indicatif::HumanCount;

use crate::args::SimilarArgs;
use crate::failure::Failure;
use crate::index::counted;
use crate::recall::{line, micros, record};
use crate::show;
use crate::store::Store;

pub fn run(args: &SimilarArgs, out: &mut impl Write) -> Result<(), Failure> {
    let store = Store::open(&args.store)?;
    let spinner = show::spinner(format!("comparing {} episodes", HumanCount(store.memory.len() as u64)));
    let start = Instant::now();
    let pairs = store.memory.similar_pairs(args.min_similarity)?;
    let time = start.elapsed();
    spinner.finish_and_clear();
    for &(older, newer, distance) in &pairs {
        writeln!(out, "{:.3}  {}", similarity(distance), line(older, &record(&store, older)?))?;
        writeln!(out, "       {}\n", line(newer, &record(&store, newer)?))?;
    }
    let (pairs, episodes) = (counted(pairs.len() as u64, "pair"), HumanCount(store.memory.len() as u64));
    writeln!(
        out,
        "found {pairs} of similarity {} or more in {episodes} episodes in {}",
        args.min_similarity,
        micros(time)
    )?;
    Ok(())
}
