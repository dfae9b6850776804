"""Times FAISS's exact search of binary vectors on one thread, for `cargo xtask bench`, which draws it next to hv.

Prints one JSON object: the version of FAISS, and for each work its fastest time in nanoseconds a pair of a query and a
vector, as the system counts it for the thread: what other processes take in between is left out. Vectors have 2,048
random bits.
"""

import json
import time

import faiss
import numpy

WORKS = {
    "nearest, 1 query x 1,000": (1, 1_000, 1),
    "nearest, 100 queries x 1,000": (100, 1_000, 1),
    "top-10, 100 queries x 10,000": (100, 10_000, 10),
}
SECONDS = 1.0  # for each work


def fastest(queries, vectors, k):
    random = numpy.random.default_rng(1)
    index = faiss.IndexBinaryFlat(2_048)
    index.add(random.integers(0, 256, (vectors, 256), dtype=numpy.uint8))
    asked = random.integers(0, 256, (queries, 256), dtype=numpy.uint8)
    times, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times) < 5:
        start = time.thread_time_ns()
        index.search(asked, k)
        times.append(time.thread_time_ns() - start)
    return min(times) / (queries * vectors)


faiss.omp_set_num_threads(1)
print(json.dumps({"version": faiss.__version__, "times": {name: fastest(*shape) for name, shape in WORKS.items()}}))
