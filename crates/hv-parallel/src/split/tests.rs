//! Which way a search is split, and that its parts cover the memory.

use hv_simd::Backend;

use super::*;

#[test]
fn the_split_goes_where_it_is_cheap_and_leaves_little_to_merge() {
    let scalar = Kernels::for_backend(Backend::Scalar).unwrap();
    let by_memory = |queries, vectors, k| splits_by_memory(scalar, queries, vectors, k, 2);
    assert!(by_memory(1, 10, 10), "one query can only be split by memory");
    assert!(!by_memory(2, 639, 10) && by_memory(2, 640, 10));
    assert!(!by_memory(3, 300, 1) && by_memory(3, 1_000, 1), "one thread would answer two of three queries");
    assert!(!by_memory(3, 1_000, 100));
    assert!(!by_memory(4, 576, 1) && by_memory(4, 1_000, 1) && by_memory(4, 100_001, 1));
    assert!(!by_memory(100, 100_000, usize::MAX));
    assert!(!splits_by_memory(scalar, 20, 1_000, 1, 16), "four parts are too few for sixteen threads");
    assert!(!splits_by_memory(scalar, 1, 1_000_000, 1, 1));
    assert!(by_memory(1_023, 1_024_000, 10) && !by_memory(1_024, 1_024_000, 10), "many blocks are split themselves");
}

#[test]
fn parts_are_whole_tiles_and_go_to_all_threads() {
    let parts =
        |vectors, tile, threads| parts_of_memory(vectors, tile, threads).map(|part| part.len()).collect::<Vec<_>>();
    assert_eq!(parts(1_000, 256, 2), [512, 488]);
    assert_eq!(parts(1_000, 512, 2), [512, 488]);
    assert_eq!(parts(1_000, 256, 4), [256, 256, 256, 232], "not in two, if four threads want some");
    assert_eq!(parts(1_000, 64, 16), [256, 256, 256, 232]);
    assert_eq!(parts(10_000, 512, 2), [5_120, 2_560, 1_536, 512, 272]);
    assert_eq!(parts(0, 64, 2), []);
    for (vectors, tile, threads) in [(1, 64, 1), (777, 128, 3), (100_001, 256, 64), (4_096, 512, 8)] {
        let mut next = 0;
        for part in parts_of_memory(vectors, tile, threads) {
            assert!(part.start == next && (part.len() % tile == 0 || part.end == vectors));
            next = part.end;
        }
        assert_eq!(next, vectors);
    }
}

#[test]
fn kernels_for_many_get_whole_tiles_and_many_queries() {
    let by_memory = |backend, vectors, threads| {
        Kernels::for_backend(backend).is_none_or(|kernels| splits_by_memory(kernels, 100, vectors, 1, threads))
    };
    assert!(by_memory(Backend::Avx2, 1_000, 2) && by_memory(Backend::Avx512, 1_000, 2), "nearly whole tiles");
    assert!(by_memory(Backend::Avx2, 10_000, 2) && by_memory(Backend::Avx512, 10_000, 2));
    assert!(by_memory(Backend::Avx2, 10_000, 16) && by_memory(Backend::Avx512, 8_000, 16), "seven are few");
    let by_queries = |backend, vectors, threads| {
        Kernels::for_backend(backend).is_none_or(|kernels| !splits_by_memory(kernels, 100, vectors, 1, threads))
    };
    assert!(by_queries(Backend::Avx2, 600, 2) && by_queries(Backend::Avx512, 600, 2), "one thread would get most");
    assert!(by_queries(Backend::Avx2, 1_000, 16) && by_queries(Backend::Avx512, 1_000, 16));
}
