#!/usr/bin/env python3
"""Predicts what searches take on an H200 from the instructions of the kernels' inner loops, as they are assembled for sm_90.

    predict.py           prints the tables of docs/gpu.md

It counts the instructions of a loop by the unit that executes them, and takes the slowest unit. The figures are predictions, and
low ones: latencies, uneven shares and the selection of the k best are not in them, and what starting a kernel takes is a guess.
The disassembler is a package of PyPI (9 MB), which goes to target/cuda-kernels.
"""

import re
import subprocess
import sys

from build import HERE, TOOLS

PACKAGE = "nvidia-cuda-nvdisasm==13.5.37"
FOLDER = TOOLS / "nvdisasm"

# An H200. Rates are instructions of a warp a clock and multiprocessor: NVIDIA's table of throughputs for compute capability
# 9.0, and for BMMA what was measured on a GH200.
CLOCK, MULTIPROCESSORS, READ = 1.98e9, 132, 4.8e12
UNITS = {
    "all": (4.0, r"."),
    "tensor cores": (0.54, r"BMMA"),
    "counting ones": (0.5, r"POPC"),
    "integers": (2.0, r"I|LOP|SHF|SEL|LEA|PRMT|VI|P2R|R2P|MOV"),
    "shared memory": (0.25, r"LDS\.128"),
    "exchange": (1.0, r"SHFL"),
}
START = 4e-6  # seconds that a kernel takes at least: a guess
PASSES = 4  # over a million vectors for the 10 nearest, each with a scan and a selection
AT_ONCE = 8192  # queries of a call of the device
BLOCK = 256  # queries of a block of `scan_many`: for more of them, more blocks read the memory

# Kernel: what marks its inner loop, and pairs of a query and a vector that a warp has in one turn of it.
KERNELS = {"stream_top_k": ("POPC", 16), "scan_few": ("POPC", 16 * 4), "scan_many": ("BMMA", 16 * 32)}
# Queries, millions of vectors, kernel, seconds that are the bar.
WORKS = [
    (1, 1, "stream_top_k", None),
    (1, 10, "stream_top_k", None),
    (1, 100, "stream_top_k", 6.3e-3),
    (4, 1, "scan_few", None),
    (10, 1, "scan_many", None),
    (100, 1, "scan_many", None),
    (1000, 1, "scan_many", 3e-3),
    (10000, 1, "scan_many", 25e-3),
]


def disassembled(kernel):
    """The instructions of a kernel, and the index of the one after each label."""
    nvdisasm = next(FOLDER.glob("nvidia/*/bin/nvdisasm"))
    text = subprocess.run([nvdisasm, "-c", HERE / "search.sm_90.cubin"], capture_output=True, text=True).stdout
    text = re.search(rf"\.text\.{kernel}:\n(.*?)(?=\n//-----|\Z)", text, re.S)[1]
    code, labels = [], {}
    for line in text.splitlines():
        if label := re.match(r"(\.L_x_\d+):", line):
            labels[label[1]] = len(code)
        elif instruction := re.match(r"\s+/\*[0-9a-f]+\*/\s+(.*?)\s*;", line):
            code.append(instruction[1])
    return code, labels


def inner_loop(kernel, marker):
    """The opcodes of the shortest loop with the marker, up to what only vectors below a bound reach."""
    code, labels = disassembled(kernel)
    loops = []
    for end, line in enumerate(code):
        back = re.search(r"BRA .*`\((\.L_x_\d+)\)", line)
        if back and labels.get(back[1], end) < end:
            loops.append(code[labels[back[1]] : end + 1])
    loop = min((loop for loop in loops if any(marker in line for line in loop)), key=len)
    opcodes = [re.sub(r"^@!?U?P\d+ ", "", line).split()[0] for line in loop]
    below = next((at for at, opcode in enumerate(opcodes) if opcode.startswith(("ATOM", "BREV"))), len(opcodes))
    return [opcode for opcode in opcodes[:below] if opcode != "NOP"]


def main():
    if not list(FOLDER.glob("nvidia/*/bin/nvdisasm")):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--target", FOLDER, PACKAGE], check=True)
        next(FOLDER.glob("nvidia/*/bin/nvdisasm")).chmod(0o755)
    pair = {}  # kernel: (seconds, the slowest unit)
    print("| kernel | pairs a turn | " + " | ".join(UNITS) + " | slowest | predicted pairs a second |")
    print("|---" * (len(UNITS) + 4) + "|")
    for kernel, (marker, pairs) in KERNELS.items():
        opcodes = inner_loop(kernel, marker)
        counts = {unit: sum(bool(re.match(what, opcode)) for opcode in opcodes) for unit, (_, what) in UNITS.items()}
        pair[kernel] = max(
            (counts[unit] / rate / pairs / MULTIPROCESSORS / CLOCK, unit) for unit, (rate, _) in UNITS.items()
        )
        cells = " | ".join(str(count) for count in counts.values())
        print(f"| `{kernel}` | {pairs} | {cells} | {pair[kernel][1]} | {1 / pair[kernel][0]:.1e} |")
    print("\n| queries | vectors | bar | predicted | limited by |\n|---|---|---|---|---|")
    for queries, millions, kernel, bar in WORKS:
        rows = -(-queries // 32) * 32 if kernel == "scan_many" else queries
        seconds, limit = max(
            (-(-queries // BLOCK) * millions * 1e6 * 256 / READ, "reading the memory"),
            (rows * millions * 1e6 * pair[kernel][0], pair[kernel][1]),
        )
        seconds += START * 2 * -(-queries // AT_ONCE) * (1 if kernel == "stream_top_k" else PASSES)
        bar = f"{bar * 1e3:.3g} ms" if bar else ""
        print(f"| {queries:,} | {millions} million | {bar} | {seconds * 1e3:.2f} ms | {limit} |")


if __name__ == "__main__":
    main()
