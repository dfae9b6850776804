// Keeps a result of a query, where there is room.
fn keep(kept: bool, query: u32, distance: u32, vector: u32) {
    if kept {
        let slot = atomicAdd(&lengths[query], 1u);
        if slot < ROOM {
            found[query * ROOM + slot] = vec2(distance, vector);
        }
    }
}
