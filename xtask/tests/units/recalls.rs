use super::super::curve::Point;
use super::*;

/// A curve whose second way is the better one from a size on.
fn crossing_at(size: usize, sizes: &[usize]) -> Curve {
    let point = |&at: &usize| {
        let parallel = if at < size { 3.0 } else { 1.0 };
        Point { size: at, work: at, sequential: 2.0, parallel, adaptive: None }
    };
    Curve { name: "a way", unit: "units", field: None, points: sizes.iter().map(point).collect() }
}

#[test]
fn figures_choose_the_way_that_was_faster() {
    let sizes: [&[usize]; 8] =
        [&[17, 18, 19], &[24, 25], &[4_096, 16_384], &[8_192, 32_768], &[7, 8], &[32, 64], &[289, 290], &[34, 36]];
    let at = [18, 25, 16_384, 32_768, 8, 64, 290, 36];
    let curves: Vec<Curve> = sizes.iter().zip(at).map(|(sizes, at)| crossing_at(at, sizes)).collect();
    let (costs, min_queries) = (costs(&curves), min_queries(&curves));
    let misses = |costs: &Costs| -> Vec<(String, String)> {
        let curves = sizes.iter().zip(at).map(|(sizes, at)| crossing_at(at, sizes));
        let chosen = curves.zip(thresholds(costs, min_queries)).map(|(curve, threshold)| curve.chosen_by(threshold));
        chosen.flat_map(|curve| curve.misses()).collect()
    };
    assert!(misses(&costs).is_empty(), "{costs:?}: {:?}", misses(&costs));
    assert_eq!((costs.scattered, costs.left_early), (8, 410));
    assert!((35..=36).contains(&min_queries), "{min_queries}");
    let never = Costs { scattered: 7, many_cues: usize::MAX, ..costs };
    assert_eq!(misses(&never).len(), 2);
}
