//! Clean-up, resonator and sparse distributed memory against their definitions in the most obvious form.

use hv_encode::statistics::max_distance_for;
use hv_encode::{Codebook, CodebookError, FactorError, HV16, ItemMemory, Resonator, SparseDistributedMemory};
use hv_parallel::Progress;
use hv_parallel::hv_simd::hv_core::reference;
use proptest::prelude::*;

/// A vector with `flips` other bits.
fn noisy(vector: HV16, flips: usize, seed: u64) -> HV16 {
    let mut order: Vec<usize> = (0..HV16::DIM).collect();
    order.sort_by_cached_key(|&bit| (ItemMemory::new(seed).vector(&bit).0[0], bit));
    order[..flips].iter().fold(vector, |mut vector, &bit| {
        vector.set_bit(bit, !vector.bit(bit));
        vector
    })
}

fn codebooks(sizes: &[usize], seed: u64) -> Vec<Vec<HV16>> {
    let items = ItemMemory::new(seed);
    let items = |(factor, &size): (usize, &usize)| (0..size).map(|i| items.vector(&[factor as u8, i as u8])).collect();
    sizes.iter().enumerate().map(items).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn clean_up_is_the_nearest_that_stands_out(n in 0u64..30, flips in 800usize..1_024, rate in 0.0f64..=1.0, seed: u64) {
        let mut codebook = Codebook::new().with_false_alarms(rate).unwrap();
        for i in 0..n {
            prop_assert_eq!(codebook.add(format!("v{i}"), HV16::random(i)), Ok(i as usize));
        }
        let asked = noisy(HV16::random(seed % 40), flips, seed);
        let nearest = reference::find_top_k(&asked, codebook.vectors(), 1);
        let expected = nearest.first().and_then(|&(index, _)| {
            let distance = reference::hamming(&asked, &HV16::random(index as u64)) as u16;
            (distance <= max_distance_for(rate, n)?).then_some((format!("v{index}"), index, distance))
        });
        let found = codebook.clean_up(&asked).map(|found| (found.name.to_owned(), found.index, found.distance));
        prop_assert_eq!(found, expected);
        let asked = [asked, HV16::random(3), asked];
        let each: Vec<_> = asked.iter().map(|asked| codebook.clean_up(asked)).collect();
        prop_assert_eq!(codebook.clean_up_batch(&asked), each);
    }

    /// The factors are the nearest combination of all.
    #[test]
    fn factors_are_the_nearest_combination(sizes in prop::collection::vec(1usize..6, 1..4), flips in 0usize..200, seed: u64) {
        let codebooks = codebooks(&sizes, seed);
        let at = |which: u64| sizes.iter().map(|&size| which as usize % 7 % size).collect::<Vec<usize>>();
        let product = |indices: &[usize]| {
            indices.iter().zip(&codebooks).fold(HV16::ZERO, |product, (&index, items)| product ^ items[index])
        };
        let asked = noisy(product(&at(seed)), flips, seed);
        let mut all = vec![vec![]];
        for &size in &sizes {
            all = all.iter().flat_map(|start| (0..size).map(move |i| [&start[..], &[i]].concat())).collect();
        }
        let nearest = all.into_iter().min_by_key(|indices| reference::hamming(&asked, &product(indices))).unwrap();
        let found = Resonator::new(&codebooks, seed).unwrap().factor(&asked).unwrap();
        prop_assert_eq!(u32::from(found.distance), reference::hamming(&asked, &product(&nearest)));
        prop_assert_eq!(found.indices, nearest);
    }

    #[test]
    fn a_memory_is_the_majority_of_what_was_stored(locations in 1usize..60, radius in 980u16..1_060, seed: u64) {
        let mut memory = SparseDistributedMemory::new(locations, radius, seed).unwrap();
        let pairs: Vec<(HV16, HV16)> = (0..20).map(|i| (HV16::random(i % 15), HV16::random(100 + i))).collect();
        let near = |address: &HV16, location: &usize| {
            reference::hamming(address, &ItemMemory::new(seed).vector(location)) <= u32::from(radius)
        };
        let activated = memory.write_batch(&pairs[1..]);
        prop_assert_eq!(memory.write(&pairs[0].0, &pairs[0].1), (0..locations).filter(|l| near(&pairs[0].0, l)).count());
        for (written, (address, _)) in activated.into_iter().zip(&pairs[1..]) {
            prop_assert_eq!(written, (0..locations).filter(|location| near(address, location)).count());
        }
        let asked: Vec<HV16> = (0..20).map(HV16::random).collect();
        let read = memory.read_batch(&asked);
        for (asked, read) in asked.iter().zip(read) {
            let of = |location: usize| pairs.iter().filter(move |(address, _)| near(address, &location)).map(|pair| pair.1);
            let stored: Vec<HV16> = (0..locations).filter(|location| near(asked, location)).flat_map(of).collect();
            prop_assert_eq!(read, reference::bundle(&stored));
            prop_assert_eq!(read, memory.read(asked));
        }
    }
}

#[test]
fn names_are_found_again_and_strange_vectors_have_none() {
    let mut codebook = Codebook::from_items(ItemMemory::new(1), (0..1_000).map(|i| i.to_string())).unwrap();
    for i in 0..100 {
        let name = (i * 7 % 1_000).to_string();
        let asked = noisy(*codebook.vector(&name).unwrap(), 800, i);
        assert_eq!(codebook.clean_up(&asked).map(|found| found.name), Some(name.as_str()));
    }
    let alarms = (5_000..10_000).filter(|&seed| codebook.clean_up(&HV16::random(seed)).is_some()).count();
    // One in a thousand is expected: 5, with a standard deviation of 2.2.
    assert!((1..=14).contains(&alarms), "{alarms} false alarms of 5,000");
    assert_eq!(codebook.add("7", HV16::ZERO), Err(CodebookError::NameTaken { name: "7".into() }));
    assert_eq!((codebook.len(), codebook.names().nth(8), codebook.vector("x")), (1_000, Some("8"), None));
    // Another rate counts for a codebook that was asked already, too.
    let unrelated = HV16::random(3);
    assert_eq!(codebook.clean_up(&unrelated), None);
    assert!(codebook.with_false_alarms(1.0).unwrap().clean_up(&unrelated).is_some());
    for rate in [-0.1, 1.1, f64::NAN] {
        assert!(matches!(Codebook::new().with_false_alarms(rate), Err(CodebookError::Rate { .. })), "{rate}");
    }
    assert!(Codebook::new().is_empty() && Codebook::new().clean_up(&HV16::ZERO).is_none());
}

#[test]
fn three_codebooks_of_16_in_99_of_100_trials() {
    let right = |seed: u64| {
        let codebooks = codebooks(&[16; 3], seed);
        let indices = [seed % 16, seed / 16 % 16, seed * 7 % 16].map(|index| index as usize);
        let product = indices.iter().zip(&codebooks).fold(HV16::ZERO, |product, (&i, items)| product ^ items[i]);
        let found = Resonator::new(&codebooks, seed).unwrap().factor(&product);
        found.is_some_and(|found| found.indices == indices && found.distance == 0)
    };
    let found = (0..1_000).filter(|&seed| right(seed)).count();
    assert!(found >= 990, "{found} of 1,000");
}

#[test]
fn a_restart_finds_what_one_start_does_not() {
    let found = |restarts: u32| -> Vec<u32> {
        let factored = |seed: u64| {
            let codebooks = codebooks(&[64; 3], seed);
            let product = codebooks[0][3] ^ codebooks[1][40] ^ codebooks[2][63];
            Resonator::new(&codebooks, seed).unwrap().with_limits(20, restarts).factor(&product)
        };
        (0..40).filter_map(factored).map(|found| found.restarts).collect()
    };
    let (one, many) = (found(0), found(10));
    assert!(one.len() < many.len() && one.iter().all(|&restarts| restarts == 0), "{one:?}");
    assert!(many.iter().any(|&restarts| restarts > 0), "{many:?}");
}

#[test]
fn a_verdict_is_never_a_guess() {
    let codebooks = codebooks(&[16; 3], 1);
    let resonator = Resonator::new(&codebooks, 1).unwrap().with_limits(20, 3);
    assert!((0..200).all(|seed| resonator.factor(&HV16::random(seed)).is_none()));
    let product = codebooks[0][3] ^ codebooks[1][4] ^ codebooks[2][5];
    assert_eq!(resonator.factor(&noisy(product, 500, 2)).map(|found| found.indices), Some(vec![3, 4, 5]));
    assert_eq!(resonator.with_limits(0, 3).factor(&product), None);
}

#[test]
fn what_cannot_be_made() {
    assert_eq!(Resonator::new(&[], 1).err(), Some(FactorError::NoCodebooks));
    assert_eq!(Resonator::new(&[vec![HV16::ZERO], vec![]], 1).err(), Some(FactorError::NoItems { codebook: 1 }));
    assert_eq!(SparseDistributedMemory::new(0, 9, 1).err(), Some(FactorError::Locations { locations: 0 }));
    assert_eq!(SparseDistributedMemory::new(1, 2_049, 1).err(), Some(FactorError::Radius { radius: 2_049 }));
    let mut memory = SparseDistributedMemory::new(5, 0, 1).unwrap();
    assert_eq!((memory.write(&HV16::ZERO, &HV16::ONES), memory.read(&HV16::ZERO)), (0, None));
    assert_eq!((memory.locations(), memory.radius(), memory.read_batch(&[])), (5, 0, vec![]));
}

/// Reading what was read, as an address, comes nearer to what is stored: it converges.
#[test]
fn a_memory_cleans_addresses_up() {
    let mut memory = SparseDistributedMemory::new(3_000, max_distance_for(0.02, 1).unwrap(), 1).unwrap();
    let stored: Vec<(HV16, HV16)> = (0..30).map(HV16::random).map(|vector| (vector, vector)).collect();
    memory.write_batch(&stored);
    for (i, (vector, _)) in stored.iter().enumerate() {
        let mut address = noisy(*vector, 150, i as u64);
        for _ in 0..4 {
            address = memory.read(&address).unwrap();
        }
        let rest = reference::hamming(&address, vector);
        assert!(rest <= 20, "{i}: {rest} bits are left of 150");
    }
}

#[test]
fn factoring_counts_its_rounds_and_can_be_stopped() {
    let resonator = Resonator::new(&codebooks(&[12, 12, 12], 5), 1).unwrap().with_limits(30, 2);
    let progress = Progress::new();
    // A vector that is no product takes all starts, which may settle before their last round.
    assert_eq!(resonator.factor_with(&HV16::random(9), &progress), Ok(None));
    assert_eq!((progress.done(), progress.all()), (90, 90));
    let product = codebooks(&[12, 12, 12], 5).iter().map(|items| items[3]).fold(HV16::ZERO, |a, b| a ^ b);
    let found = resonator.factor_with(&product, &progress);
    assert!(found == Ok(resonator.factor(&product)) && found.is_ok_and(|found| found.is_some()));
    progress.stop();
    assert_eq!(resonator.factor_with(&product, &progress), Err(FactorError::Stopped));
    assert_eq!((progress.done(), progress.all()), (0, 90));
}

#[test]
fn making_a_sparse_memory_counts_its_locations_and_can_be_stopped() {
    let progress = Progress::new();
    let mut memory = SparseDistributedMemory::new_with(500, 950, 1, &progress).unwrap();
    assert_eq!((progress.done(), progress.all()), (500, 500));
    let mut same = SparseDistributedMemory::new(500, 950, 1).unwrap();
    for memory in [&mut memory, &mut same] {
        assert!(memory.write(&HV16::random(1), &HV16::random(2)) > 0);
    }
    assert_eq!(memory.read(&HV16::random(1)), same.read(&HV16::random(1)));
    progress.stop();
    let stopped = SparseDistributedMemory::new_with(500, 950, 1, &progress).map(|memory| memory.locations());
    assert_eq!(stopped, Err(FactorError::Stopped));
}
