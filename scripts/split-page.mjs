// Splits the page's program in two: what runs until a new visitor reads the first verdict, and the
// rest, which frontend/shell/rest.js loads when something in it is called. Which functions are the
// rest is in frontend/rest.txt, as beginnings of their names; `make first-load` writes it anew from
// what Chromium runs. A function that the list does not know stays in the first part, so a list
// that is out of date makes the page slower, not wrong.
//
// Trunk runs this after a build, on the folder that is about to become dist/.
import binaryen from "binaryen";
import { createHash } from "node:crypto";
import { copyFile, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
export const LIST = join(ROOT, "frontend/rest.txt");

const { none, i32 } = binaryen;
const MEMORY = "0";

// What browsers of the page's age understand, and what the build uses: no more.
const { BulkMemory, BulkMemoryOpt, Multivalue, MutableGlobals, NontrappingFPToInt, ReferenceTypes, SignExt } = binaryen.Features;
const FEATURES = BulkMemory | BulkMemoryOpt | Multivalue | MutableGlobals | NontrappingFPToInt | ReferenceTypes | SignExt;

export function read(bytes) {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(FEATURES);
  return module;
}

const each = (count, at) => Array.from({ length: count }, (_, index) => at(index));
export const functions = (module) =>
  each(module.getNumFunctions(), (index) => binaryen.getFunctionInfo(module.getFunctionByIndex(index)));
const tables = (module) => each(module.getNumTables(), (index) => binaryen.getTableInfo(module.getTableByIndex(index)));
const globals = (module) => each(module.getNumGlobals(), (index) => binaryen.getGlobalInfo(module.getGlobalByIndex(index)));
const exported = (module) => each(module.getNumExports(), (index) => binaryen.getExportInfo(module.getExportByIndex(index)));
const segments = (module) =>
  each(module.getNumElementSegments(), (index) => binaryen.getElementSegmentInfo(module.getElementSegmentByIndex(index)));

// A name as the list has it: without the hashes of crates, which change with every compiler.
export const plain = (name) => name.replace(/\[[0-9a-f]{1,16}\]/g, "");

// The beginnings of a name at which a rule may end, the shortest first.
export function* beginnings(name) {
  for (const { index, 0: end } of name.matchAll(/::|<|>|, | as /g)) yield name.slice(0, index + end.length);
  yield name;
}

const isRest = (rules) => (name) => {
  for (const beginning of beginnings(plain(name))) if (rules.has(beginning)) return true;
  return false;
};

export async function readList() {
  const lines = (await readFile(LIST, "utf8")).split("\n");
  return new Set(lines.filter((line) => line && !line.startsWith("#")));
}

// The two modules. Both know memory, tables and globals of the first, and the second imports
// from `first` what it calls there. In the first a moved function only calls its place in the
// table `rest`, after `rest.load` has filled that table, once.
export function split(bytes, rules) {
  const second = read(bytes);
  const all = functions(second);
  const rest = isRest(rules);
  const moved = all.filter(({ name, module }) => !module && rest(name));
  const isMoved = new Set(moved.map(({ name }) => name));
  const short = new Map(all.map(({ name }, index) => [name, `f${index.toString(36)}`]));

  for (const { value, name } of exported(second)) second.removeExport(name ?? value);
  for (const { name } of segments(second)) second.removeElementSegment(name);
  second.runPasses(["remove-memory-init"]);
  second.addMemoryImport(MEMORY, "first", "memory");
  tables(second).forEach(({ name }, index) => second.addTableImport(name, "first", `t${index}`));
  globals(second).forEach(({ name, type, mutable }, index) => {
    second.removeGlobal(name);
    second.addGlobalImport(name, "first", `g${index}`, type, mutable);
  });
  for (const { name, params, results } of all) {
    if (isMoved.has(name)) continue;
    second.removeFunction(name);
    second.addFunctionImport(name, "first", short.get(name), params, results);
  }
  second.addTable("rest", moved.length, moved.length, binaryen.funcref);
  second.addTableImport("rest", "first", "rest");
  second.addActiveElementSegment("rest", "moved", moved.map(({ name }) => name), second.i32.const(0));
  second.runPasses(["remove-unused-module-elements"]);
  if (!second.validate()) throw new Error("split-page: the second module is not valid");

  const first = read(bytes);
  first.addFunctionImport("rest.load", "rest", "load", none, none);
  first.addGlobal("rest.loaded", i32, true, first.i32.const(0));
  first.addFunction("rest.ensure", none, none, [], first.if(
    first.i32.eqz(first.global.get("rest.loaded", i32)),
    first.block(null, [first.call("rest.load", [], none), first.global.set("rest.loaded", first.i32.const(1))]),
  ));
  first.addTable("rest", moved.length, moved.length, binaryen.funcref);
  first.addTableExport("rest", "rest");
  moved.forEach(({ name, params, results }, slot) => {
    const locals = binaryen.expandType(params).map((type, index) => first.local.get(index, type));
    first.removeFunction(name);
    first.addFunction(name, params, results, [], first.block(null, [
      first.call("rest.ensure", [], none),
      first.call_indirect("rest", first.i32.const(slot), locals, params, results),
    ], results));
  });
  tables(first).filter(({ name }) => name !== "rest").forEach(({ name }, index) => first.addTableExport(name, `t${index}`));
  globals(first).filter(({ name }) => name !== "rest.loaded").forEach(({ name }, index) => first.addGlobalExport(name, `g${index}`));
  for (const { name, module } of functions(second)) {
    if (module === "first") first.addFunctionExport(name, short.get(name));
  }
  first.runPasses(["remove-unused-module-elements"]);
  if (!first.validate()) throw new Error("split-page: the first module is not valid");

  binaryen.setDebugInfo(false);
  return { first: first.emitBinary(), second: second.emitBinary(), moved: moved.length, all: all.length };
}

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

async function main(folder) {
  const names = await readdir(folder);
  const name = names.find((name) => name.endsWith(".wasm"));
  const { first, second, moved, all } = split(await readFile(join(folder, name)), await readList());
  const program = `vapwright-${hash(first)}.wasm`;
  const rest = `vapwright-rest-${hash(second)}.wasm`;
  await writeFile(join(folder, program), first);
  await writeFile(join(folder, rest), second);
  // `make first-load` asks the whole one
  await copyFile(join(folder, name), join(ROOT, "target/page/whole.wasm"));
  await rm(join(folder, name));
  const index = join(folder, "index.html");
  const html = (await readFile(index, "utf8")).replaceAll(name, program).replaceAll("REST", rest);
  await writeFile(index, html);
  console.error(`split-page: ${moved} of ${all} functions are the rest; ${first.length} and ${second.length} bytes`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = process.env.TRUNK_STAGING_DIR;
  if (!folder) throw new Error("split-page: Trunk runs this, and says in TRUNK_STAGING_DIR where");
  await main(folder);
}
