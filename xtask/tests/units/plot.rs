use super::*;

#[test]
fn labels_are_round_and_few() {
    let text = |span| labels(span).iter().map(label).collect::<Vec<_>>();
    assert_eq!(text(8.0..450.0), ["10", "20", "50", "100", "200"]);
    assert_eq!(text(0.04..3.0), ["0.05", "0.1", "0.2", "0.5", "1", "2"]);
    assert_eq!(text(0.04..1_200.0), ["0.1", "1", "10", "100", "1000"]);
    assert_eq!(text(0.5..1.1), ["0.5", "0.6", "0.7", "0.8", "0.9", "1"]);
    assert_eq!(text(1e-5..1e-2), ["1e-5", "1e-4", "0.001"]);
}

#[test]
fn every_panel_and_curve_is_drawn() {
    let curve = |name: &str| (name.to_owned(), vec![(1.0, 1.0), (10.0, 2.0)]);
    let panel = |title: &str, curves| Panel { title: title.into(), curves };
    let panels = [panel("first", vec![curve("one"), curve("two")]), panel("second", vec![curve("three")])];
    let text = svg("a machine", (300, 200), 2, &panels).unwrap();
    assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"));
    assert!(["a machine", "first", "second", "one", "two", "three"].iter().all(|expected| text.contains(expected)));
    assert!(text.matches("<polyline").count() >= 3, "a line for each curve");
    assert!(svg("a machine", (300, 200), 1, &[panel("empty", Vec::new())]).unwrap().starts_with("<svg"));
}
