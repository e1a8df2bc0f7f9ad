// Files dropped on the editors, through the browser's own input.
import assert from "node:assert/strict";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { choose, done, openPlayground, sentence, startBrowser, startProgram } from "./harness.mjs";

let program;
let browser;
let folder;

before(async () => {
  program = await startProgram();
  browser = await startBrowser();
  folder = await mkdtemp(join(tmpdir(), "vapwright-"));
});
after(async () => {
  await browser?.close();
  await program?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function file(name, text) {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

// Drags files from outside over a place of the page and lets them fall.
async function drop(page, locator, files) {
  const session = await page.context().newCDPSession(page);
  const box = await locator.boundingBox();
  const at = { x: box.x + box.width / 2, y: box.y + Math.min(box.height / 2, 60) };
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const kind of ["dragEnter", "dragOver", "drop"]) {
    await session.send("Input.dispatchDragEvent", { type: kind, ...at, data });
  }
  await session.detach();
}

const configMap = (name) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
const policy = (name) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: ${name}
spec:
  matchConstraints:
    resourceRules:
    - apiGroups: [""]
      apiVersions: ["v1"]
      operations: ["CREATE"]
      resources: ["configmaps"]
  validations:
  - expression: object.metadata.name != 'dropped'
`;
const files = (page) => page.locator(".pane-policies .file-text").allTextContents();

test("an object dropped on its editor takes the place of what was there", async () => {
  const opened = await openPlayground(browser, program.origin);
  const { page } = opened;
  await drop(page, page.locator(".pane-object .cm-content"), [await file("one.yaml", configMap("dropped"))]);
  await sentence(page).getByText("ConfigMap dropped").waitFor();
  assert.equal((await page.locator(".pane-object .cm-content").innerText()).trimEnd(), configMap("dropped").trimEnd());
  // the browser itself does not open it
  assert.equal(new URL(page.url()).origin, program.origin);
  // and it can be undone
  await page.locator(".pane-object .cm-content").click();
  await page.keyboard.press("ControlOrMeta+Z");
  await sentence(page).getByText("Deployment echo").waitFor();
  await done(opened);
});

test("several objects dropped at once are one stream", async () => {
  const opened = await openPlayground(browser, program.origin);
  const { page } = opened;
  const paths = [await file("a.yaml", configMap("first")), await file("b.yaml", configMap("second"))];
  await drop(page, page.locator(".pane-object .cm-content"), paths);
  await page.getByRole("region", { name: "ConfigMap first" }).waitFor();
  await page.getByRole("region", { name: "ConfigMap second" }).waitFor();
  await done(opened);
});

test("policies dropped on their editor are added to those that are there", async () => {
  const opened = await openPlayground(browser, program.origin);
  const { page } = opened;
  await choose(page, "Nothing");
  await drop(page, page.locator(".pane-object .cm-content"), [await file("one.yaml", configMap("dropped"))]);
  await page.getByRole("button", { name: "New policy" }).click();
  const before = await files(page);
  const paths = [await file("first.yaml", policy("p")), await file("second.yaml", policy("q"))];
  await drop(page, page.locator(".pane-policies .cm-content"), paths);
  await page.locator('.pane-policies .file[aria-current="true"]').getByText("second.yaml").waitFor();
  assert.deepEqual(await files(page), [...before, "first.yaml", "second.yaml"]);
  await sentence(page).getByText("2 policies deny").waitFor();
  await done(opened);
});

test("a file that is too large is refused in words", async () => {
  const opened = await openPlayground(browser, program.origin);
  const { page } = opened;
  const large = await file("large.yaml", "");
  await truncate(large, 17 * 1024 * 1024);
  await drop(page, page.locator(".pane-object .cm-content"), [large]);
  await page.getByText("large.yaml is larger than 16 MB").waitFor();
  await sentence(page).getByText("Deployment echo").waitFor();
  await done(opened);
});
