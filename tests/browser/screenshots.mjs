// Makes docs/*.png: the page light and dark, wide and narrow.
//   make screenshots
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openPage, root, settled, startBrowser, startProgram } from "./harness.mjs";

const docs = join(root, "docs");
await mkdir(docs, { recursive: true });
const program = await startProgram();
const browser = await startBrowser();
try {
  for (const colorScheme of ["light", "dark"]) {
    const { page, context } = await openPage(browser, program.origin, "/", { colorScheme });
    await settled(page);
    await page.locator(".row-places .place").first().click();
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(docs, `playground-${colorScheme}.png`) });
    if (colorScheme === "light") {
      await page.getByRole("button", { name: "Share", exact: true }).click();
      await page.waitForFunction(() => document.querySelector('input[aria-label="Link"]')?.value.includes("#v1."));
      const link = await page.getByLabel("Link", { exact: true }).inputValue();
      const shared = await openPage(browser, program.origin, link.slice(program.origin.length));
      await shared.page.locator(".reason").first().waitFor();
      await shared.page.screenshot({ path: join(docs, "shared-light.png") });
      await shared.context.close();
      const bundle = await openPage(browser, program.origin, "/bundles/pod-security");
      await bundle.page.locator(".policies li").first().waitFor();
      await bundle.page.screenshot({ path: join(docs, "bundle-light.png") });
      await bundle.context.close();
    }
    await context.close();
    const narrow = await openPage(browser, program.origin, "/", { colorScheme, viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 });
    await settled(narrow.page);
    await narrow.page.screenshot({ path: join(docs, `narrow-${colorScheme}.png`) });
    await narrow.context.close();
  }
} finally {
  await browser.close();
  await program.stop();
}
