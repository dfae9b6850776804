//! The CUDA backend on a driver whose device is the CPU (`cuda_on_cpu`): the same kernels, compiled by a C++ compiler.
//!
//! Linux only, since that is what the driver is written for. The ignored tests below run under it, in processes of their own,
//! which load it in place of NVIDIA's.
#![cfg(all(feature = "cuda", target_os = "linux"))]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fs};

use hv_core::reference;
use hv_gpu::{Bitmap, Bound, Gpu, GpuError, GpuMemory, GpuOptions, HV16, Interface, for_benchmarks};

/// The folder of the driver, which is compiled once a run; `None` where there is no compiler.
fn driver() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER.get_or_init(compiled).as_deref()
}

fn compiled() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cuda_on_cpu");
    fs::create_dir_all(&folder).unwrap();
    let compiler = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    let new = folder.join(format!("{}.so", std::process::id()));
    let built = Command::new(&compiler)
        .args(["-std=c++20", "-O2", "-fPIC", "-shared", "-Wno-unknown-pragmas"])
        .arg(format!("-I{}", here.join("tests/cuda_on_cpu").display()))
        .arg(format!("-I{}", here.join("kernels").display()))
        .arg(here.join("tests/cuda_on_cpu/driver.cpp"))
        .arg("-o")
        .arg(&new)
        .status();
    match built {
        Ok(status) => {
            assert!(status.success(), "{compiler} cannot compile the driver of the tests");
            fs::rename(new, folder.join("libcuda.so")).unwrap();
            Some(folder)
        }
        Err(error) => {
            println!("NOT TESTED: CUDA kernels on the CPU, for want of a C++ compiler ({compiler}: {error})");
            None
        }
    }
}

/// Runs ignored tests under the driver.
fn under_driver(tests: &[&str], environment: &[(&str, &str)]) {
    let Some(folder) = driver() else { return };
    let run = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--test-threads=1"])
        .args(tests)
        .env("LD_LIBRARY_PATH", folder)
        .env("HV_GPU", "cuda")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{tests:?}: {said}{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.contains(&format!("{} passed", tests.len())), "{said}");
}

#[test]
fn one_query_and_few() {
    under_driver(&["few"], &[]);
}

#[test]
fn many_queries() {
    under_driver(&["many"], &[]);
}

#[test]
fn everything_else() {
    under_driver(&["lists_overflow", "all_within", "the_rest", "long_uploads", "rates_are_measured"], &[]);
}

#[test]
fn faults_are_errors() {
    under_driver(&["little_memory"], &[("HV_FAKE_CUDA_MEMORY", "4194304")]);
    under_driver(&["too_slow"], &[("HV_FAKE_CUDA_FAULT", "slow")]);
    under_driver(&["lost"], &[("HV_FAKE_CUDA_FAULT", "lost")]);
    under_driver(&["too_old"], &[("HV_FAKE_CUDA_CAPABILITY", "75")]);
}

#[test]
fn no_driver_is_an_answer() {
    let folder = env!("CARGO_TARGET_TMPDIR"); // has none
    let child = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "without_a_driver"])
        .env("LD_LIBRARY_PATH", folder)
        .env("HV_GPU", "cuda")
        .status();
    assert!(child.unwrap().success());
}

fn random(n: usize, seed: u64) -> Vec<HV16> {
    (0..n as u64).map(|i| HV16::random(seed << 32 | i)).collect()
}

/// Vectors, many of them equal, near to each other, or sparse.
fn with_ties(n: usize, seed: u64) -> Vec<HV16> {
    let mut vectors = random(n, seed);
    for i in 0..n {
        match i % 5 {
            0 => vectors[i] = vectors[i * 7 % n],
            1 => vectors[i] = HV16::ZERO,
            2 => {
                vectors[i] = HV16::ZERO;
                vectors[i].set_bit(i * 31 % HV16::DIM, true);
            }
            _ => {}
        }
    }
    vectors
}

fn nearest(query: &HV16, vectors: &[HV16], bound: Bound, filter: Option<&Bitmap>) -> Vec<(usize, u16)> {
    let mut all: Vec<(usize, u16)> = (0..vectors.len())
        .filter(|&i| filter.is_none_or(|filter| filter.get(i)))
        .map(|i| (i, reference::hamming(query, &vectors[i]) as u16))
        .filter(|&(_, distance)| bound.admits(distance))
        .collect();
    all.sort_by_key(|&(i, distance)| (distance, i));
    all
}

fn memory(vectors: &[HV16]) -> GpuMemory {
    let gpu = Gpu::open().unwrap();
    assert_eq!(gpu.device().interface(), Interface::Cuda);
    GpuMemory::new(&gpu, vectors).unwrap()
}

/// Compares for several `k`, with and without a filter and a bound.
fn compare(vectors: &[HV16], queries: &[HV16], ks: &[usize]) {
    let memory = memory(vectors);
    let odd = Bitmap::from_fn(vectors.len(), |i| i % 3 == 1);
    for filter in [None, Some(&odd)] {
        for bound in [Bound::NONE, Bound::within(980)] {
            let all: Vec<_> = queries.iter().map(|query| nearest(query, vectors, bound, filter)).collect();
            for &k in ks {
                let hits = memory.find_top_k(queries, k, bound, filter).unwrap().to_nested();
                for (query, all) in all.iter().enumerate() {
                    let case = (vectors.len(), queries.len(), k, bound, filter.is_some(), query);
                    assert_eq!(hits[query], all[..k.min(all.len())], "{case:?}");
                }
            }
        }
    }
}

#[test]
#[ignore = "runs under the driver of the tests"]
fn few() {
    for n in [1, 2, 31, 127, 128, 129, 511, 512, 513, 1023, 1024, 1025, 1537, 5000] {
        let vectors = with_ties(n, 1);
        for queries in [1, 2, 3, 4] {
            compare(&vectors, &with_ties(queries, 2), &[1, 10, 129, n + 1]);
        }
    }
    compare(&with_ties(5000, 3), &random(1, 4), &[127, 128, 300, 1024, 1025]);
}

#[test]
#[ignore = "runs under the driver of the tests"]
fn many() {
    for n in [1, 127, 128, 129, 1025] {
        let vectors = with_ties(n, 5);
        for queries in [5, 32, 33, 65] {
            compare(&vectors, &with_ties(queries, 6), &[1, 10, n + 1]);
        }
    }
    compare(&with_ties(1300, 7), &with_ties(257, 8), &[300]);
    compare(&with_ties(6000, 9), &random(6, 10), &[10, 300, 1024, 1025]);
}

/// Later vectors are nearer than all before them, so that bounds come too late.
#[test]
#[ignore = "runs under the driver of the tests"]
fn lists_overflow() {
    let mut vectors = vec![HV16::ONES; 5_000];
    for (i, vector) in vectors.iter_mut().enumerate() {
        (0..i / 3).for_each(|bit| vector.set_bit(bit, false));
    }
    for queries in [1, 3, 6] {
        compare(&vectors, &vec![HV16::ZERO; queries], &[1, 10, 200]);
    }
    compare(&vec![HV16::ONES; 5_000], &vec![HV16::ONES; 6], &[1, 10]);
}

#[test]
#[ignore = "runs under the driver of the tests"]
fn all_within() {
    let vectors = with_ties(1100, 11);
    let memory = memory(&vectors);
    for queries in [1, 5] {
        let queries = with_ties(queries, 12);
        for bound in [Bound::within(0), Bound::within(1000), Bound::NONE, Bound::NOTHING] {
            let hits = memory.find_within(&queries, bound, None).unwrap().to_nested();
            let expected: Vec<_> = queries.iter().map(|query| nearest(query, &vectors, bound, None)).collect();
            assert_eq!(hits, expected, "{bound:?}");
        }
    }
    let pairs = memory.similar_pairs(Bound::within(3), None).unwrap();
    let expected = (0..vectors.len()).flat_map(|i| (i + 1..vectors.len()).map(move |j| (i, j)));
    let expected = expected.map(|(i, j)| (i, j, reference::hamming(&vectors[i], &vectors[j]) as u16));
    assert!(pairs.into_iter().eq(expected.filter(|pair| pair.2 <= 3)));
}

#[test]
#[ignore = "runs under the driver of the tests"]
fn the_rest() {
    let ones = vec![HV16::ONES; 1100]; // more than a thread's counters hold
    assert_eq!(memory(&ones).bundle(None).unwrap(), Some(HV16::ONES));
    for n in [1, 2, 15, 16, 17, 128, 1019, 1020, 1021, 5000] {
        let vectors = with_ties(n, 13);
        let memory = memory(&vectors[..n / 2]);
        memory.append(&vectors[n / 2..]).unwrap();
        assert_eq!(memory.bundle(None).unwrap(), reference::bundle(&vectors), "{n}");
        let some = Bitmap::from_fn(n, |i| i % 3 != 1);
        let filtered: Vec<HV16> = (0..n).filter(|&i| some.get(i)).map(|i| vectors[i]).collect();
        assert_eq!(memory.bundle(Some(&some)).unwrap(), reference::bundle(&filtered), "{n}");
        let mut distances = vec![0; n];
        memory.distances_into(&vectors[n / 3], None, &mut distances).unwrap();
        let expected = vectors.iter().map(|vector| reference::hamming(&vectors[n / 3], vector) as u16);
        assert!(distances.into_iter().eq(expected), "{n}");
    }
}

/// Longer than what is staged at once.
#[test]
#[ignore = "runs under the driver of the tests"]
fn long_uploads() {
    let vectors: Vec<HV16> = (0..150_000).map(for_benchmarks::random_vector).collect();
    let memory = memory(&vectors);
    let mut distances = vec![0; vectors.len()];
    memory.distances_into(&HV16::ZERO, None, &mut distances).unwrap();
    let ones = |vector: &HV16| vector.0.iter().map(|byte| byte.count_ones() as u16).sum::<u16>();
    assert!(distances.into_iter().eq(vectors.iter().map(ones)));
}

#[test]
#[ignore = "runs under the driver of the tests"]
fn rates_are_measured() {
    let gpu = Gpu::open().unwrap();
    let rates = for_benchmarks::rates(&gpu).unwrap();
    assert!(rates.read > 0.0 && rates.upload > 0.0 && rates.counted > 0.0, "{rates:?}");
    assert!(rates.compared.is_some_and(|compared| compared > 0.0), "{rates:?}");
    let memory = for_benchmarks::random_memory(&gpu, 300).unwrap();
    let vectors: Vec<HV16> = (0..300).map(for_benchmarks::random_vector).collect();
    let hits = memory.find_most_similar(&vectors, None).unwrap().to_nested();
    assert_eq!(hits, (0..300).map(|i| vec![(i, 0)]).collect::<Vec<_>>());
}

#[test]
#[ignore = "runs under the driver of the tests"]
fn little_memory() {
    let gpu = Gpu::open().unwrap();
    let vectors = random(20_000, 14); // 5 MB, and the device has 4
    let Err(GpuError::TooMany { vectors: 20_000, fit }) = GpuMemory::new(&gpu, &vectors) else { panic!() };
    assert!((4_000..16_384).contains(&fit), "{fit}");
    let memory = GpuMemory::new(&gpu, &vectors[..fit / 2]).unwrap();
    assert_eq!(memory.find_most_similar(&vectors[..1], None).unwrap().to_nested(), [[(0, 0)]]);
    assert!(matches!(memory.append(&vectors), Err(GpuError::TooMany { vectors: 20_000, .. })));
    assert_eq!(memory.len(), fit / 2);
}

#[test]
#[ignore = "runs under the driver of the tests"]
fn too_slow() {
    let timeout = Duration::from_millis(20);
    let gpu = Gpu::open_with(&GpuOptions::new().timeout(timeout)).unwrap();
    let vectors = random(3, 15);
    let memory = GpuMemory::new(&gpu, &vectors).unwrap();
    for _ in 0..2 {
        let answer = memory.find_top_k(&vectors, 1, Bound::NONE, None);
        assert_eq!(answer.unwrap_err(), GpuError::TimedOut(timeout));
    }
    assert_eq!(GpuMemory::new(&gpu, &vectors).unwrap_err(), GpuError::TimedOut(timeout));
}

#[test]
#[ignore = "runs under the driver of the tests"]
fn lost() {
    let gpu = Gpu::open().unwrap();
    let memory = GpuMemory::new(&gpu, &random(3, 16)).unwrap();
    for _ in 0..2 {
        let answer = memory.find_top_k(&random(1, 16), 1, Bound::NONE, None);
        assert!(matches!(answer, Err(GpuError::Lost { .. })), "{answer:?}");
    }
}

#[test]
#[ignore = "runs under the driver of the tests"]
fn too_old() {
    assert!(Gpu::devices().iter().all(|device| device.interface() != Interface::Cuda));
    assert!(matches!(Gpu::open(), Err(GpuError::WrongChoice { .. })));
}

#[test]
#[ignore = "run by no_driver_is_an_answer"]
fn without_a_driver() {
    if Gpu::devices().iter().any(|device| device.interface() == Interface::Cuda) {
        return; // there is NVIDIA's
    }
    assert!(matches!(Gpu::open(), Err(GpuError::WrongChoice { .. })));
}
