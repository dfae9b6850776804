// Leaves of a query's results those up to the distance of the k-th nearest, and makes that its bound: later vectors that
// are only as near rank after these. A workgroup has one query.

struct Params {
    k: u32,
}

const INVOCATIONS = 256u;
// Distances that an invocation adds up, so that all together have DISTANCES at least.
const SHARE = (DISTANCES + INVOCATIONS - 1u) / INVOCATIONS;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(4) var<storage, read_write> bounds: array<u32>;
@group(0) @binding(5) var<storage, read_write> lengths: array<u32>;
@group(0) @binding(6) var<storage, read_write> found: array<vec2<u32>>;

var<workgroup> histogram: array<atomic<u32>, SHARE * INVOCATIONS>;
var<workgroup> sums: array<u32, INVOCATIONS>;
var<workgroup> results: u32;
// The distance of the k-th nearest, or more than any.
var<workgroup> last: u32;
var<workgroup> left: atomic<u32>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let query = group.x;
    if lane == 0u {
        results = lengths[query];
    }
    let length = workgroupUniformLoad(&results);
    if length < params.k || length > ROOM {
        return;
    }
    for (var i = lane; i < length; i += INVOCATIONS) {
        atomicAdd(&histogram[found[query * ROOM + i].x], 1u);
    }
    workgroupBarrier();
    var sum = 0u;
    for (var i = 0u; i < SHARE; i++) {
        sum += atomicLoad(&histogram[lane * SHARE + i]);
    }
    sums[lane] = sum;
    workgroupBarrier();
    if lane == 0u {
        var nearer = 0u;
        var at = 0u;
        while nearer + sums[at] < params.k {
            nearer += sums[at];
            at++;
        }
        var distance = at * SHARE;
        nearer += atomicLoad(&histogram[distance]);
        while nearer < params.k {
            distance++;
            nearer += atomicLoad(&histogram[distance]);
        }
        last = distance;
        bounds[query] = min(bounds[query], distance);
    }
    let limit = workgroupUniformLoad(&last);
    // In place: what is written in a step lies before what the next steps read.
    for (var start = 0u; start < length; start += INVOCATIONS) {
        let i = start + lane;
        var result = vec2(DISTANCES, 0u);
        if i < length {
            result = found[query * ROOM + i];
        }
        storageBarrier();
        if result.x <= limit {
            found[query * ROOM + atomicAdd(&left, 1u)] = result;
        }
    }
    workgroupBarrier();
    if lane == 0u {
        lengths[query] = atomicLoad(&left);
    }
}
