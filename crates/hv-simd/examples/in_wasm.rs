//! A module of WebAssembly that compares every kernel with the reference. `in_wasm.mjs`, next to it, runs it in Node.

#![allow(unsafe_code)] // for names that the host can call, which no other function has

use hv_simd::hv_core::reference;
use hv_simd::workspace_internals::{Kernels, Prefix};
use hv_simd::{Backend, Bound, HV16};

/// How many backends this build has kernels of.
#[unsafe(no_mangle)]
pub extern "C" fn backends() -> usize {
    tables().count()
}

/// The number of the first check that fails, from 1 on, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn first_failure() -> usize {
    let memory: Vec<HV16> = (0..400).map(|i| if i % 9 == 8 { !HV16::random(i - 1) } else { HV16::random(i) }).collect();
    let checks: [fn(&Kernels, &[HV16]) -> bool; 5] = [distances, searches, prefixes, bundles, words];
    let failed = |check: &fn(&Kernels, &[HV16]) -> bool| !tables().all(|kernels| check(kernels, &memory));
    checks.iter().position(failed).map_or(0, |place| place + 1)
}

fn tables() -> impl Iterator<Item = &'static Kernels> {
    Backend::ALL.iter().filter_map(|&backend| Kernels::for_backend(backend))
}

fn distances(kernels: &Kernels, memory: &[HV16]) -> bool {
    let query = &memory[3];
    [0, 1, 7, 8, 9, 15, 16, 17, 100].into_iter().all(|n| {
        let mut found = vec![0; n];
        kernels.distances_into(query, &memory[..n], &mut found);
        let expected = memory[..n].iter().map(|v| reference::hamming(query, v) as u16);
        found.iter().copied().eq(expected) && memory[..n].iter().all(|v| agree(kernels, query, v))
    })
}

fn agree(kernels: &Kernels, a: &HV16, b: &HV16) -> bool {
    kernels.hamming(a, b) == reference::hamming(a, b) && kernels.similarity(a, b) == reference::similarity(a, b)
}

/// Few and many queries, with fewer vectors than these and with more, and parts of tiles.
fn searches(kernels: &Kernels, memory: &[HV16]) -> bool {
    [(1, 400), (5, 130), (60, 128), (60, 400), (300, 40), (400, 64)].into_iter().all(|(queries, vectors)| {
        let (queries, vectors) = (&memory[..queries], &memory[memory.len() - vectors..]);
        let found = kernels.batch_find_top_k(queries, vectors, 5);
        let mut all = vec![Vec::new(); queries.len()];
        kernels.scan_distances(queries, vectors, &mut |query, _, distances| all[query].extend_from_slice(distances));
        queries.iter().zip(&found).zip(&all).all(|((query, found), all)| {
            *found == reference::find_top_k(query, vectors, 5)
                && all.iter().map(|&d| u32::from(d)).eq(vectors.iter().map(|v| reference::hamming(query, v)))
        })
    })
}

fn prefixes(kernels: &Kernels, memory: &[HV16]) -> bool {
    let prefixes: Vec<Prefix> = memory.iter().map(Prefix::of).collect();
    let mut found = Vec::new();
    kernels.scan_prefixes(&prefixes[7], &prefixes, 0, Bound::NONE, &mut |_, distance| {
        found.push(distance);
        Bound::NONE
    });
    let differing = |a: &Prefix, b: &Prefix| a.0.iter().zip(b.0).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
    found.iter().map(|&d| u32::from(d)).eq(prefixes.iter().map(|prefix| differing(&prefixes[7], prefix)))
}

fn bundles(kernels: &Kernels, memory: &[HV16]) -> bool {
    (1..=40)
        .chain([99, 100, 112, 113, 255, 256, 399, 400])
        .all(|n| kernels.bundle(&memory[..n]) == reference::bundle(&memory[..n]))
}

fn words(kernels: &Kernels, memory: &[HV16]) -> bool {
    let mut bound = memory.to_vec();
    kernels.bind_into(memory, &memory[0], &mut bound);
    bound.iter().zip(memory).all(|(bound, v)| *bound == v ^ memory[0])
        && [-1, 0, 1, 63, 64, 65, 2_047, 5_000]
            .into_iter()
            .all(|n| kernels.permute(&memory[1], n) == reference::permute(&memory[1], n))
}
