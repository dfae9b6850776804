// What CUDA C++ has besides C++, for kernels that are compiled for the CPU. Blocks run one after the other. The threads of
// a block take turns, each with a stack of its own: one runs until it waits for others, so that whoever reads before a
// barrier, or before a copy was waited for, reads old data.

#pragma once
#include <csetjmp>
#include <cstdint>
#include <cstring>
#include <ucontext.h>
#include <functional>
#include <utility>
#include <vector>

#define __device__
#define __global__
#define __shared__
#define __forceinline__ inline
#define __launch_bounds__(...)

struct uint3 {
    unsigned x, y, z;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

inline uint3 threadIdx, blockIdx, gridDim;
inline uint4 tiles[2 * 128 * 16]; // the dynamic shared memory

// Of a block. Threads are resumed in an order that `stride`, an odd number, gives.
struct Barrier {
    unsigned size, arrived = 0, generation = 0;
};
struct Thread {
    ucontext_t begin;
    jmp_buf state;
    bool begun = false, ended = false;
    unsigned collectives = 0;                           // how many of its warp it took part in
    std::vector<std::pair<uint4 *, const uint4 *>> copies; // asked for, not waited for yet
    std::vector<char> stack = std::vector<char>(64 << 10);
};
inline std::vector<Thread> threads(256);
inline unsigned current, stride, running;
inline jmp_buf launcher;
inline std::function<void()> kernel;
inline Barrier block_barrier, warp_barriers[8];
inline unsigned posts[8][2][32][6]; // of each warp and lane, for the present exchange and the one before

inline void resume(unsigned thread) {
    current = thread;
    threadIdx.x = thread;
    if (threads[thread].begun) longjmp(threads[thread].state, 1);
    threads[thread].begun = true;
    setcontext(&threads[thread].begin);
}

inline void resume_another() {
    unsigned next = current;
    do next = (next + stride) % 256;
    while (threads[next].ended);
    resume(next);
}

inline void wait_at(Barrier &barrier) {
    unsigned generation = barrier.generation;
    if (++barrier.arrived == barrier.size) {
        barrier.arrived = 0;
        ++barrier.generation;
    }
    while (barrier.generation == generation)
        if (!setjmp(threads[current].state)) resume_another();
}

inline void run_thread() {
    kernel();
    threads[current].ended = true;
    if (--running == 0) longjmp(launcher, 1);
    resume_another();
}

inline void run_block() {
    block_barrier = {256};
    for (Barrier &barrier : warp_barriers) barrier = {32};
    for (Thread &thread : threads) {
        getcontext(&thread.begin);
        thread.begin.uc_stack.ss_sp = thread.stack.data();
        thread.begin.uc_stack.ss_size = thread.stack.size();
        makecontext(&thread.begin, run_thread, 0);
        thread.begun = thread.ended = false;
        thread.collectives = 0;
    }
    running = 256;
    if (!setjmp(launcher)) resume(stride % 256);
}

// Runs all blocks of a grid, in an order that differs from launch to launch.
inline void run_grid(uint3 grid, std::function<void()> with_arguments) {
    static unsigned launches = 0;
    kernel = with_arguments;
    gridDim = grid;
    unsigned count = grid.x * grid.y, first = launches * 7;
    for (unsigned b = 0; b < count; ++b) {
        unsigned block = (b + first) % count;
        blockIdx = {block % grid.x, block / grid.x, 0};
        stride = 2 * (block + launches) + 1;
        run_block();
    }
    ++launches;
}

inline void __syncthreads() { wait_at(block_barrier); }
inline void __syncwarp() { wait_at(warp_barriers[current / 32]); }
inline unsigned __popc(unsigned a) { return __builtin_popcount(a); }
inline int __ffs(unsigned a) { return __builtin_ffs(a); }

// Shows words to the warp, and returns those of all its lanes.
inline unsigned (*exchange(std::initializer_list<unsigned> words))[6] {
    unsigned warp = current / 32, turn = threads[current].collectives++ % 2;
    std::copy(words.begin(), words.end(), posts[warp][turn][current % 32]);
    wait_at(warp_barriers[warp]);
    return posts[warp][turn];
}
inline unsigned __shfl_xor_sync(unsigned, unsigned value, unsigned mask) {
    auto all = exchange({value});
    return all[current % 32 ^ mask][0];
}

template <class T> T atomicAdd(T *at, T more) {
    T before = *at;
    *at += more;
    return before;
}
template <class T> T atomicMin(T *at, T other) {
    T before = *at;
    if (other < before) *at = other;
    return before;
}
template <class T> T min(T a, T b) { return b < a ? b : a; }
