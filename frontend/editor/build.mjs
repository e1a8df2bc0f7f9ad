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

// The dark theme is written once, for a system that is dark. `light-dark()` would serve a person's
// choice too, but is younger than the browsers that the page promises to work in.
const bySystem = /@media \(prefers-color-scheme: dark\) \{\s*:root:not\(\[data-theme="light"\]\) (\{[^}]*\})\s*\}/;
const darkByChoice = {
  name: "dark-by-choice",
  setup(build) {
    build.onLoad({ filter: /tokens\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const dark = bySystem.exec(css);
      if (!dark) throw new Error(`${path}: there is no dark theme of the form that is repeated`);
      return { contents: `${css}\n:root[data-theme="dark"] ${dark[1]}\n`, loader: "css" };
    });
  },
};

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
  plugins: [darkByChoice],
  write: false,
});

for (const file of outputFiles) {
  const path = join(out, basename(file.path));
  const before = await readFile(path).catch(() => null);
  if (!before || !before.equals(Buffer.from(file.contents))) await writeFile(path, file.contents);
}
