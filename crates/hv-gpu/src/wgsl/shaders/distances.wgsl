// Writes the distances of the first query: an invocation has two neighbouring vectors, whose distances are one word.

@group(0) @binding(4) var<storage, read_write> out: array<u32>;

fn distance_of(vector: u32) -> u32 {
    var distance = 0u;
    if vector < params.end {
        for (var word = 0u; word < WORDS; word++) {
            distance += differing(vectors[vector * WORDS + word], queries[word]);
        }
    }
    return distance;
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let vector = params.first + id.x * 2u;
    if vector < params.end {
        out[id.x] = distance_of(vector) | (distance_of(vector + 1u) << 16u);
    }
}
