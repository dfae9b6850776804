use super::*;

/// Paths that did different work, or none, would be compared in vain.
#[test]
fn every_path_that_keeps_its_results_leaves_the_same() {
    let inputs = Inputs::default();
    let kept = |path| {
        inputs.bound.borrow_mut().fill(HV16::ZERO);
        inputs.similarities.borrow_mut().fill(0.0);
        inputs.bundles.borrow_mut().fill(None);
        inputs.run(path, Work::Cycle);
        let kept = (inputs.bound.borrow(), inputs.similarities.borrow(), inputs.bundles.borrow());
        (kept.0[..CYCLE.0].to_vec(), kept.1[..CYCLE.1].to_vec(), kept.2[..CYCLE.2].to_vec())
    };
    let expected = kept(Path::Sequential);
    assert_eq!(expected.0[99], inputs.vectors[99] ^ inputs.queries[0]);
    assert!(expected.1.iter().all(|&similarity| similarity > 0.0) && expected.2.iter().all(Option::is_some));
    assert!(kept(Path::Parallel) == expected && kept(Path::Adaptive) == expected);
}
