// Stands in for `kernels/instructions.cuh` on the CPU.

#pragma once

// As the PTX ISA says under "Matrix Fragments for mma.m16n8k256": of A, word w (of 8) of row r is in register
// r / 8 + 2 * (w / 4) of lane 4 * (r % 8) + w % 4; of B, word w of column c in register w / 4 of lane 4 * c + w % 4; and of
// C and D, a lane has rows lane / 4 and lane / 4 + 8, columns 2 * (lane % 4) and the next.
inline void mma_and_popc(int (&d)[4], unsigned a0, unsigned a1, unsigned a2, unsigned a3, unsigned b0, unsigned b1,
                         const int (&c)[4]) {
    auto all = exchange({a0, a1, a2, a3, b0, b1});
    unsigned lane = current % 32;
    for (unsigned i = 0; i < 4; ++i) {
        unsigned row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
        d[i] = c[i];
        for (unsigned w = 0; w < 8; ++w)
            d[i] += __popc(all[row % 8 * 4 + w % 4][row / 8 + w / 4 * 2] & all[column * 4 + w % 4][4 + w / 4]);
    }
}

inline void copy_async(uint4 *to_shared, const uint4 *from) {
    threads[current].copies.push_back({to_shared, from});
}

inline void wait_for_copies() {
    for (auto [to, from] : threads[current].copies) *to = *from;
    threads[current].copies.clear();
}
