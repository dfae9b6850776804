// Counts the ones of 8 words a turn and invocation, TURNS times.

@group(0) @binding(1) var<storage, read_write> sink: u32;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    var some = vec4(id.x, id.x + 1u, id.x + 2u, id.x + 3u);
    var more = some * 7u;
    for (var turn = 0u; turn < TURNS; turn++) {
        some = countOneBits(some) + turn;
        more = countOneBits(more) + turn;
    }
    let sum = some + more;
    if sum.x + sum.y + sum.z + sum.w == 0x5eed5eedu {
        sink = sum.x;
    }
}
