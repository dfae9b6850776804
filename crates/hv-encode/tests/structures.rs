//! Structures against the bundle of what they should hold.

use hv_encode::structures::{
    BindSequence, BundleSequence, FiniteAutomaton, Graph, HashTable, Multiset, Set, StructureError, Tree,
};
use hv_encode::{Codebook, HV16, ItemMemory};
use hv_parallel::hv_simd::hv_core::reference::{self, permute};
use proptest::prelude::*;

fn letters(n: usize) -> Codebook {
    Codebook::from_items(ItemMemory::new(1), (0..n).map(|i| i.to_string())).unwrap()
}

/// What is done to a structure: put in, or taken out, with two small numbers.
fn changes() -> impl Strategy<Value = Vec<(bool, usize, usize)>> {
    prop::collection::vec((prop::bool::weighted(0.6), 0usize..6, 0usize..6), 0..30)
}

/// Does each change to a structure and to the list of the vectors it should hold.
fn same_as_list<S>(
    mut structure: S,
    changes: &[(bool, usize, usize)],
    vector: impl Fn(usize, usize) -> HV16,
    mut put: impl FnMut(&mut S, usize, usize),
    mut take: impl FnMut(&mut S, usize, usize) -> bool,
    read: impl Fn(&S) -> (u64, Option<HV16>),
) -> Result<(), TestCaseError> {
    let mut list: Vec<HV16> = Vec::new();
    for &(is_put, a, b) in changes {
        let part = vector(a, b);
        let held = list.iter().position(|other| *other == part);
        if is_put {
            put(&mut structure, a, b);
            list.push(part);
        } else if let Some(index) = held {
            prop_assert!(take(&mut structure, a, b));
            list.remove(index);
        }
        prop_assert_eq!(read(&structure), (list.len() as u64, reference::bundle(&list)));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn each_structure_is_the_bundle_of_its_parts(changes in changes()) {
        let v = |i: usize| HV16::random(i as u64);
        let w = |i: usize| HV16::random(50 + i as u64);
        same_as_list(Multiset::new(), &changes, |a, _| v(a), |s, a, _| s.insert(&v(a)), |s, a, _| s.remove(&v(a)),
            |s| (s.len(), s.vector()))?;
        same_as_list(HashTable::new(), &changes, |a, b| v(a) ^ w(b), |s, a, b| s.put(&v(a), &w(b)),
            |s, a, b| s.remove(&v(a), &w(b)), |s| (s.len(), s.vector()))?;
        same_as_list(Graph::directed(), &changes, |a, b| v(a) ^ permute(&v(b), 1),
            |s, a, b| s.add_edge(&v(a), &v(b)).unwrap(), |s, a, b| s.remove_edge(&v(a), &v(b)), |s| (s.len(), s.vector()))?;
        same_as_list(Graph::undirected(), &changes, |a, b| v(a) ^ w(b),
            |s, a, b| s.add_edge(&v(a), &w(b)).unwrap(), |s, a, b| s.remove_edge(&w(b), &v(a)), |s| (s.len(), s.vector()))?;
        let turns = ItemMemory::new(9);
        same_as_list(Tree::new(9), &changes,
            |a, b| turns.vector(&a) ^ permute(&turns.vector(&b), 1) ^ permute(&turns.vector(&a), 2) ^ w(0),
            |s, a, b| s.put(&[a, b, a], &w(0)).unwrap(), |s, a, b| s.remove(&[a, b, a], &w(0)).unwrap(),
            |s| (s.len(), s.vector()))?;
        same_as_list(FiniteAutomaton::new(), &changes, |a, b| v(a) ^ w(b) ^ permute(&v(b), 1),
            |s, a, b| s.add_transition(&v(a), &w(b), &v(b)), |s, a, b| s.remove_transition(&v(a), &w(b), &v(b)),
            |s| (s.len(), s.vector()))?;
    }

    #[test]
    fn a_set_has_each_item_once(changes in changes()) {
        let (mut set, mut list) = (Set::new(), std::collections::BTreeSet::new());
        for (put, a, _) in changes {
            let item = HV16::random(a as u64);
            prop_assert_eq!(set.contains(&item), list.contains(&a));
            let (changed, expected) = if put { (set.insert(&item), list.insert(a)) } else { (set.remove(&item), list.remove(&a)) };
            prop_assert_eq!(changed, expected);
            let items: Vec<HV16> = list.iter().map(|&a| HV16::random(a as u64)).collect();
            prop_assert_eq!((set.len(), set.vector()), (items.len() as u64, reference::bundle(&items)));
        }
    }

    /// Both sequences against a list with the positions of its items.
    #[test]
    fn sequences_are_as_defined(steps in prop::collection::vec((0u8..4, 0usize..5, any::<i32>()), 1..20)) {
        let letters = letters(5);
        let (mut bundle, mut product, mut list, mut first) = (BundleSequence::new(), BindSequence::new(), Vec::new(), 0i32);
        for (step, item, by) in steps {
            let vector = letters.vectors()[item];
            match step {
                0 => {
                    bundle.append(&vector).unwrap();
                    product.append(&vector).unwrap();
                    list.push(item);
                }
                1 => {
                    bundle.prepend(&vector).unwrap();
                    product.prepend(&vector).unwrap();
                    list.insert(0, item);
                }
                2 => {
                    bundle.rotate(by);
                    product.rotate(by);
                    first = (i64::from(first) + i64::from(by)).rem_euclid(2048) as i32;
                }
                _ if list.is_empty() => prop_assert!(!bundle.replace(first as usize, &vector, &vector)),
                _ => {
                    let index = by.rem_euclid(list.len() as i32);
                    let (old, at) = (letters.vectors()[list[index as usize]], ((first + index) % 2048) as usize);
                    prop_assert!(bundle.replace(at, &old, &vector) && product.replace(at, &old, &vector));
                    list[index as usize] = item;
                }
            }
            let rotated = |(i, &item): (usize, &usize)| permute(&letters.vectors()[item], first + i as i32);
            let parts: Vec<HV16> = list.iter().enumerate().map(rotated).collect();
            prop_assert_eq!((bundle.vector(), bundle.len()), (reference::bundle(&parts), list.len()));
            prop_assert_eq!(product.vector(), parts.iter().fold(HV16::ZERO, |product, part| product ^ part));
            for (i, &item) in list.iter().enumerate() {
                let at = (first as usize + i) % 2048;
                prop_assert_eq!(bundle.get(at, &letters).map(|found| found.index), Some(item));
                prop_assert_eq!(product.get(at, &letters).map(|found| found.index), Some(item));
            }
            let after = (first as usize + list.len()) % 2048;
            prop_assert_eq!((bundle.get(after, &letters), product.get(after, &letters)), (None, None));
        }
    }
}

#[test]
fn counts_are_exact_while_there_are_few() {
    let mut multiset = Multiset::new();
    (0..6).for_each(|i| (0..i).for_each(|_| multiset.insert(&HV16::random(i))));
    assert!((0..9).all(|i| multiset.count(&HV16::random(i)) == if i < 6 { i } else { 0 }));
    assert!(!multiset.remove(&HV16::random(0)) && !Multiset::new().remove(&HV16::ZERO));
    assert_eq!((Multiset::new().count(&HV16::ZERO), Multiset::new().vector()), (0, None));
}

#[test]
fn what_was_put_in_is_found() {
    let names = letters(20);
    let v = |i: usize| names.vectors()[i];
    let (mut table, mut tree, mut automaton) = (HashTable::new(), Tree::new(2), FiniteAutomaton::new());
    let (mut roads, mut flows) = (Graph::undirected(), Graph::directed());
    for i in 0..12 {
        table.put(&HV16::random(i as u64), &v(i));
        tree.put(&[i, i % 3], &v(i)).unwrap();
        automaton.add_transition(&v(i), &HV16::random(i as u64 % 2), &v(i + 1));
        roads.add_edge(&v(i), &v(i + 1)).unwrap();
        flows.add_edge(&v(i), &v(i + 1)).unwrap();
    }
    for i in 0..12 {
        assert_eq!(table.get(&HV16::random(i as u64), &names).map(|found| found.index), Some(i));
        assert_eq!(tree.get(&[i, i % 3], &names).unwrap().map(|found| found.index), Some(i));
        let step = |symbol: u64| automaton.step(&v(i), &HV16::random(symbol), &names).map(|found| found.index);
        assert_eq!((step(i as u64 % 2), step(i as u64 % 2 + 9)), (Some(i + 1), None));
        let next = (i + 1).to_string();
        assert_eq!(flows.neighbours(&v(i), &names), [next.as_str()]);
        let (both, before) = (roads.neighbours(&v(i), &names), i.wrapping_sub(1).to_string());
        assert_eq!(both, if i == 0 { vec!["1"] } else { vec![before.as_str(), next.as_str()] });
    }
    assert_eq!(tree.get(&[], &names), Ok(None));
    assert_eq!(HashTable::new().get(&v(0), &names), None);
}

#[test]
fn what_is_too_much_is_refused() {
    let (mut bundle, mut product) = (BundleSequence::new(), BindSequence::new());
    for i in 0..2_048 {
        bundle.append(&HV16::random(i)).unwrap();
        product.append(&HV16::random(i)).unwrap();
    }
    for error in [
        bundle.append(&HV16::ZERO),
        bundle.prepend(&HV16::ZERO),
        product.append(&HV16::ZERO),
        product.prepend(&HV16::ZERO),
    ] {
        assert_eq!(error, Err(StructureError::Full));
    }
    assert_eq!(
        (product.items(&letters(2)), product.get(2_048, &letters(1)), bundle.get(9_999, &letters(1))),
        (None, None, None)
    );
    let mut tree = Tree::new(1);
    assert_eq!(tree.put(&[0; 2_049], &HV16::ZERO), Err(StructureError::TooDeep { turns: 2_049 }));
    assert!(tree.put(&[0; 2_048], &HV16::ZERO).is_ok() && tree.remove(&[1; 3_000], &HV16::ZERO).is_err());
    let mut graph = Graph::undirected();
    assert_eq!(graph.add_edge(&HV16::ONES, &HV16::ONES), Err(StructureError::Loop));
    assert!(graph.is_empty() && !graph.is_directed());
    let mut graph = Graph::directed();
    graph.add_edge(&HV16::random(1), &HV16::random(1)).unwrap();
    assert!(graph.has_edge(&HV16::random(1), &HV16::random(1)));
}

/// Items that are not in the codebook, or that depend on each other, give no answer.
#[test]
fn a_product_is_taken_apart_or_not_at_all() {
    let names = letters(9);
    let mut sequence = BindSequence::new();
    sequence.append(&names.vectors()[1]).unwrap();
    sequence.append(&HV16::random(77)).unwrap();
    assert_eq!(sequence.items(&names), None);
    // A position without an item is no shorter sequence.
    assert!(sequence.replace(1, &HV16::random(77), &HV16::ZERO));
    assert_eq!(sequence.items(&names), None);
    assert_eq!(BindSequence::new().items(&names), Some(vec![]));
    let mut dependent = Codebook::new();
    let [a, b] = [1, 2].map(HV16::random);
    for (name, vector) in [("a", a), ("b", b), ("both", a ^ b)] {
        dependent.add(name, vector).unwrap();
    }
    let mut sequence = BindSequence::new();
    sequence.append(&a).unwrap();
    assert_eq!(sequence.items(&dependent), None);
}
