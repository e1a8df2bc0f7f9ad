// The evaluator's worker in Chromium: it can be stopped, it can break down, and the page goes on.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { choose, done, openPlayground, sentence, startBrowser, startProgram, type } from "./harness.mjs";

let program;
let browser;

before(async () => {
  program = await startProgram();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

const numbers = (count) => Array.from({ length: count }, (_, index) => index);

// Six loops in each other over ten entries go on until the expression's cost limit ends them; ten
// such expressions spend a policy's budget; sixty policies take the better part of a minute.
const LOOPS = numbers(6).reduceRight((inner, depth) => `object.data.all(k${depth}, ${inner})`, "true");
const LONG = numbers(60)
  .map((policy) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: long-${policy}
spec:
  matchConstraints:
    resourceRules:
    - apiGroups: [""]
      apiVersions: ["v1"]
      operations: ["CREATE"]
      resources: ["configmaps"]
  validations:
${numbers(10).map(() => `  - expression: ${LOOPS}\n`).join("")}`)
  .join("---\n");
const configMap = (name, entries) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${numbers(entries).map((key) => `  k${key}: v\n`).join("")}`;
const SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: after\n";

// The playground with no policy and a small object.
async function empty() {
  const opened = await openPlayground(browser, program.origin);
  await choose(opened.page, "Nothing");
  await type(opened.page, "object", configMap("before", 10));
  await sentence(opened.page).getByText("ConfigMap before").waitFor();
  return opened;
}

function worker(page) {
  const workers = page.workers();
  assert.equal(workers.length, 1);
  return workers[0];
}

test("a long evaluation is stopped by its button, and the page goes on", async () => {
  const opened = await empty();
  const { page } = opened;
  await page.getByRole("button", { name: "New policy" }).click();
  await type(page, "policies", LONG);
  const stop = page.getByRole("button", { name: "Stop", exact: true });
  for (const next of ["Evaluate again", null]) {
    await stop.waitFor();
    // what was shown before is not the answer
    assert.equal(await page.locator('.pane-verdict .sentence[aria-busy="true"]').count(), 1);
    const ended = worker(page).waitForEvent("close");
    await stop.click();
    await sentence(page).getByText("The evaluation was stopped.").waitFor();
    await ended;
    assert.equal(await stop.count(), 0);
    assert.equal(await page.locator(".pane-verdict .row").count(), 0);
    if (next) await page.getByRole("button", { name: next }).first().click();
  }
  await type(page, "object", SECRET);
  await sentence(page).getByText("Secret after").waitFor();
  await page.locator('.pane-verdict .sentence[aria-busy="false"]').waitFor();
  await done(opened);
});

test("typing on ends a long evaluation too", async () => {
  const opened = await empty();
  const { page } = opened;
  await page.getByRole("button", { name: "New policy" }).click();
  await type(page, "policies", LONG);
  await page.getByRole("button", { name: "Stop", exact: true }).waitFor();
  const ended = worker(page).waitForEvent("close");
  await type(page, "object", SECRET);
  await ended;
  await sentence(page).getByText("Secret after").waitFor();
  await done(opened);
});

// What a panic of the program does in the worker: it says why, then the machine stops. The bytes
// are a module whose only function is `unreachable`.
const TRAP = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11,
];
const breakDown = (page, says) =>
  worker(page).evaluate(([bytes, says]) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)));
    self.onmessage = () => {
      if (says) self.postMessage(["panic", says]);
      exports.f();
    };
  }, [TRAP, says]);

test("an evaluator that breaks down is said to, and the next edit is answered", async () => {
  const opened = await empty();
  const { page } = opened;
  for (const [says, shown] of [["the ground opened", "the ground opened"], [null, "RuntimeError: unreachable"]]) {
    await breakDown(page, says);
    await type(page, "object", configMap("lost", 1));
    const line = sentence(page).filter({ hasText: "Evaluator failed" });
    await line.getByText("The evaluator broke down and was started anew").waitFor();
    assert.match(await line.textContent(), new RegExp(shown));
    // nothing of the answer before is left on the screen
    assert.equal(await page.locator(".pane-verdict .row").count(), 0);
    await type(page, "object", SECRET);
    await sentence(page).getByText("Secret after").waitFor();
    await breakDown(page, says);
    await type(page, "object", configMap("lost", 2));
    await page.getByRole("button", { name: "Evaluate again" }).first().click();
    await sentence(page).getByText("ConfigMap lost").waitFor();
  }
  await done(opened, "unreachable");
});

test("an evaluator that vanishes without a word does not hold up the page", async () => {
  const opened = await empty();
  const { page } = opened;
  const ended = worker(page).waitForEvent("close");
  await worker(page).evaluate(() => self.close());
  await ended;
  await type(page, "object", configMap("lost", 1));
  await page.getByRole("button", { name: "Stop", exact: true }).waitFor();
  await type(page, "object", SECRET);
  await sentence(page).getByText("Secret after").waitFor();
  await done(opened);
});
