//! What prototypes promise.

use hv_encode::HV16;
use hv_encode::hv_parallel::hv_simd::hv_core::reference;
use hv_learn::{BinaryPrototypes, CounterPrototypes, Prototypes};

/// Three classes around random centres, the second without examples.
fn trained() -> (Vec<HV16>, Prototypes) {
    let centres: Vec<HV16> = (0..3).map(HV16::random).collect();
    let mut prototypes = Prototypes::new(3);
    for class in [0, 2] {
        for noise in 0..6 {
            let example = reference::bundle(&[centres[class], HV16::random(100 + noise), HV16::random(200 + noise)]);
            prototypes.add(class, &example.unwrap());
        }
    }
    (centres, prototypes)
}

#[test]
fn prototypes_find_the_class_and_never_an_empty_one() {
    let (centres, prototypes) = trained();
    let (binary, counters): (BinaryPrototypes, CounterPrototypes) = (prototypes.binary(), prototypes.counters());
    let queries: Vec<HV16> = centres.iter().copied().chain((300..340).map(HV16::random)).collect();
    for (class, centre) in [(0, &centres[0]), (2, &centres[2])] {
        assert_eq!(binary.classify(centre), Some(class));
        assert_eq!(counters.classify(centre), Some(class));
    }
    for (query, (b, c)) in
        queries.iter().zip(binary.classify_batch(&queries).into_iter().zip(counters.classify_batch(&queries)))
    {
        assert_eq!((b, c), (binary.classify(query), counters.classify(query)));
        assert!(b != Some(1) && c != Some(1));
    }
}

/// Similarities and cosines from the definitions, the first of them the class of `classify`.
#[test]
fn ranks_are_all_classes_in_order_with_their_similarities() {
    let (centres, mut prototypes) = trained();
    // A class beyond the others, equal to the third: it ranks after it.
    let third = prototypes.classes()[2].clone();
    prototypes = prototypes.classes().iter().cloned().chain([third]).collect();
    let (binary, counters) = (prototypes.binary(), prototypes.clone().counters());
    let queries: Vec<HV16> = centres.iter().copied().chain((300..340).map(HV16::random)).collect();
    for (query, (b, c)) in
        queries.iter().zip(binary.rank_batch(&queries, 9).into_iter().zip(counters.rank_batch(&queries, 9)))
    {
        let similarity = |class: usize| reference::similarity(query, &prototypes.classes()[class].majority().unwrap());
        let mut by_similarity = [0, 2, 3].map(|class| (class, similarity(class)));
        by_similarity.sort_by(|x, y| y.1.total_cmp(&x.1));
        assert_eq!(b, by_similarity);
        assert_eq!(binary.rank(query, 2), b[..2]);
        assert_eq!((binary.classify(query), counters.classify(query)), (Some(b[0].0), Some(c[0].0)));
        assert_eq!((counters.rank(query, 1), binary.rank(query, 0)), (c[..1].to_vec(), vec![]));
        assert!(c.is_sorted_by(|x, y| x.1 > y.1 || (x.1 == y.1 && x.0 < y.0)) && c.len() == 3, "{c:?}");
        for (class, cosine) in c {
            let counted = &prototypes.classes()[class];
            let signed = |i: usize| 2.0 * counted.count(i) as f64 - counted.len() as f64;
            let dot: f64 = (0..HV16::DIM).map(|i| if query.bit(i) { signed(i) } else { -signed(i) }).sum();
            let norm = (0..HV16::DIM).map(|i| signed(i) * signed(i)).sum::<f64>().sqrt();
            assert!((cosine - dot / (norm * 2048f64.sqrt())).abs() < 1e-12, "{cosine} of class {class}");
        }
    }
}

#[test]
fn prototypes_can_be_taken_out_and_collected_again() {
    let (centres, prototypes) = trained();
    let binary = prototypes.binary();
    let stored: Vec<(usize, HV16)> = binary.iter().map(|(class, vector)| (class, *vector)).collect();
    assert_eq!(stored.iter().map(|&(class, _)| class).collect::<Vec<_>>(), [0, 2], "only those with examples");
    assert_eq!(stored.iter().rev().copied().collect::<BinaryPrototypes>(), binary, "in any order");
    let twice: BinaryPrototypes = [(0, HV16::ONES)].into_iter().chain(stored).collect();
    assert_eq!(twice, binary, "the last of a class counts");
    assert_eq!(BinaryPrototypes::from_iter([]).classify(&centres[0]), None);
    let again: Prototypes = prototypes.classes().iter().cloned().collect();
    assert_eq!(again.classes(), prototypes.classes());
}

/// The counters' answer in plain arithmetic, with unequal numbers of examples.
#[test]
fn counters_compare_by_cosine() {
    let mut prototypes = Prototypes::new(3);
    let mut signed = vec![[0i64; HV16::DIM]; 3];
    for (example, class) in [0, 0, 0, 0, 0, 0, 0, 1, 1, 2].into_iter().enumerate() {
        let v = HV16::random(example as u64);
        prototypes.add(class, &v);
        for (i, sum) in signed[class].iter_mut().enumerate() {
            *sum += if v.bit(i) { 1 } else { -1 };
        }
    }
    let counters = prototypes.counters();
    for seed in 500..600 {
        let query = HV16::random(seed);
        let cosine = |sums: &[i64; HV16::DIM]| {
            let dot: i64 = sums.iter().enumerate().map(|(i, sum)| if query.bit(i) { *sum } else { -sum }).sum();
            dot as f64 / sums.iter().map(|sum| (sum * sum) as f64).sum::<f64>().sqrt()
        };
        let best = (0..3).max_by(|&a, &b| cosine(&signed[a]).total_cmp(&cosine(&signed[b])));
        assert_eq!(counters.classify(&query), best, "seed {seed}");
    }
}

#[test]
fn no_examples_and_no_direction() {
    assert_eq!(Prototypes::new(0).binary().classify(&HV16::ONES), None);
    assert_eq!(Prototypes::new(2).counters().classify(&HV16::ONES), None);
    let mut prototypes = Prototypes::new(2);
    prototypes.add(0, &HV16::ZERO);
    prototypes.add(0, &HV16::ONES);
    assert_eq!(prototypes.clone().counters().rank(&HV16::ZERO, 9), [(0, f64::NEG_INFINITY)]);
    assert_eq!(prototypes.clone().counters().classify(&HV16::ZERO), Some(0));
    prototypes.add(1, &HV16::ONES);
    assert_eq!(prototypes.counters().classify(&HV16::ZERO), Some(1), "a class without direction comes last");
}

#[test]
#[should_panic(expected = "there is no class 2: there are 2")]
fn a_class_too_many() {
    Prototypes::new(2).add(2, &HV16::ZERO);
}
