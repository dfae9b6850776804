//! `hv fingerprints`: pairs, clusters and picks of the fingerprints of a file.

mod npz;

use std::io::Write;
use std::path::Path;

use hv_memory::hv_parallel::{butina_clusters, max_min_picks, parallel_find_similar_pairs_tanimoto};

use crate::args::{BitOrder, FingerprintsArgs, FingerprintsTask};
use crate::codes::{Block, CodeFile};
use crate::escape::on_one_line;
use crate::failure::Failure;
use crate::numbers::counted;

pub fn run(args: &FingerprintsArgs, out: &mut impl Write) -> Result<(), Failure> {
    match &args.task {
        FingerprintsTask::Pairs { file, min_similarity, out: path } => {
            let pairs = parallel_find_similar_pairs_tanimoto(&read(file)?.codes, *min_similarity);
            npz::write(path, &pairs)?;
            let found = counted(pairs.columns().len() as u64, "pair");
            let all = counted(pairs.vectors() as u64, "fingerprint");
            Ok(writeln!(out, "wrote {found} of {all} to {}", path.display())?)
        }
        FingerprintsTask::Clusters { file, min_similarity } => {
            let read = read(file)?;
            let clusters = butina_clusters(&parallel_find_similar_pairs_tanimoto(&read.codes, *min_similarity));
            let members = clusters.iter().enumerate();
            print("cluster", members.flat_map(|(i, cluster)| cluster.iter().map(move |&index| (i, index))), &read, out)
        }
        FingerprintsTask::Picks { file, n, first } => {
            let read = read(file)?;
            let len = read.codes.len();
            if *first >= len && len > 0 {
                let file = file.display();
                return Err(Failure::failed(format_args!(
                    "there is no fingerprint {first} in {file}: it has {len}, counted from 0"
                )));
            }
            print("rank", max_min_picks(&read.codes, *first, *n).into_iter().enumerate(), &read, out)
        }
    }
}

fn read(file: &Path) -> Result<Block, Failure> {
    CodeFile::open(file, None, BitOrder::Little)?.read_all()
}

/// Prints a number and an index a line, with the name where there are names.
fn print(
    number: &str,
    lines: impl Iterator<Item = (usize, usize)>,
    read: &Block,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let named = !read.names.is_empty();
    writeln!(out, "#{number}\tindex{}", if named { "\tname" } else { "" })?;
    for (number, index) in lines {
        match read.names.get(index) {
            Some(name) => writeln!(out, "{number}\t{index}\t{}", on_one_line(name))?,
            None => writeln!(out, "{number}\t{index}")?,
        }
    }
    Ok(())
}
