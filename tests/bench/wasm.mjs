// Measures our engine in WebAssembly under Node: `node wasm.mjs MODULE-FOLDER EXPRESSIONS` prints
// what the oracle's `bench` prints: values, costs, and the CPU time of one call in nanoseconds.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const module = await import(pathToFileURL(resolve(folder, "vapwright_bench.js")));
module.initSync({ module: readFileSync(resolve(folder, "vapwright_bench_bg.wasm")) });
const bench = new module.Bench(readFileSync(file, "utf8"));

// The least CPU time of one call, over five rounds of about 100 ms.
function cpuTime(calls) {
  const start = performance.now();
  let iterations = 0;
  for (let step = 1; performance.now() - start < 50; step = Math.min(2 * step, 64)) {
    calls(step);
    iterations += step;
  }
  iterations *= 2;
  let least = Infinity;
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage();
    calls(iterations);
    const used = process.cpuUsage(before);
    least = Math.min(least, ((used.user + used.system) * 1e3) / iterations);
  }
  return least;
}

const expressions = [];
for (let at = 0; at < bench.count(); at++) {
  const [cost, value] = bench.answer(at).split(/ (.*)/s);
  expressions.push({
    name: bench.name(at),
    value: JSON.parse(value),
    cost: Number(cost),
    evaluate: cpuTime((times) => bench.evaluate(at, times)),
    compile: cpuTime((times) => bench.compile(at, times)),
  });
}
console.log(JSON.stringify({ version: process.version, bind: cpuTime((times) => bench.bind(times)), expressions }));
