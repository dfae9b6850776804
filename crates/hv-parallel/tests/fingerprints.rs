//! Pairs, clusters and picks of fingerprints: against their definitions, and against RDKit where its molecules are.

use std::path::Path;

use hv_parallel::hv_simd::{simd_find_top_k_tanimoto, simd_tanimoto};
use hv_parallel::*;

fn with_ones(ones: &[usize]) -> HV16 {
    let mut v = HV16::ZERO;
    ones.iter().for_each(|&bit| v.set_bit(bit, true));
    v
}

/// Fingerprints of 0 to 7 ones among ten bits.
fn few_bits(n: u64) -> Vec<HV16> {
    let of = |i: u64| with_ones(&(0..10).filter(|&bit| HV16::random(i % 61).bit(bit * 7)).collect::<Vec<_>>());
    (0..n).map(of).collect()
}

#[test]
fn pairs_are_those_of_the_definition() {
    let vectors = few_bits(200);
    for threshold in [-1.0, 0.5, 0.6, 2.0 / 3.0, 1.0, 1.5] {
        let mut expected = Vec::new();
        for i in 0..vectors.len() {
            for j in i + 1..vectors.len() {
                let score = simd_tanimoto(&vectors[i], &vectors[j]);
                if score >= threshold {
                    expected.push((i, j, score));
                }
            }
        }
        let pairs = parallel_find_similar_pairs_tanimoto(&vectors, threshold);
        assert_eq!(pairs.iter().collect::<Vec<_>>(), expected, "{threshold}");
        assert_eq!((pairs.vectors(), pairs.starts().len(), pairs.scores().len()), (200, 201, pairs.columns().len()));
    }
    let none = parallel_find_similar_pairs_tanimoto(&[], 0.5);
    assert_eq!((none.vectors(), none.iter().count(), none.starts()), (0, 0, &[0][..]));
}

#[test]
fn clusters_take_the_centre_with_the_most_neighbours() {
    // 0 is alone; 1, 2 and 4 are alike, 4 and 3, too.
    let vectors = [&[50][..], &[1, 2, 3, 4], &[1, 2, 3, 4], &[3, 4, 5, 6], &[2, 3, 4, 5]].map(with_ones);
    let clusters = butina_clusters(&parallel_find_similar_pairs_tanimoto(&vectors, 0.6));
    assert_eq!(clusters, [vec![4, 1, 2, 3], vec![0]]);
    // Of as many neighbours, the higher index is the centre.
    let clusters = butina_clusters(&parallel_find_similar_pairs_tanimoto(&vectors[..3], 0.6));
    assert_eq!(clusters, [vec![2, 1], vec![0]]);
    assert_eq!(butina_clusters(&parallel_find_similar_pairs_tanimoto(&[], 0.6)), Vec::<Vec<usize>>::new());
}

#[test]
fn picks_are_as_far_as_can_be() {
    let vectors = few_bits(150);
    let picks = max_min_picks(&vectors, 7, 200);
    assert_eq!((picks.len(), picks[0]), (150, 7));
    for n in 1..60 {
        let highest =
            |i: usize| picks[..n].iter().map(|&pick| simd_tanimoto(&vectors[pick], &vectors[i])).fold(0.0, f64::max);
        let left = (0..vectors.len()).filter(|i| !picks[..n].contains(i));
        let best = left.min_by(|&i, &j| highest(i).total_cmp(&highest(j))).unwrap();
        assert_eq!(picks[n], best, "after {n} picks");
    }
    assert_eq!((max_min_picks(&vectors, 3, 0), max_min_picks(&[], 3, 5)), (vec![], vec![]));
}

#[test]
#[should_panic(expected = "no vector 2")]
fn a_first_pick_that_is_not_there() {
    let _ = max_min_picks(&few_bits(2), 2, 1);
}

/// A digest of numbers: FNV-1a over eight bytes of each, little-endian.
fn digest(numbers: impl IntoIterator<Item = usize>) -> u64 {
    let bytes = numbers.into_iter().flat_map(|number| (number as u64).to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// RDKit 2026.9.1 on 4,200 molecules: pairs of `BulkTanimotoSimilarity` from 0.6 on, `Butina.ClusterData` at a distance of
/// 0.35, and 100 picks of `MaxMinPicker` from the first.
#[test]
fn molecules_as_rdkit_has_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/molecules");
    let Ok(file) = std::fs::read(folder.join("lipo.npy")) else {
        println!("NOT TESTED: no molecules in ../shared/data/molecules");
        return;
    };
    let vectors: Vec<HV16> = file[128..].chunks(HV16::BYTES).map(|row| HV16::try_from(row).unwrap()).collect();
    let pairs = parallel_find_similar_pairs_tanimoto(&vectors, 0.6);
    assert_eq!(pairs.columns().len(), 9_477);
    assert_eq!(digest(pairs.iter().flat_map(|(i, j, _)| [i, j])), 0x988c_e954_a3c8_b002);
    let clusters = butina_clusters(&parallel_find_similar_pairs_tanimoto(&vectors, 0.65));
    assert_eq!(clusters.len(), 2_324);
    let listed = clusters.iter().flat_map(|cluster| [cluster.len()].into_iter().chain(cluster.iter().copied()));
    assert_eq!(digest(listed), 0xcba1_1389_fcb4_b905);
    assert_eq!(digest(max_min_picks(&vectors, 0, 100)), 0xed44_ab2e_40fc_3c5c);

    let text = std::fs::read_to_string(folder.join("lipo-top10.tsv")).unwrap();
    for line in text.lines() {
        let (row, nearest) = line.split_once('\t').unwrap();
        let query = vectors[row.parse::<usize>().unwrap()];
        let found = &simd_find_top_k_tanimoto(&[query], &vectors, 10)[0];
        let expected: Vec<usize> = nearest.split_whitespace().map(|index| index.parse().unwrap()).collect();
        assert_eq!(found.iter().map(|&(i, _)| i).collect::<Vec<_>>(), expected, "row {row}");
    }
}
