use super::*;

#[test]
fn threads_are_those_of_the_cores_that_this_process_may_use() {
    let counts = |physical, logical| {
        let mut info = parallelism_info();
        (info.physical_cores, info.logical_cores) = (physical, logical);
        thread_counts(&info).collect::<Vec<_>>()
    };
    assert_eq!([counts(2, 1), counts(1, 2), counts(2, 2)], [vec![], vec![], vec![2]]);
    assert_eq!([counts(6, 12), counts(8, 5)], [[2, 4, 6], [2, 4, 5]]);
}
