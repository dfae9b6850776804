//! The layers as tables: what each crate may depend on, and what each module of the larger libraries may import.

/// Every crate that the workspace has or will have, and the crates of ours that it may depend on. Those that do not
/// exist yet are held as soon as they do.
pub const CRATES: [(&str, May); 13] = [
    ("hv-core", May::Use(&[])),
    ("hv-simd", May::Use(&["hv-core"])),
    ("hv-parallel", May::Use(&["hv-simd"])),
    ("hv-memory", May::Use(&["hv-parallel"])),
    ("hv-encode", May::Use(&["hv-parallel"])),
    ("hv-learn", May::Use(&["hv-encode"])),
    ("hv-ltc", May::Use(&[])),
    ("hv-gpu", May::Use(&["hv-parallel"])),
    ("hv-datafusion", May::Use(&["hv-memory", "hv-encode"])),
    ("hv-python", May::UseAnyLibrary),
    ("hv-cli", May::UseAnyLibraryAndPrint),
    ("hv-benches", May::UseAnyLibraryAndPrint),
    ("xtask", May::UseAnyLibraryAndPrint),
];

/// What a crate may do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum May {
    /// Depend on these crates of ours.
    Use(&'static [&'static str]),
    /// Depend on every library of ours.
    UseAnyLibrary,
    /// The same, and talk to a terminal.
    UseAnyLibraryAndPrint,
}

/// Dependencies that would make a library heavy, and the only libraries that may have them: threads enter at
/// hv-parallel, storage at hv-memory, and no library talks to a terminal.
pub const HEAVY: [(&str, &[&str]); 5] = [
    ("rayon", &["hv-parallel", "hv-memory", "hv-encode", "hv-learn", "hv-gpu", "hv-datafusion", "hv-python"]),
    ("num_cpus", &["hv-parallel"]),
    ("redb", &["hv-memory"]),
    ("clap", &[]),
    ("indicatif", &[]),
];

/// The one crate with unsafe code.
pub const UNSAFE: &str = "hv-simd";

/// The longest a file may be, in lines.
pub const LONGEST: usize = 400;

/// Known exceptions: rules that a crate does not keep yet, because its files are still being moved.
pub const NOT_YET: [(&str, &str); 2] = [("circles", "hv-memory"), ("detours", "hv-memory")];
