// Bundles the page's scripts and styles into target/page/, where Trunk picks them up and puts a
// hash of their content into their names. A file is written only when it changed, so that a build
// that changes nothing stays a build that does nothing.
import { build } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const out = join(root, "target/page");
await mkdir(out, { recursive: true });

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: {
    editor: "frontend/editor/main.js",
    boot: "frontend/shell/boot.js",
    early: "frontend/shell/early.js",
    style: "frontend/css/style.css",
  },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome115", "firefox115", "safari16.4"],
  legalComments: "none",
  write: false,
});

for (const file of outputFiles) {
  const path = join(out, basename(file.path));
  const before = await readFile(path).catch(() => null);
  if (!before || !before.equals(Buffer.from(file.contents))) await writeFile(path, file.contents);
}
