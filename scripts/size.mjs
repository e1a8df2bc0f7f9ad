// Prints the sizes of the modules that scripts/size.sh built, and the engine's share.
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

const [folder] = process.argv.slice(2);
const sizes = (name) => {
  const bytes = readFileSync(`${folder}/${name}/module.wasm`);
  const packed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  return [bytes.length, packed.length];
};
const empty = sizes("empty");
const row = (text, numbers) =>
  console.log(text.padEnd(36), ...numbers.map((number) => String(number).padStart(12)));
row("bytes of WebAssembly", ["plain", "brotli 11"]);
row("an empty module", empty);
for (const [name, text] of [
  ["no-time-zones", "+ the engine without time zones"],
  ["engine", "+ the engine"],
]) {
  row(text, sizes(name).map((size, at) => size - empty[at]));
}
