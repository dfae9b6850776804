#!/usr/bin/env python3
"""Compiles the CUDA kernels. No GPU, driver or CUDA toolkit is needed: two packages of PyPI hold the compilers.

    build.py           writes NAME.ptx, NAME.sm_90.cubin and resources.md for each NAME.cu
    build.py --check   compiles, and fails where a committed file differs

Both fail where a kernel spills registers. Exit code 75: the compilers could not be installed. The packages (70 MB) go to
target/cuda-kernels, once. CUDA 12.8 is the newest whose PTX, of ISA 8.7, drivers from January 2025 load; newer drivers load
it, too.
"""

import ctypes
import pathlib
import re
import subprocess
import sys

PACKAGES = ["nvidia-cuda-nvrtc-cu12==12.8.93", "nvidia-cuda-nvcc-cu12==12.8.93"]
HERE = pathlib.Path(__file__).resolve().parent
TOOLS = HERE.parents[2] / "target" / "cuda-kernels"
THREADS = 256  # of a block, in every kernel
DYNAMIC = {"scan_few": 65536, "scan_many": 65536, "count_distances": 65536, "write_distances": 65536}  # bytes: two tiles
OPTIONS = ["--gpu-architecture=compute_80", "--std=c++17", f"--include-path={HERE}"]


def install():
    if not (TOOLS / "nvidia" / "cuda_nvrtc").is_dir() or not (TOOLS / "nvidia" / "cuda_nvcc").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        if subprocess.run([*pip, "--target", TOOLS, *PACKAGES]).returncode:
            print(f"cannot install {' and '.join(PACKAGES)}", file=sys.stderr)
            sys.exit(75)


def to_ptx(source):
    """What NVRTC makes of a source."""
    library = TOOLS / "nvidia" / "cuda_nvrtc" / "lib"
    ctypes.CDLL(str(library / "libnvrtc-builtins.so.12.8"), mode=ctypes.RTLD_GLOBAL)
    nvrtc = ctypes.CDLL(str(library / "libnvrtc.so.12"))

    def text(kind):
        size = ctypes.c_size_t()
        getattr(nvrtc, f"nvrtcGet{kind}Size")(program, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        getattr(nvrtc, f"nvrtcGet{kind}")(program, buffer)
        return buffer.value.decode()

    program = ctypes.c_void_p()
    created = nvrtc.nvrtcCreateProgram(
        ctypes.byref(program), source.read_bytes(), source.name.encode(), 0, None, None
    )
    options = (ctypes.c_char_p * len(OPTIONS))(*(option.encode() for option in OPTIONS))
    if created or nvrtc.nvrtcCompileProgram(program, len(OPTIONS), options):
        sys.exit(f"{source}: NVRTC cannot compile it\n{text('ProgramLog')}")
    return text("PTX")


def to_cubin(ptx, cubin):
    """Assembles for sm_90. Returns {kernel: (registers, bytes of static shared memory, bytes spilled)}."""
    ptxas = TOOLS / "nvidia" / "cuda_nvcc" / "bin" / "ptxas"
    ptxas.chmod(0o755)
    told = subprocess.run(
        [ptxas, "-v", "--gpu-name=sm_90", ptx, "-o", cubin], check=True, capture_output=True, text=True
    ).stderr
    used = {}
    for name, rest in re.findall(r"Compiling entry function '(\w+)' for 'sm_90'\n(.*?)(?=Compiling|\Z)", told, re.S):
        spilled = sum(map(int, re.findall(r"(\d+) bytes (?:stack frame|spill stores|spill loads)", rest)))
        shared = re.search(r"(\d+) bytes smem", rest)
        used[name] = (int(re.search(r"Used (\d+) registers", rest)[1]), int(shared[1]) if shared else 0, spilled)
    return used


def occupancy(registers, shared):
    """Blocks that one multiprocessor of an sm_90 holds: 65,536 registers, 2,048 threads, 228 KiB of shared memory."""
    warps = THREADS // 32
    by_registers = 65536 // (-(-registers * 32 // 256) * 256) // 4 * 4 // warps  # in units of 256, over 4 partitions
    return min(by_registers, 2048 // THREADS, 228 * 1024 // (shared + 1024))  # the system takes 1 KiB of each block


def table(used):
    lines = [
        "# What the kernels use on an sm_90",
        "",
        "Written by `build.py`. Blocks have 256 threads. The occupancy is the share of the 64 warps that a multiprocessor",
        "can hold.",
        "",
        "| kernel | registers a thread | spilled bytes | shared memory a block, bytes | blocks | occupancy |",
        "|---|---|---|---|---|---|",
    ]
    for name, (registers, static, spilled) in sorted(used.items()):
        shared = static + DYNAMIC.get(name, 0)
        blocks = occupancy(registers, shared)
        lines.append(f"| {name} | {registers} | {spilled} | {shared:,} | {blocks} | {blocks * THREADS / 2048:.0%} |")
    return "\n".join(lines) + "\n"


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    install()
    used, made = {}, {}
    for source in sorted(HERE.glob("*.cu")):
        ptx, cubin = (TOOLS / (source.stem + end) for end in (".ptx", ".sm_90.cubin"))
        ptx.write_text(to_ptx(source))
        used |= to_cubin(ptx, cubin)
        made |= {ptx.name: ptx.read_bytes(), cubin.name: cubin.read_bytes()}
    made["resources.md"] = table(used).encode()
    for name, bytes_made in made.items():
        if not check:
            (HERE / name).write_bytes(bytes_made)
        elif not (HERE / name).is_file() or (HERE / name).read_bytes() != bytes_made:
            sys.exit(f"{HERE / name} is not what its source gives: run {HERE / 'build.py'} and commit what it writes")
    print(table(used), end="")
    spilling = [name for name, (_, _, spilled) in used.items() if spilled]
    if spilling:
        sys.exit(f"these kernels spill registers: {', '.join(spilling)}")


if __name__ == "__main__":
    main()
