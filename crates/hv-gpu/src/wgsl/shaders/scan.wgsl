// Keeps the vectors that are nearer than the bounds of the queries: a workgroup compares a tile of queries with
// GROUP * STEPS vectors. An invocation has one vector at a time, and the distances to the whole tile.

override TILE: u32 = 1u;

@group(0) @binding(4) var<storage, read> bounds: array<u32>;
// For each query the number of its results, and room for ROOM of them: the distance and the vector. A number above ROOM
// says that some are missing.
@group(0) @binding(5) var<storage, read_write> lengths: array<atomic<u32>>;
@group(0) @binding(6) var<storage, read_write> found: array<vec2<u32>>;

var<workgroup> tile: array<vec4<u32>, MAX_TILE * WORDS>;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let first_query = group.y * TILE;
    let tile_queries = min(TILE, params.queries - first_query);
    for (var i = lane; i < tile_queries * WORDS; i += GROUP) {
        tile[i] = queries[first_query * WORDS + i];
    }
    workgroupBarrier();
    let first = params.first + group.x * GROUP * STEPS + lane;
    for (var step = 0u; step < STEPS; step++) {
        let vector = first + step * GROUP;
        let is_there = counts(vector);
        var distances = array<u32, MAX_TILE>();
        if is_there {
            for (var word = 0u; word < WORDS; word++) {
                let own = vectors[vector * WORDS + word];
                for (var query = 0u; query < TILE; query++) {
                    distances[query] += differing(own, tile[query * WORDS + word]);
                }
            }
        }
        for (var query = 0u; query < tile_queries; query++) {
            let distance = distances[query];
            keep(is_there && distance < bounds[first_query + query], first_query + query, distance, vector);
        }
    }
}
