// Writes frontend/rest.txt anew: runs the page in Chromium with a program in which every function
// says that it was called, until the first verdict stands, and lists what was not called.
// Run it against a release build (`make first-load`).
import binaryen from "binaryen";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LIST, beginnings, functions, plain, read } from "../../scripts/split-page.mjs";
import { openPage, root, startBrowser, startProgram } from "./harness.mjs";

// A rule of fewer bytes than this does not pay for its line.
const SMALLEST = 40;

const HEAD = `# What the page's first verdict does not need, as beginnings of functions' names: scripts/split-page.mjs
# puts these into a module of their own. Written by \`make first-load\`.
`;

// How a person may see the page first.
const VISITS = [
  {},
  { viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true },
];

const whole = await readFile(join(root, "target/page/whole.wasm"));
const names = [];
const instrumented = instrument();
const boot = await readFile(join(root, "dist", (await readdir(join(root, "dist"))).find((name) => name.startsWith("boot-"))), "utf8");

function instrument() {
  const module = read(whole);
  const own = functions(module).filter(({ module }) => !module);
  module.addFunctionImport("called", "rest", "called", binaryen.i32, binaryen.none);
  for (const { name, body, results } of own) {
    const call = module.call("called", [module.i32.const(names.push(name) - 1)], binaryen.none);
    binaryen.Function(module.getFunction(name)).setBody(module.block(null, [call, body], results));
  }
  return Buffer.from(module.emitBinary());
}

// In page and worker: notes what is called.
const NOTE = `{
  const { instantiate } = WebAssembly;
  const seen = self.vapwrightCalled = new Set();
  WebAssembly.instantiate = (module, { rest, ...imports }) =>
    instantiate.call(WebAssembly, module, { ...imports, rest: { ...rest, called: (index) => seen.add(index) } });
}
`;

async function visit(browser, origin, options) {
  const { page, context } = await openPage(browser, origin, "/healthz", options);
  await context.route("**/boot-*.js", (route) => route.fulfill({ contentType: "text/javascript", body: NOTE + boot }));
  await context.route("**/*.wasm", (route) => route.fulfill({ contentType: "application/wasm", body: instrumented }));
  await page.goto(origin, { waitUntil: "commit" });
  await page.waitForSelector('.sentence.denied[aria-busy="false"]', { state: "attached", timeout: 120_000 });
  await page.waitForLoadState("networkidle");
  const called = await Promise.all([page, ...page.workers()].map((context) => context.evaluate(() => [...self.vapwrightCalled])));
  await context.close();
  return called.flat();
}

const called = new Set();
const program = await startProgram();
const browser = await startBrowser();
try {
  for (const options of VISITS) for (const index of await visit(browser, program.origin, options)) called.add(plain(names[index]));
} finally {
  await browser.close();
  await program.stop();
}

// Numbers of closures change with the code around them, those of functions without a name with any.
const isLasting = (rule) => !/^\d|#\d/.test(rule);

// The shortest beginnings that no called function's name has.
const taken = new Set([...called].flatMap((name) => [...beginnings(name)]));
const rules = new Map();
for (const [name, size] of sizes()) {
  const rule = [...beginnings(plain(name))].find((beginning) => !taken.has(beginning));
  if (rule && isLasting(rule)) rules.set(rule, (rules.get(rule) ?? 0) + size);
}
const listed = [...rules].filter(([, size]) => size >= SMALLEST).map(([rule]) => rule).sort();
await writeFile(LIST, `${HEAD}${listed.join("\n")}\n`);
const rest = listed.reduce((sum, rule) => sum + rules.get(rule), 0);
console.log(`${called.size} of ${names.length} functions were called; ${listed.length} lines of frontend/rest.txt stand for ${rest} bytes`);

// Each function's name and the bytes of its code: what a module without it has less.
function* sizes() {
  for (const [index, size] of codeSizes().entries()) yield [names[index], size];
}

// The sizes of the bodies in the code section, in the order of the functions.
function codeSizes() {
  let at = 8;
  const leb = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = whole[at++];
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  for (;;) {
    const section = whole[at++];
    const size = leb();
    if (section === 10) break;
    at += size;
  }
  return Array.from({ length: leb() }, () => {
    const size = leb();
    at += size;
    return size;
  });
}
