//! The layers as tables: what each crate may depend on, and what each module of the larger libraries may import.

use crate::rooms::Room;

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

/// Crates that need what a fresh machine lacks, or minutes of compiling. All others are default members.
pub const NOT_DEFAULT: [&str; 3] = ["hv-gpu", "hv-datafusion", "hv-python"];

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
    ("rayon", &["hv-parallel", "hv-memory", "hv-learn", "hv-ltc", "hv-gpu", "hv-datafusion", "hv-python"]),
    ("num_cpus", &["hv-parallel"]),
    ("redb", &["hv-memory"]),
    ("clap", &["hv-datafusion"]), // for its programs
    ("indicatif", &[]),
];

/// The rooms of the larger crates. Each imports only from the rooms that it names.
pub const ROOMS: [(&str, &[Room]); 5] = [
    (
        "hv-simd",
        &[
            (
                "values",
                &[
                    "backend",
                    "bound",
                    "decode_error",
                    "figures",
                    "limits",
                    "planes",
                    "prefix",
                    "report",
                    "similarity",
                    "tanimoto_score",
                    "tanimoto_top_k",
                    "top_k",
                    "top_k_bytes",
                ],
                &[],
            ),
            ("lanes", &["lanes"], &["values"]),
            ("table", &["kernels"], &["values"]),
            (
                "algorithms",
                &[
                    "accumulator",
                    "accumulator_bytes",
                    "bundle",
                    "by_ones",
                    "plan",
                    "prefix_scan",
                    "scan",
                    "serde_impl",
                    "tanimoto_scan",
                ],
                &["values", "table"],
            ),
            ("arch", &["arch"], &["values", "lanes", "table"]),
            ("choice", &["active"], &["values", "table", "arch"]),
            ("functions", &["functions", "tanimoto"], &["values", "table", "algorithms"]),
            ("workspace", &["workspace_internals"], &["values", "table", "algorithms"]),
        ],
    ),
    (
        "hv-parallel",
        &[
            (
                "sharing",
                &[
                    "room",
                    "parts",
                    "threads",
                    "parallel_for",
                    "split",
                    "collect",
                    "sequential_scope",
                    "pool",
                    "progress",
                    "same_length",
                ],
                &[],
            ),
            ("settings", &["thresholds", "defaults", "in_force", "init", "init_error"], &["sharing"]),
            ("vectors", &["adaptive_map", "bind", "bundle", "similarity"], &["sharing", "settings"]),
            (
                "search",
                &[
                    "best",
                    "bitmap",
                    "block",
                    "engine",
                    "fingerprints",
                    "first_within",
                    "hits",
                    "job",
                    "nearest",
                    "pairs",
                    "pruned",
                    "search",
                    "segments",
                    "slice_search",
                    "tanimoto",
                    "top_k",
                ],
                &["sharing", "settings"],
            ),
            ("encoding", &["for_encoding"], &["vectors"]),
            ("storage", &["for_storage"], &["sharing", "settings", "vectors", "search"]),
            ("programs", &["for_programs"], &["search", "vectors"]),
            ("measure", &["measure"], &["sharing", "settings", "vectors", "search"]),
        ],
    ),
    (
        "hv-memory",
        // The arena knows neither the disk nor policies, and the disk knows no policies.
        &[
            ("model", &["episode", "error", "key", "policy_error", "process", "serde_impl", "spans"], &[]),
            ("arena", &["arena"], &["model"]),
            ("analysis", &["analysis"], &["model", "arena"]),
            ("disk", &["disk"], &["model", "arena"]),
            (
                "requests",
                &[
                    "admission",
                    "changes",
                    "conditions",
                    "consolidation",
                    "given_search",
                    "options",
                    "planner",
                    "recall",
                    "recollect",
                    "stats",
                ],
                &["model", "arena", "analysis"],
            ),
            ("exchange", &["exchange"], &["model", "arena", "disk", "requests"]),
            (
                "reads",
                &["episodes", "lookups", "similar_pairs", "snapshot"],
                &["model", "arena", "analysis", "requests", "exchange"],
            ),
            ("writer", &["shared", "timer"], &["model", "arena", "disk", "requests"]),
            (
                "memory",
                &["consolidate", "import", "memory", "opening", "salvage"],
                &["model", "arena", "analysis", "disk", "requests", "exchange", "reads", "writer"],
            ),
            ("internals", &["internal"], &["model", "arena", "analysis", "requests", "reads"]),
        ],
    ),
    (
        "hv-encode",
        // What goes in knows nothing of what reads it back.
        &[
            ("values", &["closeness", "error", "float_error", "fold", "lanes", "symbol", "text"], &[]),
            ("trait", &["encoder"], &["values"]),
            ("items", &["item_memory"], &["values", "trait"]),
            ("texts", &["ngram", "rotations", "text_encoder", "words"], &["values", "trait", "items"]),
            ("questions", &["questions", "score"], &["values", "texts"]),
            ("numbers", &["floats", "hadamard"], &["values", "trait", "items"]),
            ("encoders", &["encoders"], &["values", "trait", "items", "texts"]),
            ("statistics", &["statistics"], &[]),
            ("clean-up", &["codebook"], &["items", "statistics"]),
            ("factors", &["factors"], &["items", "statistics"]),
            ("structures", &["structures"], &["items", "clean-up"]),
        ],
    ),
    (
        "hv-cli",
        &[
            (
                "ground",
                &[
                    "contents", "escape", "failure", "json", "marks", "names", "npy", "numbers", "screen", "show",
                    "signals", "times", "units",
                ],
                &[],
            ),
            ("input", &["args", "codes", "lines", "stream", "walk"], &["ground"]),
            (
                "stores",
                &["device", "files", "forgotten", "record", "selection", "store", "vocabulary"],
                &["ground", "input"],
            ),
            ("work", &["context", "indexer", "listing", "search"], &["ground", "input", "stores"]),
            ("commands", &["commands"], &["ground", "input", "stores", "work"]),
        ],
    ),
];

/// The crates with unsafe code: that of the kernels, and those that speak to what is not Rust.
pub const UNSAFE: [&str; 3] = ["hv-simd", "hv-gpu", "hv-python"];

/// The longest a file may be, in lines.
pub const LONGEST: usize = 400;
