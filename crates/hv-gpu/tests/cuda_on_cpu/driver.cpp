// A CUDA driver with one device, which is the CPU: what hv-gpu calls of `libcuda.so`, with all kernels.
//
// What is asked for is done as late as it may be: when somebody waits for it. HV_FAKE_CUDA_MEMORY is the device's memory in bytes (256 MiB where
// unset) and HV_FAKE_CUDA_CAPABILITY its compute capability (80). HV_FAKE_CUDA_FAULT says what is wrong with it: `slow`
// (searches never end) or `lost` (they fail).

#include "cuda_on_cpu.h"
#include <cstdlib>
#include <map>
#include <string>
#include <sys/mman.h>
#include <tuple>

#include <rates.cu>
#include <search.cu>

namespace {
const size_t PAGE = 4096;
const int FINE = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_FOUND = 500, NOT_READY = 600, LOST = 719;

size_t setting(const char *name, size_t usual) {
    const char *text = getenv(name);
    return text ? strtoull(text, nullptr, 10) : usual;
}
bool fault(const char *name) {
    const char *text = getenv("HV_FAKE_CUDA_FAULT");
    return text && !strcmp(text, name);
}

size_t memory() { return setting("HV_FAKE_CUDA_MEMORY", 256 << 20); }
bool busy = false; // for ever
std::map<uint64_t, size_t> allocated;
size_t used() {
    size_t sum = 0;
    for (auto [at, bytes] : allocated) sum += bytes;
    return sum;
}

using Function = std::function<void(uint3, void **)>;

// What the only stream has to do, in order.
std::vector<std::function<void()>> asked_for;
int later(std::function<void()> work) { return asked_for.push_back(work), FINE; }
int finish() {
    for (auto &work : std::exchange(asked_for, {})) work();
    return FINE;
}
std::map<const char *, size_t> pinned;
bool is_pinned(const void *at) {
    auto after = pinned.upper_bound((const char *)at);
    return after != pinned.begin() && (--after, (const char *)at < after->first + after->second);
}

// Has a kernel called with what the pointers point at now, as cuLaunchKernel does.
template <class... Arguments> Function function(void (*kernel)(Arguments...)) {
    return [kernel](uint3 grid, void **arguments) {
        [&]<size_t... I>(std::index_sequence<I...>) {
            std::tuple<Arguments...> values(*(Arguments *)arguments[I]...);
            later([=] { run_grid(grid, [=] { std::apply(kernel, values); }); });
        }(std::index_sequence_for<Arguments...>());
    };
}
#define KERNEL(name) {#name, function(name)}
std::map<std::string, Function> functions = {
    KERNEL(stream_top_k),    KERNEL(select_top_k), KERNEL(scan_few),   KERNEL(count_distances),
    KERNEL(write_distances), KERNEL(scan_many),    KERNEL(count_ones), KERNEL(count_bits),
    KERNEL(fill_random),     KERNEL(read_all),     KERNEL(count_rate), KERNEL(mma_rate),
};

} // namespace

extern "C" {
int cuInit(unsigned) { return FINE; }
int cuDriverGetVersion(int *version) { return *version = 12080, FINE; }
int cuDeviceGetCount(int *count) { return *count = 1, FINE; }
int cuDeviceGet(int *device, int ordinal) { return *device = ordinal, ordinal ? 101 : FINE; }
int cuDeviceGetName(char *name, int length, int) { return strncpy(name, "CPU under the guise of CUDA", length), FINE; }
int cuDeviceTotalMem_v2(size_t *bytes, int) { return *bytes = memory(), FINE; }
int cuDeviceGetAttribute(int *value, int attribute, int) {
    size_t capability = setting("HV_FAKE_CUDA_CAPABILITY", 80);
    switch (attribute) {
    case 16: return *value = 2, FINE; // multiprocessors
    case 75: return *value = capability / 10, FINE;
    case 76: return *value = capability % 10, FINE;
    case 115: return *value = 0, FINE; // memory pools
    default: return INVALID_VALUE;
    }
}
int cuDevicePrimaryCtxRetain(void **context, int) { return *context = (void *)1, FINE; }
int cuDevicePrimaryCtxRelease_v2(int) { return FINE; }
int cuCtxGetCurrent(void **context) { return *context = (void *)1, FINE; }
int cuCtxSetCurrent(void *) { return FINE; }
int cuCtxSynchronize() { return FINE; }

int cuStreamCreate(void **stream, unsigned) { return *stream = (void *)1, FINE; }
int cuStreamDestroy_v2(void *) { return FINE; }
int cuStreamSynchronize(void *) { return finish(); }
int cuStreamWaitEvent(void *, void *, unsigned) { return FINE; }
int cuEventCreate(void **event, unsigned) { return *event = (void *)1, FINE; }
int cuEventDestroy_v2(void *) { return FINE; }
int cuEventRecord(void *, void *) { return FINE; }
int cuEventSynchronize(void *) { return FINE; }
int cuEventQuery(void *) { return busy ? NOT_READY : finish(); }
int cuEventElapsedTime(float *ms, void *, void *) { return *ms = 1, FINE; }
int cuEventElapsedTime_v2(float *ms, void *, void *) { return *ms = 1, FINE; }

int cuMemGetInfo_v2(size_t *free, size_t *total) { return *total = memory(), *free = *total - used(), FINE; }
int cuMemAlloc_v2(uint64_t *at, size_t bytes) {
    if (used() + bytes > memory()) return OUT_OF_MEMORY;
    // Ends where a page begins that nobody may touch, so that reading or writing too far ends the process.
    size_t pages = (bytes + PAGE - 1) / PAGE * PAGE;
    char *map = (char *)mmap(nullptr, pages + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(map + pages, PAGE, PROT_NONE);
    *at = (uint64_t)(map + pages - (bytes + 15) / 16 * 16);
    memset((void *)*at, 0xA5, bytes); // whoever forgets to write before reading sees it
    allocated[*at] = bytes;
    return FINE;
}
int cuMemFree_v2(uint64_t at) {
    finish();
    size_t pages = (allocated[at] + PAGE - 1) / PAGE * PAGE;
    allocated.erase(at);
    return munmap((void *)(at / PAGE * PAGE), pages + PAGE), FINE;
}
int cuMemHostAlloc(void **at, size_t n, unsigned) { return *at = malloc(n), pinned[(char *)*at] = n, FINE; }
int cuMemFreeHost(void *at) { return finish(), pinned.erase((char *)at), free(at), FINE; }
int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t n, void *) {
    if (is_pinned(from)) return later([=] { memcpy((void *)to, from, n); });
    // Other memory is copied somewhere else at once.
    std::string copy((const char *)from, n);
    return later([=] { memcpy((void *)to, copy.data(), n); });
}
int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t n, void *) {
    return later([=] { memcpy(to, (void *)from, n); });
}
int cuMemsetD8Async(uint64_t at, unsigned char value, size_t n, void *) {
    return later([=] { memset((void *)at, value, n); });
}

int cuModuleLoadData(void **module, const void *) { return *module = (void *)1, FINE; }
int cuModuleUnload(void *) { return FINE; }
int cuModuleGetFunction(void **function, void *, const char *name) {
    auto found = functions.find(name);
    if (found == functions.end()) return NOT_FOUND;
    return *function = &found->second, FINE;
}
int cuFuncSetAttribute(void *, int, int) { return FINE; }
int cuLaunchKernel(void *function, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned, unsigned,
                   unsigned dynamic, void *, void **arguments, void **) {
    bool search = function != &functions["count_ones"];
    if (fault("lost") && search) return LOST;
    if (fault("slow") && search) return busy = true, FINE;
    if (x == 0 || y == 0 || z != 1 || threads != 256 || dynamic > sizeof tiles) return INVALID_VALUE;
    return (*(Function *)function)({x, y, z}, arguments), FINE;
}
int cuGetErrorName(int, const char **name) { return *name = "CUDA_ERROR", FINE; }
int cuGetErrorString(int, const char **text) { return *text = "an error of the driver of the tests", FINE; }
}
