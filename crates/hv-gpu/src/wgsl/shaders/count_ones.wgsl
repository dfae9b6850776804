// Counts the ones at each of the 2,048 positions: an invocation has one of the 64 words of each vector, a workgroup
// BLOCKS * BLOCK vectors. Within a block, each byte of eight words counts the ones of one bit.

@group(0) @binding(1) var<storage, read> words: array<u32>;
@group(0) @binding(4) var<storage, read_write> totals: array<atomic<u32>>;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    var ones = array<u32, 32>();
    for (var block = 0u; block < BLOCKS; block++) {
        let first = params.first + (group.x * BLOCKS + block) * BLOCK;
        var bytes = array<u32, 8>();
        for (var vector = first; vector < min(first + BLOCK, params.end); vector++) {
            if counts(vector) {
                let word = words[vector * GROUP + lane];
                for (var bit = 0u; bit < 8u; bit++) {
                    bytes[bit] += (word >> bit) & 0x01010101u;
                }
            }
        }
        for (var bit = 0u; bit < 32u; bit++) {
            ones[bit] += (bytes[bit % 8u] >> (bit / 8u * 8u)) & 0xffu;
        }
    }
    for (var bit = 0u; bit < 32u; bit++) {
        atomicAdd(&totals[lane * 32u + bit], ones[bit]);
    }
}
