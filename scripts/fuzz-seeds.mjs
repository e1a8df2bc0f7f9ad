// Writes seeds for a fuzz target: the expressions, policies and cases of the tests.
//   node scripts/fuzz-seeds.mjs TARGET FOLDER
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const [target, folder] = process.argv.slice(2);
const data = process.env.VAPWRIGHT_DATA ?? "../shared/data";
// a longer text slows the fuzzer down more than it tells it
const LONGEST = 4096;

function* files(root, end) {
  if (!existsSync(root)) return;
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    if (entry.isFile() && entry.name.endsWith(end)) yield join(entry.parentPath ?? entry.path, entry.name);
  }
}

const yaml = ["policies", "tests/conformance", join(data, "kyverno-pod-security-cel")]
  .flatMap((root) => [...files(root, ".yaml")])
  .map((file) => readFileSync(file, "utf8"));

const cases = [...files(join(data, "cases"), ".cases.jsonl.gz")]
  .flatMap((file) => gunzipSync(readFileSync(file)).toString().split("\n"))
  .filter((line) => line !== "");

// Expressions: in backticks or quotes in the tests' tables, and in the cases.
const expressions = new Set();
for (const line of cases) {
  const { expr, policy } = JSON.parse(line);
  if (expr !== undefined) expressions.add(expr);
  const { validations = [], variables = [] } = policy?.spec ?? {};
  for (const { expression } of [...validations, ...variables]) expressions.add(expression);
}
for (const { expr } of JSON.parse(readFileSync("tests/bench/expressions.json", "utf8")).expressions) {
  expressions.add(expr);
}
for (const root of ["shared/cel/src", "shared/cel/tests"]) {
  for (const file of files(root, ".rs")) {
    const literal = /"((?:[^"\\\n]|\\.)*)"/g;
    for (const [, text] of readFileSync(file, "utf8").matchAll(literal)) {
      if (/[()[\]{}.?+]/.test(text)) expressions.add(text.replace(/\\(.)/g, "$1"));
    }
  }
}
expressions.delete(undefined);

// What was sent to a real API server, and the match constraints that it answered about.
function lines(file) {
  const path = join(data, file);
  return existsSync(path) ? gunzipSync(readFileSync(path)).toString().trim().split("\n").map((line) => JSON.parse(line)) : [];
}
const objects = () => lines("admitted-objects-1.36.2.jsonl.gz").map(({ input }) => JSON.stringify(input));
const policies = () => lines("live/matching.jsonl.gz").flatMap(({ bindings = {} }) => Object.values(bindings))
  .flatMap(({ matchConstraints, matchResources }) => [matchConstraints, matchResources].filter(Boolean))
  .map((matchConstraints) => JSON.stringify({ kind: "ValidatingAdmissionPolicy", spec: { matchConstraints } }));
const every = (list, step) => list.filter((_, at) => at % step === 0);

const asText = (text) => `\u0001${text}`;
const asCase = (expr) => JSON.stringify({ id: "a", mode: "cel", expr, object: { spec: { a: [1, "b"] } } });
const seeds = {
  parse: () => [...expressions],
  reparse: () => [...expressions],
  check: () => [...expressions].map(asText),
  evaluate: () => [...expressions].map(asText),
  // most cases are of the same shape: one in four is enough of them
  case: () => [...cases.filter((_, at) => at % 4 === 0), ...[...expressions].map(asCase)],
  yaml: () => yaml,
  admit: () => [...yaml, ...objects()],
  // a policy and an object, and the object or namespace beside it
  matching: () => [...new Set(policies())].flatMap((policy) =>
    every(objects(), 150).map((object) => `${policy}\n---\n${object}\n---\n${object}`)),
  convert: () => yaml,
};

if (!(target in seeds)) throw new Error(`no such target: ${target}`);
mkdirSync(folder, { recursive: true });
let count = 0;
for (const text of new Set(seeds[target]())) {
  if (text.length > LONGEST) continue;
  const name = createHash("sha1").update(text).digest("hex");
  writeFileSync(join(folder, name), text);
  count += 1;
}
console.error(`${count} seeds for ${target} in ${folder}`);
