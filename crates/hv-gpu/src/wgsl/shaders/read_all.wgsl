// Reads a buffer: an invocation READS chunks of 16 bytes. What it computes of them only keeps the compiler from leaving the
// reading out.

@group(0) @binding(0) var<storage, read> chunks: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> sink: u32;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let first = group.x * GROUP * READS + lane;
    var sum = vec4<u32>();
    for (var read = 0u; read < READS; read++) {
        sum ^= chunks[first + read * GROUP];
    }
    if (sum.x ^ sum.y ^ sum.z ^ sum.w) == 0x5eed5eedu {
        sink = sum.x;
    }
}
