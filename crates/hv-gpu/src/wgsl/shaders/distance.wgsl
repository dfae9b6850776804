// Vectors and queries in groups of four words, and the distance of two groups.

const WORDS = 16u;

@group(0) @binding(1) var<storage, read> vectors: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> queries: array<vec4<u32>>;

fn differing(a: vec4<u32>, b: vec4<u32>) -> u32 {
    let ones = countOneBits(a ^ b);
    return ones.x + ones.y + ones.z + ones.w;
}
