use super::*;

#[test]
fn bars_are_met_from_the_right_side_and_scale_with_the_limit() {
    let time = Row::new("a time", "ns", 5.0, 1.0);
    assert_eq!(time.is_met(), None);
    assert_eq!([5.0, 4.9].map(|bar| time.clone().at_most(bar).is_met()), [Some(true), Some(false)]);
    assert_eq!([5.0, 5.1].map(|bar| time.clone().at_least(bar).is_met()), [Some(true), Some(false)]);
    assert_eq!(time.limit(4.0).share(), Some(0.8));
    assert_eq!([1.0, 2.0].map(|times| scaled(2.5, times * REFERENCE_LIMIT)), [2.5, 5.0]);
}

#[test]
fn thousands_are_grouped() {
    assert_eq!([0, 999, 1_000, 1_234_005].map(grouped), ["0", "999", "1,000", "1,234,005"]);
}
