"""Times FAISS's exact search of binary vectors on a GPU, for the example `bench`: arguments VECTORS and K.

Prints a line for each number of queries: the number, and the fastest time in seconds. Vectors have 2,048 random bits.
"""

import sys
import time

import faiss
import numpy

vectors, k = map(int, sys.argv[1:])
random = numpy.random.default_rng(1)
index = faiss.GpuIndexBinaryFlat(faiss.StandardGpuResources(), 2_048)
index.add(random.integers(0, 256, (vectors, 256), dtype=numpy.uint8))
for queries in (1, 10, 100, 1_000, 10_000):
    asked = random.integers(0, 256, (queries, 256), dtype=numpy.uint8)
    times, end = [], time.perf_counter() + 0.5
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        index.search(asked, k)
        times.append(time.perf_counter() - start)
    print(queries, min(times))
