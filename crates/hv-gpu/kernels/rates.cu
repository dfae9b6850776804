// What a device can do at most, for comparison with `search.cu`: how fast it reads its memory, counts ones, and counts common ones
// in tensor cores. And random codes, so that a benchmark need not upload them.

#include <instructions.cuh>

typedef unsigned int u32;
typedef unsigned long long u64;

// Writes `count` words of 64 bits: SplitMix64 at `first` and what follows.
extern "C" __global__ void __launch_bounds__(256) fill_random(u64 *words, u64 count, u64 first) {
    for (u64 i = (u64)blockIdx.x * 256 + threadIdx.x; i < count; i += (u64)gridDim.x * 256) {
        u64 word = (first + i) * 0x9e3779b97f4a7c15ull;
        word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9ull;
        word = (word ^ word >> 27) * 0x94d049bb133111ebull;
        words[i] = word ^ word >> 31;
    }
}

// Reads `count` chunks of 16 bytes. What it computes of them only keeps the compiler from leaving the reading out.
extern "C" __global__ void __launch_bounds__(256) read_all(const uint4 *chunks, u64 count, u32 *sink) {
    u32 sum = 0;
    u64 threads = (u64)gridDim.x * 256, i = (u64)blockIdx.x * 256 + threadIdx.x;
    for (; i + 7 * threads < count; i += 8 * threads) {
#pragma unroll
        for (u32 j = 0; j < 8; ++j) {
            uint4 chunk = chunks[i + j * threads];
            sum ^= chunk.x ^ chunk.y ^ chunk.z ^ chunk.w;
        }
    }
    for (; i < count; i += threads) sum ^= chunks[i].x;
    if (sum == 0x5eed5eed) *sink = sum;
}

// Counts the ones of 8 words a turn and thread.
extern "C" __global__ void __launch_bounds__(256) count_rate(u32 turns, u32 *sink) {
    u32 words[8];
    for (u32 j = 0; j < 8; ++j) words[j] = threadIdx.x * 8 + j;
    for (u32 turn = 0; turn < turns; ++turn) {
#pragma unroll
        for (u32 j = 0; j < 8; ++j) words[j] = __popc(words[j]) + turn;
    }
    u32 sum = 0;
    for (u32 j = 0; j < 8; ++j) sum += words[j];
    if (sum == 0x5eed5eed) *sink = sum;
}

// Compares 8 times 16 rows with 8 columns, of 256 bits each, a turn and warp.
extern "C" __global__ void __launch_bounds__(256) mma_rate(u32 turns, u32 *sink) {
    int common[8][4] = {};
    u32 a = threadIdx.x, b = ~threadIdx.x;
    for (u32 turn = 0; turn < turns; ++turn) {
#pragma unroll
        for (u32 j = 0; j < 8; ++j) mma_and_popc(common[j], a, b, a + j, b + j, a, b, common[j]);
    }
    int sum = 0;
    for (u32 j = 0; j < 8; ++j) sum += common[j][0] + common[j][1] + common[j][2] + common[j][3];
    if (sum == 0x5eed5eed) *sink = sum;
}
