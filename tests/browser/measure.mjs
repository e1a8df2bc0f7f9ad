// Measures the first load in Chromium on loopback: bytes as transferred, and the time from
// navigation to the first verdict, by the page's own clock. Run it against a release build.
import { openPage, startBrowser, startProgram } from "./harness.mjs";

const RUNS = 9;

// Notes when the verdict first stands in the page.
function watch() {
  const seen = new MutationObserver(() => {
    if (!document.querySelector('.pane-verdict .sentence.denied[aria-busy="false"]')) return;
    seen.disconnect();
    window.firstVerdict = performance.now();
  });
  seen.observe(document, { subtree: true, childList: true, attributes: true });
}

const program = await startProgram();
// Chromium draws its address bar's popup as a page of its own for each new window, in the time in
// which ours loads. A person's browser did that long ago.
const browser = await startBrowser([
  "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
]);
try {
  const times = [];
  let files = [];
  for (let run = 0; run < RUNS; run++) {
    const { page, context } = await openPage(browser, program.origin, "/healthz");
    await page.addInitScript(watch);
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    files = [];
    const urls = new Map();
    session.on("Network.responseReceived", ({ requestId, response }) => urls.set(requestId, response.url));
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => files.push([urls.get(requestId), encodedDataLength]));
    await page.goto(program.origin, { waitUntil: "commit" });
    const verdict = await page.waitForFunction(() => window.firstVerdict);
    times.push(await verdict.jsonValue());
    await page.waitForLoadState("networkidle");
    await context.close();
  }
  times.sort((a, b) => a - b);
  let total = 0;
  for (const [url, bytes] of files) {
    total += bytes;
    console.log(`${String(Math.round(bytes)).padStart(9)}  ${new URL(url).pathname}`);
  }
  console.log(`${String(Math.round(total)).padStart(9)}  bytes in all`);
  console.log(`first verdict: median ${Math.round(times[RUNS >> 1])} ms, best ${Math.round(times[0])} ms of ${RUNS}`);
} finally {
  await browser.close();
  await program.stop();
}
