// Counts for a query how many vectors that are nearer than its bound are at which distance: a workgroup compares it with
// GROUP * STEPS vectors.

@group(0) @binding(4) var<storage, read> bounds: array<u32>;
@group(0) @binding(5) var<storage, read_write> totals: array<atomic<u32>>;

var<workgroup> histogram: array<atomic<u32>, DISTANCES>;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let query = group.y;
    let first = params.first + group.x * GROUP * STEPS + lane;
    for (var step = 0u; step < STEPS; step++) {
        let vector = first + step * GROUP;
        if counts(vector) {
            var distance = 0u;
            for (var word = 0u; word < WORDS; word++) {
                distance += differing(vectors[vector * WORDS + word], queries[query * WORDS + word]);
            }
            if distance < bounds[query] {
                atomicAdd(&histogram[distance], 1u);
            }
        }
    }
    workgroupBarrier();
    for (var distance = lane; distance < DISTANCES; distance += GROUP) {
        let count = atomicLoad(&histogram[distance]);
        if count > 0u {
            atomicAdd(&totals[query * DISTANCES + distance], count);
        }
    }
}
