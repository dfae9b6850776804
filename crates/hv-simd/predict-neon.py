#!/usr/bin/env python3
"""Predicts the cycles of a pair for the loops of the NEON kernels, with llvm-mca, from L1. docs/tuning.md has the results.

predict-neon.py LLVM_MCA ASSEMBLY [PEER_ASSEMBLY PEER_FUNCTION]

ASSEMBLY is that of hv-simd for 64-bit Arm, with names demangled:
    cargo rustc --release -p hv-simd --lib --target aarch64-unknown-linux-gnu -- --emit asm
    llvm-cxxfilt < target/aarch64-unknown-linux-gnu/release/deps/hv_simd-*.s > ASSEMBLY
The peer's function must have a loop that takes 16 bytes of two vectors.
"""

import re
import subprocess
import sys

CPUS = ["neoverse-n1", "neoverse-v2"]


def function(text, name):
    """The lines of a function."""
    start = re.search(rf"^{re.escape(name)}:.*\n", text, re.M)
    if not start:
        sys.exit(f"there is no function {name} in the assembly")
    return text[start.end() :].split(".cfi_endproc")[0].split("\n")


def instructions(lines):
    """Without labels, directives, calls and branches: what is left runs through."""
    code = [line for line in lines if re.match(r"\s+[a-z]", line)]
    return [line for line in code if not re.match(r"\s+(bl?|ret|b\.\w+|cbn?z|tbn?z)\s", line + " ")]


def loops(lines):
    """The loops that contain no other, in order."""
    labels = {line[:-1]: i for i, line in enumerate(lines) if re.match(r"\.LBB\w+:", line)}
    labels |= {line[:-1]: i for i, line in enumerate(lines) if re.match(r"\.L\w+:", line)}
    found = []
    for i, line in enumerate(lines):
        target = re.match(r"\s+(?:b\.?\w*|cbn?z|tbn?z)\s.*?(\.L\w+)$", line.rstrip())
        if target and labels.get(target[1], i) < i:
            found.append((labels[target[1]], i))
    inner = [loop for loop in found if not any(o != loop and loop[0] <= o[0] and o[1] <= loop[1] for o in found)]
    return [(lines[start : end + 1], (start, end)) for start, end in inner]


def cycles(mca, cpu, code, times=100):
    """The cycles of a run through the code, where one follows the other."""
    command = [mca, "-mtriple=aarch64", f"-mcpu={cpu}", f"-iterations={times}"]
    done = subprocess.run(command, input="\n".join(code), capture_output=True, text=True)
    total = re.search(r"Total Cycles:\s+(\d+)", done.stdout)
    if not total:
        sys.exit(f"{mca} failed: {done.stderr}")
    return int(total[1]) / times


def main():
    if len(sys.argv) not in (3, 5):
        sys.exit(__doc__)
    mca, text = sys.argv[1], open(sys.argv[2]).read()
    table = "hv_simd::arch::neon::table"
    limit = instructions(loops(function(text, f"{table}::xor_popcount"))[0][0])

    # Eight vectors, and what is done once for them.
    distances = function(text, f"{table}::distances_into")
    vector, (start, end) = loops(distances)[0]
    after = next(i for i, line in enumerate(distances) if i > end and re.match(r"\s+b\.ne", line))
    eight = 8 * instructions(vector) + instructions(distances[end:after])

    # A word of a query and a tile of 128 vectors: its adders, and the one carry that it has on average.
    passes = function(text, f"{table}::pass_over")
    call = next(i for i, line in enumerate(passes) if re.search(rf"\bbl\s+{table}::count$", line))
    branches = [i for i in range(call, len(passes)) if re.match(r"\s+(b\.\w+|cbn?z)\s", passes[i])]
    word = instructions(function(text, f"{table}::count")) + instructions(passes[call : branches[1]])
    # The tables of a tile, which all queries share: bytes and bits are exchanged, and 21 threes of 32 words filled.
    exchange_bytes, exchange_bits = [instructions(code) for code, _ in loops(function(text, f"{table}::gather"))[-2:]]
    fill = next(instructions(code) for code, _ in loops(passes) if sum("str\tq" in line for line in code) >= 8)

    for cpu in CPUS:
        of = lambda code: cycles(mca, cpu, code)
        counted = of(eight) / 8
        tables = (4 * (8 * 4 * of(exchange_bytes) + 64 * of(exchange_bits)) + 32 * 21 * of(fill)) / 128
        tiled = 32 * of(word) / 128 + tables / 100
        print(f"{cpu}: limit {of(limit):.1f}, one query {counted:.1f}, 100 queries {tiled:.1f} (tables {tables:.0f})")
        if len(sys.argv) == 5:
            peer = function(open(sys.argv[3]).read(), sys.argv[4])
            code = [instructions(code) for code, _ in loops(peer)]
            sixteen = next(code for code in code if any("cnt\t" in line for line in code))
            print(f"{cpu}: peer {16 * of(sixteen):.1f}")


main()
