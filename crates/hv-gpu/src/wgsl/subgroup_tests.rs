//! A device that has subgroups, with them and without.

use hv_core::reference;
use hv_parallel::{Bound, HV16};
use wgpu::Features;

use super::adapters::{adapters, open};
use crate::backend::{Backend, Scan};
use crate::options::GpuOptions;

#[test]
fn subgroups_make_no_difference() {
    let memory: Vec<HV16> = (0..5_000).map(|i| HV16::random(i % 4_000)).collect();
    let queries: Vec<HV16> = (3_990..4_007).map(HV16::random).collect();
    let bounds = vec![Bound::NONE; queries.len()];
    let scan = Scan { queries: &queries, bounds: &bounds, range: 1..4_999, filter: None };
    let nearest = |query| {
        let distances = (1..4_999_u32).map(|i| (reference::hamming(query, &memory[i as usize]) as u16, i));
        let mut all: Vec<(u16, u32)> = distances.collect();
        all.sort_unstable();
        all.truncate(20);
        all
    };
    let expected: Vec<Vec<(u16, u32)>> = queries.iter().map(nearest).collect();
    for (adapter, device) in adapters() {
        for features in [adapter.features() & Features::SUBGROUP, Features::empty()] {
            let backend = open(&adapter, &device, &GpuOptions::new(), features).unwrap();
            let vectors = backend.allocate(5_056).unwrap();
            vectors.write(0, &memory).unwrap();
            for (found, expected) in vectors.find(&scan, Some(20)).unwrap().into_iter().zip(&expected) {
                let mut found: Vec<(u16, u32)> =
                    found.unwrap().into_iter().map(|(i, distance)| (distance, i)).collect();
                found.sort_unstable();
                found.truncate(20);
                assert_eq!(&found, expected, "{device} with {features:?}");
            }
        }
    }
}
