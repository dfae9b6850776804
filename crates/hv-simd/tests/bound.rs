//! The bound: what it admits, and its order.

use hv_simd::{Bound, HV16};

#[test]
fn a_bound_admits_what_its_maker_says() {
    let dim = HV16::DIM as u16;
    for limit in (0..=dim + 3).chain([u16::MAX - 1, u16::MAX]) {
        for distance in 0..=dim {
            assert_eq!(Bound::below(limit).admits(distance), distance < limit, "{limit}, {distance}");
            assert_eq!(Bound::within(limit).admits(distance), distance <= limit, "{limit}, {distance}");
        }
    }
    assert_eq!([Bound::below(0), Bound::below(dim + 1)], [Bound::NOTHING, Bound::NONE]);
    assert_eq!([Bound::within(dim), Bound::within(u16::MAX)], [Bound::NONE; 2]);
    assert_eq!(Bound::below(Bound::NONE.limit()), Bound::NONE);
}

#[test]
fn bounds_are_ordered_by_what_they_admit() {
    let bounds = [Bound::NOTHING, Bound::within(0), Bound::below(2), Bound::within(700), Bound::NONE];
    assert!(bounds.is_sorted_by(|a, b| a < b));
    assert_eq!(Bound::within(700).min(Bound::NONE), Bound::below(701));
    let texts = bounds.map(|bound| format!("{bound:?}"));
    assert_eq!(texts, ["NOTHING", "below(1)", "below(2)", "below(701)", "NONE"].map(|text| format!("Bound::{text}")));
}
