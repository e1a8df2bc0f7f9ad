// Measures the first load in Chromium on loopback: bytes as transferred, and the time from
// navigation to the first verdict. Run it against a release build.
import { openPage, startBrowser, startProgram } from "./harness.mjs";

const RUNS = 7;
const program = await startProgram();
const browser = await startBrowser();
try {
  const times = [];
  let files = [];
  for (let run = 0; run < RUNS; run++) {
    const { page, context } = await openPage(browser, program.origin, "/healthz");
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    files = [];
    const urls = new Map();
    session.on("Network.responseReceived", ({ requestId, response }) => urls.set(requestId, response.url));
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => files.push([urls.get(requestId), encodedDataLength]));
    const start = performance.now();
    await page.goto(program.origin, { waitUntil: "commit" });
    await page.locator('.pane-verdict .sentence.denied[aria-busy="false"]').waitFor();
    times.push(performance.now() - start);
    await page.waitForTimeout(200);
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
