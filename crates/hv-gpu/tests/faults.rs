//! No device, a wrong choice, too little memory, and two processes: in processes of their own where the environment matters.

mod common;

use std::process::{Child, Command, Output, Stdio};

use common::{Like, cpu_top_k, gpus, vectors};
use hv_gpu::{Bound, Gpu, GpuError, GpuMemory, GpuOptions, Progress};

/// The probe below as a process.
fn probe(environment: &[(&str, &str)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "probe_of_a_child", "--ignored", "--nocapture"])
        .envs(environment.iter().copied())
        .env("HV_PROBE", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What the probe printed.
fn said(child: Child) -> String {
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = String::from_utf8(stdout).unwrap();
    assert!(status.success(), "{text}{}", String::from_utf8_lossy(&stderr));
    text
}

/// Not a test: what a child process does.
#[test]
#[ignore = "run by the tests of this file as a child process"]
fn probe_of_a_child() {
    if std::env::var_os("HV_PROBE").is_none() {
        return;
    }
    if std::env::var_os("HV_PROBE").is_some_and(|what| what == "memory") {
        fill(&Gpu::open().unwrap());
        return;
    }
    match Gpu::open() {
        Err(error) => println!("error: {error}"),
        Ok(gpu) => {
            println!("opened: {}", gpu.device());
            search(&gpu);
            println!("searched");
        }
    }
}

/// Uploads more than there is room for: 64 GiB.
fn fill(gpu: &Gpu) {
    let slice = vectors(1 << 16, Like::Sparse, 1);
    let device = GpuMemory::new(gpu, &slice).unwrap();
    let GpuError::TooMany { fit, .. } = device.follow(&vec![&slice[..]; 1 << 12], &Progress::new()).unwrap_err() else {
        panic!("another error")
    };
    println!("room for more: {}", fit > 0);
    // What is there is found as before.
    let expected = cpu_top_k(&slice[..3], &slice, 5, Bound::NONE, None);
    assert_eq!(device.find_top_k(&slice[..3], 5, Bound::NONE, None).unwrap(), expected);
    println!("searched");
}

/// Some seconds of work, or less.
fn search(gpu: &Gpu) {
    let memory = vectors(30_000, Like::Random, 1);
    let device = GpuMemory::new(gpu, &memory).unwrap();
    let expected = cpu_top_k(&memory[..40], &memory, 10, Bound::NONE, None);
    for _ in 0..10 {
        assert_eq!(device.find_top_k(&memory[..40], 10, Bound::NONE, None).unwrap(), expected);
    }
}

#[test]
fn off_is_no_device() {
    assert!(said(probe(&[("HV_GPU", "off")])).contains("error: there is no GPU: HV_GPU is off\n"));
}

#[test]
fn a_wrong_choice_lists_the_devices() {
    for wrong in ["nonsense", "99", "VULKAN"] {
        let text = said(probe(&[("HV_GPU", wrong)]));
        let expected = format!(
            "error: HV_GPU={wrong} names no device here: give cuda, vulkan, metal, dx12 or off, or the number of a device; "
        );
        assert!(text.contains(&expected), "{text}");
        for (index, gpu) in gpus().iter().enumerate() {
            assert!(text.contains(&format!("{index} is {}", gpu.device())), "{text}");
        }
    }
}

#[test]
fn an_index_and_an_interface_choose() {
    for (index, gpu) in gpus().iter().enumerate() {
        let index = index.to_string();
        let opened = format!("opened: {}\nsearched\n", gpu.device());
        assert!(said(probe(&[("HV_GPU", &index)])).contains(&opened));
        let first = gpus().iter().find(|one| one.device().interface() == gpu.device().interface()).unwrap();
        let opened = format!("opened: {}\n", first.device());
        assert!(said(probe(&[("HV_GPU", gpu.device().interface().name())])).contains(&opened));
    }
}

/// Vulkan's loader is told of a driver that is not there.
#[test]
fn no_driver_is_an_answer() {
    let nowhere = [("VK_ICD_FILENAMES", "nowhere.json"), ("VK_DRIVER_FILES", "nowhere.json")];
    let text = said(probe(&[nowhere[0], nowhere[1], ("HV_GPU", "vulkan")]));
    assert!(text.contains("error: HV_GPU=vulkan names no device here: ") && !text.contains("(vulkan"), "{text}");
}

#[test]
fn two_processes_share_a_device() {
    for gpu in gpus() {
        let index = Gpu::devices().iter().position(|device| device == gpu.device()).unwrap().to_string();
        let children = [(); 2].map(|()| probe(&[("HV_GPU", &index)]));
        search(gpu);
        for child in children {
            assert!(said(child).contains("searched"));
        }
    }
}

/// llvmpipe has the memory of its process, which the system can limit.
#[test]
#[cfg(target_os = "linux")]
fn a_driver_without_memory_is_an_error_that_says_how_many_fit() {
    if !gpus().iter().any(|gpu| gpu.device().is_software()) {
        return;
    }
    let test = std::env::current_exe().unwrap();
    let run = "ulimit -v 6000000 && exec \"$0\" --exact probe_of_a_child --ignored --nocapture";
    let mut child = Command::new("sh");
    child.args(["-c", run]).arg(test).envs([("HV_PROBE", "memory"), ("HV_GPU", "vulkan")]);
    let text = said(child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    assert!(text.contains("room for more: true\nsearched\n"), "{text}");
}

#[test]
fn too_many_vectors_are_an_error_that_says_how_many_fit() {
    let memory = vectors(20_000, Like::Random, 2);
    for gpu in gpus() {
        let limited = || Gpu::open_device(gpu.device(), &GpuOptions::new().memory_limit(10_000 * 256)).unwrap();
        let (one, other) = (limited(), limited());
        let GpuError::TooMany { vectors: 20_000, fit } = GpuMemory::new(&one, &memory).unwrap_err() else { panic!() };
        assert_eq!(fit, 10_000 / 64 * 64);
        // What was reserved for the vectors that did not fit is free again.
        let device = GpuMemory::new(&one, &memory[..fit]).unwrap();
        let GpuError::TooMany { vectors: 11_000, fit: more } = device.append(&memory[..11_000]).unwrap_err() else {
            panic!()
        };
        assert_eq!(more, 0);
        // It is as it was.
        assert_eq!(device.len(), fit);
        let expected = cpu_top_k(&memory[..2], &memory[..fit], 5, Bound::NONE, None);
        assert_eq!(device.find_top_k(&memory[..2], 5, Bound::NONE, None).unwrap(), expected);
        drop(device);
        let few = Gpu::open_device(gpu.device(), &GpuOptions::new().memory_limit(64 * 256)).unwrap();
        assert_eq!(GpuMemory::new(&few, &memory[..65]).unwrap_err(), GpuError::TooMany { vectors: 65, fit: 64 });
        assert_eq!(GpuMemory::new(&few, &memory[..64]).unwrap().len(), 64);
        let device = GpuMemory::shards(&[one, other], &memory[..16_000]).unwrap();
        let expected = cpu_top_k(&memory[..2], &memory[..16_000], 5, Bound::NONE, None);
        assert_eq!(device.find_top_k(&memory[..2], 5, Bound::NONE, None).unwrap(), expected);
    }
}
