//! The examples of the READMEs and of the guide are compiled and run as documentation tests.

macro_rules! texts {
    ($($name:ident $file:literal)*) => { $(#[doc = include_str!($file)] struct $name;)* };
}

texts! {
    Readme "../../../README.md"
    GuideHypervectors "../../../docs/guide/hypervectors.md"
    GuideEncoding "../../../docs/guide/encoding.md"
    GuideStructures "../../../docs/guide/structures.md"
    GuideSearching "../../../docs/guide/searching.md"
    GuideLearning "../../../docs/guide/learning.md"
    GuideMemory "../../../docs/guide/memory.md"
    GuideProgram "../../../docs/guide/program.md"
    Design "../../../docs/design.md"
    Compare "../../../COMPARE.md"
    Core "../../../crates/hv-core/README.md"
    Simd "../../../crates/hv-simd/README.md"
    Parallel "../../../crates/hv-parallel/README.md"
    Memory "../../../crates/hv-memory/README.md"
    Encode "../../../crates/hv-encode/README.md"
    Ltc "../../../crates/hv-ltc/README.md"
}
