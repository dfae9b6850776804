use super::*;
use crate::bench::tables::tests::measured;

#[test]
fn every_place_of_the_template_is_filled() {
    let machine = Machine { cpu: "some CPU".into(), parallelism: "2 cores".into(), date: "2026-01-02".into() };
    let page = page(&machine, &measured());
    assert!(!page.contains("{{") && !page.contains("}}"), "{page}");
    for expected in ["some CPU", "2026-01-02", "2.00 ns a vector", "copy of 100", "### nearest of 1000", "50 %"] {
        assert!(page.contains(expected), "{expected} is missing:\n{page}");
    }
}

#[test]
fn every_panel_and_curve_is_drawn() {
    let measured = measured();
    let panel = times(&measured, "nearest of 1000", "queries");
    assert_eq!(panel.curves[0], ("sequential".into(), vec![(10.0, 40.0), (100.0, 400.0)]));
}
