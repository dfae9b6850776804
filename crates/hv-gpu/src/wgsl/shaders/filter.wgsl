// Which vectors a shader looks at.

struct Params {
    // From the first to before the end.
    first: u32,
    end: u32,
    queries: u32,
    // 1 where a filter says which vectors count.
    filtered: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> filter_words: array<u32>;

// Whether a vector counts.
fn counts(vector: u32) -> bool {
    if vector >= params.end {
        return false;
    }
    if params.filtered == 0u {
        return true;
    }
    return ((filter_words[vector / 32u] >> (vector % 32u)) & 1u) == 1u;
}
