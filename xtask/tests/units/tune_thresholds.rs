use super::curve::Point;
use super::*;

#[test]
fn nothing_is_written_where_the_pool_gains_too_little() {
    let point = |gain| Point { size: 1, work: 1, sequential: gain, parallel: 1.0, adaptive: None };
    let curve = |gain| Curve { name: "a name", unit: "vectors", field: None, points: vec![point(9.0), point(gain)] };
    let refused = |gains: [f64; 3]| pool_gains(&gains.map(curve)).err().map(|error| error.to_string());
    let error = refused([3.5, 0.5, 1.25]).unwrap();
    assert!(error.contains("gains 1.25 x") && error.contains("quiet"), "{error}");
    assert_eq!([refused([1.0, 1.7, 1.8]), refused([1.31, 1.0, 1.31])], [None, None]);
    assert!(pool_gains(&[]).is_ok());
}

#[test]
fn every_curve_has_its_panel_with_the_threshold() {
    let point = |size| Point { size, work: 2 * size, sequential: size as f64 * 1e-6, parallel: 1e-5, adaptive: None };
    let points: Vec<Point> = [1, 10, 100].map(point).into();
    let curve = |field| Curve { name: "a name", unit: "vectors", field, points: points.clone() };
    let thresholds = Thresholds { bind: 20, similarity: usize::MAX, ..Thresholds::default() };
    let panel_of = |field| panel(&curve(field), &thresholds);
    assert_eq!(panel_of(Some(Field::Bind)).title, "a name (us by vectors)");
    assert_eq!(panel_of(Some(Field::Bind)).curves[2], ("threshold".into(), vec![(10.0, 1.0), (10.0, 10.0)]));
    assert!([None, Some(Field::Similarity)].map(|field| panel_of(field).curves.len()) == [2, 2]);
}
