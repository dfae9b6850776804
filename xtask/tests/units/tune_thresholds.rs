use super::curve::Point;
use super::*;

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
