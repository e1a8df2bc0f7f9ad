// The playground in Chromium, against the real program.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  choose, done, openPage, openPlayground, root, sentence, settled, startBrowser, startProgram, type,
} from "./harness.mjs";

const example = (name) => readFile(join(root, "policies/examples", name), "utf8");
// The policy's own words, as anyone can read them in policies/.
const HOST_PATH = "HostPath volumes are not allowed: no volume in spec.volumes may have hostPath.";
const VOLUME_TYPES = "Only these types of volumes may be used: configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected and secret.";
// As kube-apiserver words a denial.
const denial = (name, message) => `ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: ${message}`;

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

const fresh = (options) => openPlayground(browser, program.origin, options);

const row = (page, name) => page.locator(".pane-verdict .row").filter({ has: page.getByText(name, { exact: true }) });
const names = (page, group) => page.locator(`.pane-verdict .group.${group} .row-name`).allTextContents();

test("the GeoIP Deployment is denied word for word, and allowed once its policies are excluded", async () => {
  const opened = await fresh();
  const { page } = opened;
  await choose(page, "Nothing");
  await choose(page, "MediaWiki without its exceptions");
  await page.getByRole("tab", { name: "Object", exact: true }).click();
  await type(page, "object", await example("echo.yaml"));
  await sentence(page).getByText("Deployment echo is created, its Pods are refused: 2 policies deny").waitFor();
  assert.deepEqual((await names(page, "denied")).sort(), ["disallow-host-path", "restrict-volume-types-restricted-volumes"]);
  for (const [name, message] of [["disallow-host-path", HOST_PATH], ["restrict-volume-types-restricted-volumes", VOLUME_TYPES]]) {
    const one = row(page, name);
    if ((await one.getAttribute("data-open")) !== "true") await one.locator(".row-head").click();
    assert.equal(await one.locator(".row-message").textContent(), message);
    assert.equal(await one.locator(".words").textContent(), denial(name, message));
  }
  for (const name of ["disallow-host-path", "restrict-volume-types-restricted-volumes"]) {
    await page.getByLabel("exclude a policy").selectOption(name);
    await page.locator(".chip", { hasText: name }).waitFor();
  }
  await page.locator(".pane-verdict .sentence.allowed").waitFor();
  await page.getByRole("tab", { name: "Namespace" }).click();
  const yaml = await page.locator(".pane-object .cm-content").innerText();
  assert.match(yaml, /policy\.vapwright\.dev\/disallow-host-path: exclude/);
  await page.getByLabel("disallow-host-path", { exact: true }).uncheck();
  await page.locator(".pane-verdict .sentence.denied").waitFor();
  assert.deepEqual(await names(page, "denied"), ["disallow-host-path"]);
  await done(opened);
});

test("the controls follow the YAML", async () => {
  const opened = await fresh();
  const { page } = opened;
  await page.getByRole("tab", { name: "Namespace" }).click();
  await type(page, "object", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n  labels:\n    policy.vapwright.dev/profile: baseline\n    policy.vapwright.dev/disallow-host-path: exclude\n");
  assert.equal(await page.getByRole("combobox", { name: "Profile", exact: true }).inputValue(), "baseline");
  assert.equal(await page.getByLabel("disallow-host-path", { exact: true }).isChecked(), true);
  await page.locator(".pane-verdict .sentence.allowed").waitFor();
  await done(opened);
});

test("a place link puts the cursor on the place, and a mark in the margin leads back", async () => {
  const opened = await fresh();
  const { page } = opened;
  await row(page, "disallow-host-path").locator(".row-places .place").first().click();
  const line = page.locator(".pane-object .cm-activeLine");
  assert.match(await line.textContent(), /hostPath:/);
  await row(page, "disallow-host-path").getByRole("button", { name: /validations\[0\]/ }).click();
  assert.match(await page.locator(".pane-policies .file[aria-current]").textContent(), /disallow-host-path\.yaml/);
  assert.equal(await page.evaluate(() => document.activeElement?.closest(".pane-policies") !== null), true);
  await row(page, "disallow-host-path").locator(".row-head").click();
  await page.locator(".pane-object .sign-denied").first().click();
  await page.locator(".row[data-open=true]").waitFor();
  await done(opened);
});

test("a link carries everything and opens in the playground", async () => {
  const opened = await fresh();
  const { page } = opened;
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const link = page.getByLabel("Link", { exact: true });
  await page.waitForFunction(() => document.querySelector('input[aria-label="Link"]')?.value.includes("#v1."));
  const url = await link.inputValue();
  await page.getByRole("button", { name: "Make a short link" }).click();
  const short = await page.getByLabel("Short link").inputValue();
  assert.match(short, /\/x\/[^/]+$/);
  for (const address of [url, short]) {
    const other = await openPage(browser, program.origin, address.slice(program.origin.length));
    await other.page.getByRole("heading", { level: 1, name: /Pods are refused: 2 policies deny/ }).waitFor();
    await other.page.locator(".reason-message", { hasText: HOST_PATH }).waitFor();
    await other.page.getByRole("button", { name: "Open in the playground" }).click();
    await settled(other.page);
    await sentence(other.page).getByText("Deployment echo is created, its Pods are refused").waitFor();
    await done(other);
  }
  await done(opened);
});

test("what looks like a secret is made empty in a link unless a person says otherwise", async () => {
  const opened = await fresh();
  const { page } = opened;
  await choose(page, "Nothing");
  await type(page, "object", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  key: aHVudGVyMg==\n");
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await page.getByText("A value looks like a secret").waitFor();
  await page.waitForFunction(() => document.querySelector('input[aria-label="Link"]')?.value.includes("#v1."));
  const unpack = (url) => page.evaluate((url) => window.vapwright.unpack(url.split("#v1.")[1]), url);
  const blanked = await page.getByLabel("Link", { exact: true }).inputValue();
  assert.doesNotMatch(await unpack(blanked), /aHVudGVyMg/);
  await page.getByLabel("Make them empty in the link").uncheck();
  await page.waitForFunction((before) => document.querySelector('input[aria-label="Link"]').value !== before, blanked);
  assert.match(await unpack(await page.getByLabel("Link", { exact: true }).inputValue()), /aHVudGVyMg/);
  await done(opened);
});

test("a script in a pasted message does not run", async () => {
  const opened = await fresh();
  const { page } = opened;
  await choose(page, "Nothing");
  const bad = `<img src=x onerror="window.hit=1"><script>window.hit=1</script>`;
  await page.getByRole("button", { name: "New policy" }).click();
  await type(page, "policies", `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: loud
spec:
  matchConstraints:
    resourceRules:
    - apiGroups: [""]
      apiVersions: ["v1"]
      operations: ["CREATE"]
      resources: ["configmaps"]
  validations:
  - expression: "false"
    message: '${bad}'
`);
  await type(page, "object", `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n`);
  await page.locator(".pane-verdict .sentence.denied").waitFor();
  assert.equal(await row(page, "loud").locator(".row-message").textContent(), bad);
  assert.equal(await page.locator("main img, main script").count(), 0);
  assert.equal(await page.evaluate(() => window.hit), undefined);
  await done(opened);
});

test("an update is compared with the object as it is stored", async () => {
  const opened = await fresh();
  const { page } = opened;
  await choose(page, "Nothing");
  await page.getByRole("button", { name: "New policy" }).click();
  await type(page, "policies", `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: same
spec:
  matchConstraints:
    resourceRules:
    - apiGroups: [""]
      apiVersions: ["v1"]
      operations: ["UPDATE"]
      resources: ["configmaps"]
  validations:
  - expression: object.data.a == oldObject.data.a
`);
  const map = (value) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  a: "${value}"\n`;
  await type(page, "object", map("new"));
  await page.getByRole("tab", { name: "Request" }).click();
  assert.equal(await page.locator(".pane-object .cm-content").count(), 0);
  await page.getByLabel("Operation").selectOption("UPDATE");
  await page.locator(".pane-verdict .group.allowed").waitFor();
  await type(page, "object", map("old"));
  await sentence(page).getByText("1 policy denies").waitFor();
  await page.reload();
  await settled(page);
  await page.getByRole("tab", { name: "Request" }).click();
  assert.match(await page.locator(".pane-object .cm-content").innerText(), /a: "old"/);
  await page.getByLabel("Operation").selectOption("CREATE");
  await sentence(page).getByText("ConfigMap m is created").waitFor();
  await done(opened);
});

test("a mutating policy's change is shown, and the object as validating policies see it", async () => {
  const opened = await fresh();
  const { page } = opened;
  await choose(page, "Nothing");
  await page.getByRole("button", { name: "New policy" }).click();
  await type(page, "policies", `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata:
  name: team
spec:
  matchConstraints:
    resourceRules:
    - apiGroups: [""]
      apiVersions: ["v1"]
      operations: ["CREATE"]
      resources: ["configmaps"]
  failurePolicy: Fail
  reinvocationPolicy: Never
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: '[JSONPatch{op: "add", path: "/data", value: {"team": "web"}}]'
`);
  await type(page, "object", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\n");
  const mutations = page.locator(".mutations");
  await mutations.getByText('add /data: {"team":"web"}').waitFor();
  await page.getByRole("tab", { name: "admitted" }).click();
  await page.locator(".output").getByText(/^data:\n  team: web$/m).waitFor();
  await done(opened);
});

test("who sends a Deployment is warned at once, where a person wants that", async () => {
  const opened = await fresh();
  const { page } = opened;
  await choose(page, "Nothing");
  await choose(page, "MediaWiki without its exceptions");
  await page.getByRole("tab", { name: /^Generated VAPs/ }).click();
  await page.getByLabel("Workloads").selectOption("warned of at once");
  await page.locator(".output").getByText(
    "Warning: Validation failed for ValidatingAdmissionPolicy 'autogen-disallow-host-path' with binding 'autogen-disallow-host-path': " + HOST_PATH,
  ).waitFor();
  await sentence(page).getByText("its Pods are refused").waitFor();
  await page.getByLabel("Workloads").selectOption("denied at once");
  await sentence(page).getByText("is refused").waitFor();
  await done(opened);
});

test("what other ways to enforce policies would answer stands side by side", async () => {
  const opened = await fresh();
  const { page } = opened;
  await choose(page, "Nothing");
  await choose(page, "MediaWiki without its exceptions");
  await page.getByRole("tab", { name: "compared" }).click();
  const said = page.locator(".compared dd");
  await said.nth(3).waitFor();
  assert.deepEqual(await page.locator(".compared dt").evaluateAll((all) => all.map((one) => one.firstChild.data)), [
    "Pod Security admission", "Admission policies", "Admission policies, fail fast", "Kyverno's webhook",
  ]);
  await said.nth(2).getByText(`Warning: Validation failed for ValidatingAdmissionPolicy 'autogen-disallow-host-path' with binding 'autogen-disallow-host-path': ${HOST_PATH}`).waitFor();
  await said.nth(3).getByText(/^admission webhook "validate\.kyverno\.svc-fail" denied the request/).waitFor();
  await done(opened);
});

test("an API server may be set not to let containers be privileged", async () => {
  const opened = await fresh();
  const { page } = opened;
  await choose(page, "Nothing");
  await type(page, "object", `apiVersion: v1
kind: Pod
metadata:
  name: p
spec:
  containers:
  - name: main
    image: nginx
    securityContext: {privileged: true}
`);
  await sentence(page).getByText("Pod p is created").waitFor();
  await page.getByRole("tab", { name: "Request" }).click();
  await page.getByLabel("lets containers be privileged").uncheck();
  // as a kube-apiserver without --allow-privileged words it
  await page.locator(".output").getByText(/spec\.containers\[0\]\.securityContext\.privileged: Forbidden: disallowed by cluster policy/).waitFor();
  await done(opened);
});

test("Pod Security admission speaks beside the policies where labels ask for it", async () => {
  const opened = await fresh();
  const { page } = opened;
  assert.equal(await page.locator(".pod-security").count(), 0);
  await choose(page, "Pod Security admission beside the policies");
  const says = page.locator(".pod-security .row");
  // the words of k8s.io/pod-security-admission
  const reason = 'volume "geoip" uses restricted volume type "hostPath"';
  await says.filter({ hasText: "Deployment" })
    .getByText(`Warning: would violate PodSecurity "restricted:latest": restricted volume types (${reason})`).waitFor();
  await says.filter({ has: page.locator(".tag", { hasText: /^Pod$/ }) })
    .getByText(/violates PodSecurity "baseline:latest": hostPath volumes \(volume "geoip"\)$/).waitFor();
  await done(opened);
});

test("broken YAML is underlined and listed, and the next edit is answered", async () => {
  const opened = await fresh();
  const { page } = opened;
  await type(page, "object", "apiVersion: v1\nkind: Pod\n  metadata: [\n");
  await page.locator(".problem.error").first().waitFor();
  await page.locator(".pane-object .cm-lintRange-error").first().waitFor({ state: "attached" });
  await type(page, "object", await example("echo.yaml"));
  await sentence(page).getByText("its Pods are refused: 2 policies deny").waitFor();
  assert.equal(await page.locator(".problem").count(), 0);
  await done(opened);
});

test("thousands of brackets and a large paste are answered in bounded time", async () => {
  const opened = await fresh();
  const { page } = opened;
  await choose(page, "Nothing");
  // how far the editor gets with one depends on the machine's speed: several
  const nested = [600, 2_000, 5_000, 10_000].flatMap((depth) => ["[".repeat(depth), "- ".repeat(depth)]);
  const large = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "${"x".repeat(5_000_000)}"\n`;
  for (const text of [...nested, large]) {
    await type(page, "object", text);
    await settled(page);
    await page.locator(".pane-verdict .sentence").waitFor();
  }
  await type(page, "object", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: after\n");
  await sentence(page).getByText("ConfigMap after").waitFor();
  await done(opened);
});

test("a new visitor's first verdict does without the rest of the program, until the page is touched", async () => {
  const { page, context, faults } = await openPage(browser, program.origin, "/healthz");
  const asked = [];
  context.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(program.origin);
  await settled(page);
  await page.waitForLoadState("networkidle");
  const modules = () => new Set(asked.filter((path) => path.endsWith(".wasm")));
  assert.equal(modules().size, 1, [...modules()].join());
  const rest = page.waitForRequest(/vapwright-rest-/);
  await page.keyboard.press("Tab");
  await rest;
  assert.equal(modules().size, 2, [...modules()].join());
  await done({ page, context, faults });
});

test("it works with the server gone, and what was typed survives a reload", async () => {
  const opened = await fresh();
  const { page, context } = opened;
  // the first touch has the rest of the program fetched
  const rest = page.waitForResponse(/vapwright-rest-/);
  await page.mouse.move(200, 200);
  await (await rest).finished();
  await context.setOffline(true);
  await type(page, "object", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: offline\n");
  await sentence(page).getByText("ConfigMap offline").waitFor();
  await context.setOffline(false);
  await page.reload();
  await settled(page);
  assert.match(await page.locator(".pane-object .cm-content").innerText(), /name: offline/);
  await page.getByRole("button", { name: "Examples", exact: true }).click();
  await page.getByRole("option", { name: /Start afresh/ }).click();
  await sentence(page).getByText("its Pods are refused: 2 policies deny").waitFor();
  await page.getByRole("button", { name: "Bring it back" }).click();
  await sentence(page).getByText("ConfigMap offline").waitFor();
  await done(opened);
});

test("line numbers stand beside their lines", async () => {
  for (const reducedMotion of ["reduce", "no-preference"]) {
    const opened = await fresh({ reducedMotion });
    for (const pane of ["policies", "object"]) {
      const tops = await opened.page.locator(`.pane-${pane} .cm-editor`).evaluate((editor) => {
        const top = (element) => Math.round(element.getBoundingClientRect().top);
        const shown = (element) => element.clientHeight > 0;
        return {
          numbers: [...editor.querySelectorAll(".cm-lineNumbers .cm-gutterElement")].filter(shown).map(top),
          lines: [...editor.querySelectorAll(".cm-line")].map(top),
        };
      });
      assert.ok(tops.lines.length > 20);
      assert.deepEqual(tops.numbers, tops.lines, `${pane}, motion: ${reducedMotion}`);
    }
    await done(opened);
  }
});

test("everything by keyboard", async () => {
  const opened = await fresh();
  const { page } = opened;
  for (const [key, pane] of [["Alt+1", "policies"], ["Alt+2", "object"], ["Alt+3", "verdict"]]) {
    await page.keyboard.press(key);
    await page.waitForFunction((pane) => document.activeElement?.closest(`.pane-${pane}`), pane);
  }
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("mediawiki namespace");
  await page.keyboard.press("Enter");
  await page.locator(".pane-verdict .sentence.allowed").waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const splitter = page.getByRole("separator").first();
  await splitter.focus();
  const width = () => page.locator(".pane-policies").evaluate((pane) => pane.clientWidth);
  const before = await width();
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction((before) => document.querySelector(".pane-policies").clientWidth < before, before);
  await done(opened);
});

test("on a narrow screen there are tabs, and the sentence stays", async () => {
  const opened = await openPage(browser, program.origin, "/", { viewport: { width: 390, height: 800 }, colorScheme: "dark" });
  const { page } = opened;
  const line = page.locator(".narrow-top .sentence");
  for (const [tab, pane] of [["Policies", "policies"], ["Object", "object"], ["Verdict", "verdict"]]) {
    await page.locator(".narrow-top").getByRole("tab", { name: tab }).click();
    assert.equal(await page.locator(`.pane-${pane}`).isVisible(), true);
    assert.equal(await page.locator(".desk > .pane:visible").count(), 1);
    await line.getByText("its Pods are refused").waitFor();
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `nothing sticks out: ${wide}`);
  await done(opened);
});

test("light and dark are the system's until a person chooses", async () => {
  const opened = await fresh({ colorScheme: "dark" });
  const { page } = opened;
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await page.getByRole("button", { name: "Light theme" }).click();
  await page.waitForFunction((dark) => getComputedStyle(document.body).backgroundColor !== dark, dark);
  const light = await ground();
  await page.reload();
  await settled(page);
  assert.equal(await ground(), light);
  await done(opened);
});

test("a person's choice has the same colours as the system's", async () => {
  const tokens = (page) =>
    page.evaluate(() => {
      const style = getComputedStyle(document.documentElement);
      const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
      const names = rules.filter((rule) => rule.selectorText === ":root").flatMap((rule) => [...rule.style]);
      return Object.fromEntries([...names, "color-scheme"].map((name) => [name, style.getPropertyValue(name)]));
    });
  const found = {};
  for (const [system, other] of [["light", "dark"], ["dark", "light"]]) {
    const opened = await fresh({ colorScheme: system });
    found[system] = await tokens(opened.page);
    await opened.page.getByRole("button", { name: `${other === "dark" ? "Dark" : "Light"} theme` }).click();
    await opened.page.waitForFunction((other) => document.documentElement.dataset.theme === other, other);
    found[`${other} by choice`] = await tokens(opened.page);
    await done(opened);
  }
  assert.ok(Object.keys(found.light).length > 30);
  assert.notDeepEqual(found.light, found.dark);
  assert.deepEqual(found["dark by choice"], found.dark);
  assert.deepEqual(found["light by choice"], found.light);
});

test("the catalogue says what is in a bundle and how to install it", async () => {
  const opened = await openPage(browser, program.origin, "/bundles");
  const { page } = opened;
  await page.getByRole("link", { name: "pod-security" }).click();
  await page.getByText(/kubectl apply .*\/api\/v1\/bundles\/pod-security\/[0-9.]+\/install\.yaml/).first().waitFor();
  await page.getByText(/^sha256:[0-9a-f]{64}$/).first().waitFor();
  await page.getByText("Disallow Host Path", { exact: false }).first().waitFor();
  const missing = await openPage(browser, program.origin, "/bundles/none");
  await missing.page.getByText("This bundle cannot be shown").waitFor();
  await missing.context.close();
  await done(opened);
});
