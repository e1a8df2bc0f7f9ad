// Starts the real program with an empty store and Chromium, and watches what a page may not do:
// leave its origin, break its Content-Security-Policy, write errors to the console.
import { chromium } from "playwright-core";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

const candidates = [process.env.VAPWRIGHT, join(root, "target/release/vapwright"), join(root, "target/debug/vapwright")];
const browsers = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

function first(paths, what) {
  const found = paths.find((path) => path && existsSync(path));
  if (!found) throw new Error(`${what} is missing: run \`make test-browser\`, which builds and installs it`);
  return found;
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// The program with the shipped bundle; `stop` ends it.
export async function startProgram() {
  const store = await mkdtemp(join(tmpdir(), "vapwright-"));
  const address = `127.0.0.1:${await freePort()}`;
  const program = spawn(
    first(candidates, "the program"),
    ["serve", "--listen", address, "--store", store, "--publish", join(root, "policies/bundle.yaml")],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let log = "";
  program.stderr.on("data", (data) => (log += data));
  const ended = new Promise((resolve) => program.on("exit", resolve));
  const origin = `http://${address}`;
  const deadline = Date.now() + 20_000;
  for (;;) {
    const up = await fetch(`${origin}/healthz`).then((answer) => answer.ok, () => false);
    if (up) break;
    if (Date.now() > deadline || program.exitCode !== null) throw new Error(`the program does not answer:\n${log}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    origin,
    async stop() {
      program.kill();
      await ended;
      await rm(store, { recursive: true, force: true });
    },
  };
}

export function startBrowser(flags = []) {
  return chromium.launch({
    executablePath: first(browsers, "Chromium"),
    args: [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync", ...flags,
    ],
  });
}

// A page in a context of its own, with what it did wrong in `faults`.
export async function openPage(browser, origin, path = "/", options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    reducedMotion: "reduce",
    ...options,
  });
  const faults = [];
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("data:") && !url.startsWith("blob:")) faults.push(`left the origin: ${url}`);
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    // CodeMirror says so of a line of megabytes, and copes
    if (message.text().startsWith("Measure loop restarted")) return;
    if (["error", "warning"].includes(message.type())) faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(origin + path);
  return { page, faults, context };
}

// The playground with its first verdict.
export async function openPlayground(browser, origin, options) {
  const opened = await openPage(browser, origin, "/", options);
  await settled(opened.page);
  return opened;
}

// Ends a page that did nothing wrong but what `expected` says.
export async function done({ context, faults }, ...expected) {
  assert.deepEqual(faults.filter((fault) => !expected.some((text) => fault.includes(text))), []);
  await context.close();
}

// Chooses an example by its title.
export async function choose(page, title) {
  await page.getByRole("button", { name: "Examples", exact: true }).click();
  await page.getByRole("option", { name: title }).first().click();
  await settled(page);
}

export const sentence = (page) => page.locator(".pane-verdict .sentence");

// Waits until the verdict answers what is on the screen.
export async function settled(page) {
  await page.locator('.pane-verdict .sentence[aria-busy="false"]').waitFor({ state: "attached" });
}

// Puts text in place of an editor's.
export async function type(page, pane, text) {
  const content = page.locator(`.pane-${pane} .cm-content`);
  await content.click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.keyboard.press("ControlOrMeta+V");
}
