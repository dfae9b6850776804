//! Which devices there are, and which one `HV_GPU` chooses.

use std::env;

use crate::backend::Candidate;
use crate::device::Interface;
use crate::error::GpuError;

/// The environment variable that chooses a device.
const VARIABLE: &str = "HV_GPU";

/// What `HV_GPU` says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Best,
    Off,
    Interface(Interface),
    Index(usize),
    Wrong(String),
}

impl Choice {
    pub(crate) fn of_environment() -> Self {
        match env::var_os(VARIABLE) {
            Some(value) => Self::parse(&value.to_string_lossy()),
            None => Self::Best,
        }
    }

    fn parse(value: &str) -> Self {
        if let Some(&interface) = Interface::ALL.iter().find(|interface| interface.name() == value) {
            return Self::Interface(interface);
        }
        match (value, value.parse()) {
            ("", _) => Self::Best,
            ("off", _) => Self::Off,
            (_, Ok(index)) if !value.starts_with('+') => Self::Index(index),
            _ => Self::Wrong(value.to_owned()),
        }
    }

    /// The value of the variable.
    fn value(&self) -> String {
        match self {
            Self::Best => String::new(),
            Self::Off => "off".to_owned(),
            Self::Interface(interface) => interface.to_string(),
            Self::Index(index) => index.to_string(),
            Self::Wrong(value) => value.clone(),
        }
    }
}

/// All devices, the best first.
pub(crate) fn candidates() -> Vec<Candidate> {
    #[allow(unused_mut)] // without the features
    let mut candidates: Vec<Candidate> = Vec::new();
    #[cfg(feature = "cuda")]
    candidates.extend(crate::cuda::candidates());
    #[cfg(feature = "wgpu")]
    candidates.extend(crate::wgsl::adapters::candidates());
    candidates.sort_by_key(|candidate| (candidate.device.kind, candidate.device.interface, candidate.device.number));
    candidates
}

/// The device of a choice.
pub(crate) fn choose(mut candidates: Vec<Candidate>, choice: &Choice) -> Result<Candidate, GpuError> {
    if candidates.is_empty() && matches!(choice, Choice::Best) {
        return Err(GpuError::NoDevice { reason: missing() });
    }
    let index = match choice {
        Choice::Best => Some(0),
        Choice::Index(index) => Some(*index).filter(|&index| index < candidates.len()),
        Choice::Interface(interface) => candidates.iter().position(|one| one.device.interface == *interface),
        Choice::Off | Choice::Wrong(_) => None,
    };
    match index {
        Some(index) => Ok(candidates.swap_remove(index)),
        None => Err(GpuError::WrongChoice { value: choice.value(), available: available(&candidates) }),
    }
}

/// What is missing where there is no device.
fn missing() -> String {
    let ways = match (cfg!(feature = "cuda"), cfg!(feature = "wgpu")) {
        (true, true) => "no driver for CUDA, Vulkan, Metal or DX12 shows one",
        (true, false) => "no driver for CUDA shows one, and hv-gpu was built without wgpu",
        (false, true) => "no driver for Vulkan, Metal or DX12 shows one, and hv-gpu was built without CUDA",
        (false, false) => {
            return "hv-gpu was built without wgpu and CUDA; build it with one of these features".to_owned();
        }
    };
    format!("{ways}; install your device's driver, or Debian's mesa-vulkan-drivers, which has a device in software")
}

/// The devices that are there, in words.
fn available(candidates: &[Candidate]) -> String {
    if candidates.is_empty() {
        return format!("no device is there: {}", missing());
    }
    let names = candidates.iter().enumerate().map(|(index, candidate)| format!("{index} is {}", candidate.device));
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::backend::Backend;
    use crate::device::{GpuDevice, Kind};
    use crate::options::GpuOptions;

    fn candidate(name: &str, interface: Interface) -> Candidate {
        let device = GpuDevice { name: name.to_owned(), interface, kind: Kind::Discrete, number: 0 };
        let refuse = |_: &GpuOptions| -> Result<Arc<dyn Backend>, GpuError> { Err(GpuError::OutOfMemory) };
        Candidate { device, open: Box::new(refuse) }
    }

    fn two() -> Vec<Candidate> {
        vec![candidate("H200", Interface::Cuda), candidate("Arc", Interface::Vulkan)]
    }

    fn chosen(value: &str) -> Result<String, GpuError> {
        choose(two(), &Choice::parse(value)).map(|candidate| candidate.device.name)
    }

    #[test]
    fn the_variable_chooses() {
        assert_eq!(chosen("").unwrap(), "H200");
        assert_eq!(chosen("cuda").unwrap(), "H200");
        assert_eq!(chosen("vulkan").unwrap(), "Arc");
        assert_eq!(chosen("1").unwrap(), "Arc");
        assert_eq!(Choice::parse("off"), Choice::Off);
    }

    #[test]
    fn a_wrong_value_lists_what_is_there() {
        for wrong in ["metal", "2", "Vulkan", "-1", "+1", "gpu"] {
            let said = chosen(wrong).unwrap_err().to_string();
            let expected =
                "give cuda, vulkan, metal, dx12 or off, or the number of a device; 0 is H200 (cuda), 1 is Arc (vulkan)";
            assert_eq!(said, format!("HV_GPU={wrong} names no device here: {expected}"));
        }
        let said = choose(Vec::new(), &Choice::parse("vulkan")).err().unwrap().to_string();
        assert!(said.ends_with(&format!("; no device is there: {}", missing())), "{said}");
    }

    #[test]
    fn no_device_is_an_answer() {
        assert!(matches!(choose(Vec::new(), &Choice::Best), Err(GpuError::NoDevice { .. })));
    }
}
