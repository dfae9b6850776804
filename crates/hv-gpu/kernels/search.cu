// Exact search over vectors of 2,048 bits on CUDA devices, from compute capability 8.0 on.
//
// `build.py` compiles this file to `search.ptx` and `search.sm_90.cubin`; the host's side is `src/cuda`. The tests
// compile it for the CPU, too, with `tests/cuda_on_cpu`, and run it there.
//
// A vector is 16 chunks of 16 bytes. A result is a key: the distance in the upper 32 bits, the index in the lower ones. So
// keys are all different, and the order of keys is the ranking: by distance, then by lower index. A bound is the key that
// all results must be below. It only ever gets lower, and is never below the k-th best key; so whoever reads an old one
// keeps more than is needed, and results do not depend on the order in which threads run.
//
// Memory comes as `codes`, of which vectors `start` to `end`, at least one, are searched: those whose bit in `filter` is 1 (all
// where it is null). Nothing of `codes` from `end` on is read.

#include <instructions.cuh>

typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

const u32 CHUNKS = 16;       // of a vector
const u32 DISTANCES = 2049;  // 0 to 2,048
const u32 THREADS = 256;     // of a block, in every kernel
const u32 ALL = ~0u;         // lanes of a warp
const u64 NO_KEY = ~0ull;    // above all keys

// ---- parts that kernels share -------------------------------------------------------------------------------------------

__device__ __forceinline__ u32 ones_of(uint4 a) {
    return __popc(a.x) + __popc(a.y) + __popc(a.z) + __popc(a.w);
}

__device__ __forceinline__ u32 differing(uint4 a, uint4 b) {
    return ones_of(make_uint4(a.x ^ b.x, a.y ^ b.y, a.z ^ b.z, a.w ^ b.w));
}

__device__ __forceinline__ bool admitted(const u32 *filter, u32 index) {
    return !filter || (filter[index >> 5] >> (index & 31) & 1);
}

__device__ __forceinline__ u64 key_of(u32 distance, u32 index) {
    return (u64)distance << 32 | index;
}

// Adds a key to the list of a query. A list that has no room left goes on counting, so that this is noticed.
__device__ __forceinline__ void append(u64 key, u64 *list, u32 *count, u32 room) {
    u32 position = atomicAdd(count, 1u);
    if (position < room) list[position] = key;
}

// The best keys that a block has seen. Threads push, at most STEP keys in all before the next `settle`.
const u32 BEST = 2048;
const u32 STEP = 512;
__shared__ u64 best_keys[BEST];
__shared__ u32 best_count;
__shared__ u64 best_bound;

__device__ __forceinline__ void push(u64 key) {
    best_keys[atomicAdd(&best_count, 1u)] = key;
}

__device__ void start_best(u64 bound) {
    if (threadIdx.x == 0) {
        best_count = 0;
        best_bound = bound;
    }
    __syncthreads();
}

// Sorts the block's first `count` keys and keeps the k best; k is at most 1,024. All threads call it, with the same count.
__device__ void rank(u32 count, u32 k) {
    u32 size = 1;
    while (size < count) size *= 2;
    for (u32 i = count + threadIdx.x; i < size; i += THREADS) best_keys[i] = NO_KEY;
    for (u32 length = 2; length <= size; length *= 2) {
#pragma unroll 1
        for (u32 gap = length / 2; gap; gap /= 2) {
            __syncthreads();
#pragma unroll 1
            for (u32 i = threadIdx.x; i < size / 2; i += THREADS) {
                u32 low = 2 * i - (i & (gap - 1)), high = low + gap;
                u64 a = best_keys[low], b = best_keys[high];
                if ((a > b) == !(low & length)) best_keys[low] = b, best_keys[high] = a;
            }
        }
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        best_count = count < k ? count : k;
        if (count >= k && best_keys[k - 1] < best_bound) best_bound = best_keys[k - 1];
    }
    __syncthreads();
}

// The number of keys, the same for all threads. They have pushed before, and push again after.
__device__ u32 count_best() {
    __syncthreads();
    u32 count = best_count;
    __syncthreads();
    return count;
}

// Makes room for STEP more keys, and takes over the bound of all blocks where there is one and it is lower.
__device__ void settle(u32 k, bool &ranked, u64 *bound_of_all) {
    u32 count = count_best();
    if (count > BEST - STEP || (!ranked && count >= k)) {
        rank(count, k);
        ranked = true;
    }
    if (bound_of_all && threadIdx.x == 0) best_bound = min(best_bound, atomicMin(bound_of_all, best_bound));
    __syncthreads();
}

// ---- one query: all blocks stream the memory, each keeps its k best, and `select` merges them ---------------------------

// `found` gets the k best keys of each block, NO_KEY where there are fewer. `bound` is lowered.
extern "C" __global__ void __launch_bounds__(256, 4)
    stream_top_k(const uint4 *codes, const u32 *filter, u32 start, u32 end, const uint4 *query, u32 k, u64 *bound,
                 u64 *found) {
    u32 lane = threadIdx.x % 32, chunk = lane % 16;
    uint4 mine = query[chunk];
    bool ranked = false; // by `settle`
    start_best(*bound);
    for (u64 step = start + (u64)blockIdx.x * STEP; step < end; step += (u64)gridDim.x * STEP) {
        // A half of a warp reads a vector at once, and eight before it adds up.
#pragma unroll 1
        for (u32 part = 0; part < 4; ++part) {
            u64 first = step + threadIdx.x / 32 * 64 + part * 16 + lane / 16;
            u32 distance[8];
#pragma unroll
            for (u32 j = 0; j < 8; ++j) {
                u64 i = first + 2 * j;
                uint4 theirs = i < end ? codes[i * CHUNKS + chunk] : mine;
                distance[j] = differing(mine, theirs);
            }
            // Each exchange halves what a lane adds up: at the end two lanes have the sum of vector number chunk / 2.
#pragma unroll
            for (u32 half = 4, far = 8; half; half /= 2, far /= 2) {
                bool upper = lane & far;
                for (u32 j = 0; j < half; ++j) {
                    u32 keep = upper ? distance[j + half] : distance[j], give = upper ? distance[j] : distance[j + half];
                    distance[j] = keep + __shfl_xor_sync(ALL, give, far);
                }
            }
            u32 sum = distance[0] + __shfl_xor_sync(ALL, distance[0], 1), i = (u32)first + chunk / 2 * 2;
            u64 key = key_of(sum, i);
            if (lane % 2 == 0 && i < end && key < best_bound && admitted(filter, i)) push(key);
        }
        settle(k, ranked, bound);
    }
    u32 count = count_best();
    rank(count, k);
    for (u32 i = threadIdx.x; i < k; i += THREADS) found[(u64)blockIdx.x * k + i] = i < count ? best_keys[i] : NO_KEY;
}

// One block a query: keeps the k best of its list, in order. Where there are k, the last becomes the query's bound. A row of
// `best` gets their number, plus 2^32 where the list has overflowed (`overflowed` remembers that), and after it the keys.
extern "C" __global__ void __launch_bounds__(256)
    select_top_k(u64 *lists, u32 *counts, u64 *bounds, u32 *overflowed, u64 *best, u32 room, u32 k) {
    u64 *list = lists + (u64)blockIdx.x * room;
    u32 told = counts[blockIdx.x], count = told < room ? told : room;
    bool ranked = false;
    start_best(NO_KEY);
    for (u32 step = 0; step < count; step += STEP) {
        for (u32 i = step + threadIdx.x; i < step + STEP && i < count; i += THREADS)
            if (list[i] < best_bound) push(list[i]);
        settle(k, ranked, nullptr);
    }
    rank(count_best(), k);
    u32 kept = best_count;
    u64 *row = best + (u64)blockIdx.x * (k + 1);
    for (u32 i = threadIdx.x; i < kept; i += THREADS) list[i] = row[i + 1] = best_keys[i];
    if (threadIdx.x == 0) {
        counts[blockIdx.x] = kept;
        if (kept == k && best_keys[k - 1] < bounds[blockIdx.x]) bounds[blockIdx.x] = best_keys[k - 1];
        if (told > room) overflowed[blockIdx.x] = 1;
        row[0] = key_of(overflowed[blockIdx.x], kept);
    }
}

// ---- tiles of memory in shared memory -----------------------------------------------------------------------------------

const u32 TILE = 128;              // vectors
extern __shared__ uint4 tiles[];   // two tiles: while one is searched, the next arrives

// Where a chunk of a row of a tile lies. Neighbouring rows are shifted, so that eight lanes read from all banks.
__device__ __forceinline__ u32 chunk_at(u32 row, u32 chunk) {
    return row * CHUNKS + (chunk ^ (row & 1) << 2);
}

// Rows after the last vector are copies of it.
__device__ __forceinline__ void fetch_tile(uint4 *tile, const uint4 *codes, u32 first, u32 end) {
#pragma unroll
    for (u32 i = 0; i < TILE * CHUNKS / THREADS; ++i) {
        u32 at = i * THREADS + threadIdx.x, row = at / CHUNKS, chunk = at % CHUNKS;
        u32 vector = first + row < end ? first + row : end - 1;
        copy_async(tile + chunk_at(row, chunk), codes + (u64)vector * CHUNKS + chunk);
    }
}

// Calls `search(tile, first)` with each tile that is the turn of block `turn` of `turns`.
template <class Search>
__device__ __forceinline__ void each_tile(const uint4 *codes, u32 start, u32 end, u32 turn, u32 turns, Search search) {
    u32 count = (end - start + TILE - 1) / TILE, stage = 0;
    if (turn < count) fetch_tile(tiles, codes, start + turn * TILE, end);
    for (u32 t = turn; t < count; t += turns) {
        wait_for_copies();
        __syncthreads(); // the tile is there for all threads, and all have done with the other one
        u32 other = stage ^ 1;
        if (t + turns < count) fetch_tile(tiles + other * TILE * CHUNKS, codes, start + (t + turns) * TILE, end);
        search(tiles + stage * TILE * CHUNKS, start + t * TILE);
        stage = other;
    }
}

// ---- few queries: ones are counted, four queries a block ----------------------------------------------------------------

const u32 FEW = 4;
__shared__ uint4 few_queries[FEW * CHUNKS];
__shared__ u32 few_counts[FEW * DISTANCES];

// Calls `report(query, i, distance)` with each pair of this block's queries and vectors. blockIdx.y chooses the queries.
template <class Report>
__device__ __forceinline__ void each_distance(const uint4 *codes, u32 start, u32 end, const uint4 *queries, u32 query_count,
                                              Report report) {
    u32 first_query = blockIdx.y * FEW, here = min(FEW, query_count - first_query);
    if (threadIdx.x < FEW * CHUNKS)
        few_queries[threadIdx.x] = queries[first_query * CHUNKS + threadIdx.x % (here * CHUNKS)];
    __syncthreads();
    each_tile(codes, start, end, blockIdx.x, gridDim.x, [&](const uint4 *tile, u32 first) {
        // Two threads a vector, one for its even chunks and one for the odd ones.
        u32 row = threadIdx.x / 2, odd = threadIdx.x % 2;
        u32 distance[FEW] = {};
#pragma unroll
        for (u32 c = 0; c < CHUNKS / 2; ++c) {
            u32 chunk = (c + row) % (CHUNKS / 2) * 2 + odd; // each row begins at another bank
            uint4 theirs = tile[chunk_at(row, chunk)];
            for (u32 q = 0; q < FEW; ++q)
                if (q < here) distance[q] += differing(theirs, few_queries[q * CHUNKS + chunk]);
        }
        for (u32 q = 0; q < FEW; ++q) {
            distance[q] += __shfl_xor_sync(ALL, distance[q], 1);
            if (q < here && q % 2 == odd && first + row < end) report(first_query + q, first + row, distance[q]);
        }
    });
}

// Appends to the list of each query what is below its bound.
extern "C" __global__ void __launch_bounds__(256, 3)
    scan_few(const uint4 *codes, const u32 *filter, u32 start, u32 end, const uint4 *queries, u32 query_count,
             const u64 *bounds, u64 *lists, u32 *counts, u32 room) {
    each_distance(codes, start, end, queries, query_count, [&](u32 query, u32 i, u32 distance) {
        u64 key = key_of(distance, i);
        if (key < bounds[query] && admitted(filter, i)) append(key, lists + (u64)query * room, counts + query, room);
    });
}

// Adds to counts[query * 2049 + distance] how many vectors have the distance.
extern "C" __global__ void __launch_bounds__(256)
    count_distances(const uint4 *codes, const u32 *filter, u32 start, u32 end, const uint4 *queries, u32 query_count,
                    u32 *counts) {
    for (u32 i = threadIdx.x; i < FEW * DISTANCES; i += THREADS) few_counts[i] = 0;
    each_distance(codes, start, end, queries, query_count, [&](u32 query, u32 i, u32 distance) {
        if (admitted(filter, i)) atomicAdd(few_counts + query % FEW * DISTANCES + distance, 1u);
    });
    __syncthreads();
    u32 here = min(FEW, query_count - blockIdx.y * FEW);
    for (u32 i = threadIdx.x; i < here * DISTANCES; i += THREADS)
        if (few_counts[i]) atomicAdd(counts + (u64)blockIdx.y * FEW * DISTANCES + i, few_counts[i]);
}

// Writes distances[query * width + i - start].
extern "C" __global__ void __launch_bounds__(256)
    write_distances(const uint4 *codes, u32 start, u32 end, const uint4 *queries, u32 query_count, u16 *distances, u32 width) {
    each_distance(codes, start, end, queries, query_count, [&](u32 query, u32 i, u32 distance) {
        distances[(u64)query * width + (i - start)] = (u16)distance;
    });
}

// ---- many queries: tensor cores count common ones, and distance = |a| + |b| - 2 |a and b| --------------------------------

const u32 WARP_QUERIES = 32;

// Appends as `scan_few` does. A warp keeps 32 queries in registers. `across` warps of a block (1, 2, 4 or 8) have different
// queries, which blockIdx.x chooses; the others share a tile out among them. `query_ones` has the numbers of ones of the
// queries, `ones` those of the vectors. Of `ones` and `filter` all that belongs to a tile is read.
extern "C" __global__ void __launch_bounds__(256, 2)
    scan_many(const uint4 *codes, const u16 *ones, const u32 *filter, u32 start, u32 end, const uint4 *queries,
              const u16 *query_ones, u32 query_count, u32 across, const u64 *bounds, u64 *lists, u32 *counts, u32 room) {
    u32 lane = threadIdx.x % 32, warp = threadIdx.x / 32, group = lane / 4, quad = lane % 4;
    u32 first_query = (blockIdx.x * across + warp % across) * WARP_QUERIES;
    u32 width = TILE * across / 8, first_column = warp / across * width;

    // Of an operand, lane 4 g + q has 32-bit words q and q + 4 of row g (and of row g + 8). Which bits these are does not
    // matter so long as both operands agree, so a lane takes the words of every fourth chunk, two at a time.
    uint4 a[2][2][4];
    // Near enough is 2 |a and b| - |b| >= |a| - bound. The tensor cores start from -|b| / 2, rounded up, so `limit` is half
    // of that, rounded up, too: it admits all that the bound does, and a little more, which is looked at again.
    int limit[2][2];
    for (u32 m = 0; m < 2; ++m) {
        for (u32 h = 0; h < 2; ++h) {
            u32 query = first_query + m * 16 + h * 8 + group;
            bool real = query < query_count;
            limit[m][h] = real ? ((int)query_ones[query] - (int)(bounds[query] >> 32) + 1) >> 1 : DISTANCES;
#pragma unroll
            for (u32 j = 0; j < 4; ++j)
                a[m][h][j] = real ? queries[query * CHUNKS + 4 * j + quad] : make_uint4(0, 0, 0, 0);
        }
    }

    each_tile(codes, start / TILE * TILE, end, blockIdx.y, gridDim.y, [&](const uint4 *tile, u32 first) {
#pragma unroll 1
        for (u32 column = first_column; column < first_column + width; column += 16) {
            u32 far[2]; // the numbers of ones of the lane's vectors
            int from[2][4], common[2][2][4]; // of queries m and vectors n: rows `group` and `group + 8`, two columns each
            const uint4 *even = tile + chunk_at(column + group, quad), *odd = tile + chunk_at(column + group, 4 + quad);
            for (u32 n = 0; n < 2; ++n) {
                u32 i = first + column + n * 8 + quad * 2;
                far[n] = ((const u32 *)ones)[i / 2];
                if (filter) {
                    u32 bits = filter[i >> 5] >> (i & 31);
                    far[n] |= (bits & 1 ? 0 : 0xffff) | (bits & 2 ? 0 : 0xffff0000);
                }
                from[n][0] = from[n][2] = -(int)(far[n] >> 1 & 0x7fff);
                from[n][1] = from[n][3] = -(int)(far[n] >> 17);
            }
#pragma unroll
            for (u32 j = 0; j < 4; ++j) {
                for (u32 n = 0; n < 2; ++n) {
                    uint4 b = (j % 2 ? odd : even)[j / 2 * 8 + n * 8 * CHUNKS];
                    for (u32 m = 0; m < 2; ++m) {
                        uint4 low = a[m][0][j], high = a[m][1][j];
                        mma_and_popc(common[m][n], low.x, high.x, low.y, high.y, b.x, b.y, j ? common[m][n] : from[n]);
                        mma_and_popc(common[m][n], low.z, high.z, low.w, high.w, b.z, b.w, common[m][n]);
                    }
                }
            }
            u32 found = 0; // bit 8 m + 4 n + 2 h + c
#pragma unroll
            for (u32 at = 0; at < 16; ++at)
                found |= (u32)(common[at / 8][at / 4 % 2][at % 4] >= limit[at / 8][at / 2 % 2]) << at;
            for (; found; found &= found - 1) {
                u32 at = __ffs(found) - 1, n = at / 4 % 2, c = at % 2;
                int more = 0;
#pragma unroll
                for (u32 other = 0; other < 16; ++other)
                    more = other == at ? common[other / 8][other / 4 % 2][other % 4] : more;
                u32 query = first_query + at / 8 * 16 + at / 2 % 2 * 8 + group, i = first + column + n * 8 + quad * 2 + c;
                int odd_one = (n ? far[1] : far[0]) >> 16 * c & 1;
                u64 key = key_of((u32)((int)query_ones[query] + odd_one - 2 * more), i);
                if (i >= start && i < end && key < bounds[query])
                    append(key, lists + (u64)query * room, counts + query, room);
            }
            __syncwarp();
        }
    });
}

// ---- the rest -----------------------------------------------------------------------------------------------------------

// Writes ones[i] for vectors `start` to `end`, with half a warp for each.
extern "C" __global__ void __launch_bounds__(256) count_ones(const uint4 *codes, u32 start, u32 end, u16 *ones) {
    u32 lane = threadIdx.x % 32;
    for (u64 two = start + ((u64)blockIdx.x * THREADS + threadIdx.x) / 32 * 2; two < end; two += (u64)gridDim.x * THREADS / 16) {
        u64 i = two + lane / 16;
        u32 sum = i < end ? ones_of(codes[i * CHUNKS + lane % 16]) : 0;
        for (u32 far = 8; far; far /= 2) sum += __shfl_xor_sync(ALL, sum, far);
        if (i < end && lane % 16 == 0) ones[i] = (u16)sum;
    }
}

const u32 SPAN = 4 * 255; // vectors of a turn of a block
__shared__ u32 bit_counts[2048];

// Adds to counts[bit] how many vectors have the bit. Four threads have the same word of different vectors; each counts up to
// 255 vectors in eight words, of which word p has bit p of 32 counters.
extern "C" __global__ void __launch_bounds__(256)
    count_bits(const u32 *codes, const u32 *filter, u32 start, u32 end, u32 *counts) {
    for (u32 i = threadIdx.x; i < 2048; i += THREADS) bit_counts[i] = 0;
    __syncthreads();
    u32 word = threadIdx.x % 64;
    for (u64 span = start + (u64)blockIdx.x * SPAN; span < end; span += (u64)gridDim.x * SPAN) {
        u32 planes[8] = {};
        for (u64 i = span + threadIdx.x / 64; i < span + SPAN && i < end; i += 4) {
            u32 carry = admitted(filter, (u32)i) ? codes[i * 64 + word] : 0;
            for (u32 p = 0; p < 8; ++p) {
                u32 sum = planes[p] ^ carry;
                carry &= planes[p];
                planes[p] = sum;
            }
        }
        for (u32 bit = 0; bit < 32; ++bit) {
            u32 count = 0;
            for (u32 p = 0; p < 8; ++p) count |= (planes[p] >> bit & 1) << p;
            atomicAdd(bit_counts + word * 32 + bit, count);
        }
    }
    __syncthreads();
    for (u32 i = threadIdx.x; i < 2048; i += THREADS)
        if (bit_counts[i]) atomicAdd(counts + i, bit_counts[i]);
}
