// Runs the module that in_wasm.rs becomes: node in_wasm.mjs MODULE BACKENDS. It fails where a kernel has another result
// than the reference, or where the module has kernels of another number of backends.
import { readFile } from "node:fs/promises";

const [module, backends] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(await readFile(module), {});
const found = instance.exports.backends();
const failed = instance.exports.first_failure();
console.log(`${found} backends, ${failed === 0 ? "all as the reference" : `check ${failed} fails`}`);
process.exit(failed === 0 && found === Number(backends) ? 0 : 1);
