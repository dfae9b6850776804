// Keeps a result of a query, where there is room. A subgroup asks for the slots of all its invocations at once.
fn keep(kept: bool, query: u32, distance: u32, vector: u32) {
    let one = select(0u, 1u, kept);
    let all = subgroupAdd(one);
    if all == 0u {
        return;
    }
    let before = subgroupExclusiveAdd(one);
    var start = 0u;
    if kept && before == 0u {
        start = atomicAdd(&lengths[query], all);
    }
    // One has it, the others add 0.
    let slot = subgroupAdd(start) + before;
    if kept && slot < ROOM {
        found[query * ROOM + slot] = vec2(distance, vector);
    }
}
