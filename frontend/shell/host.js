// What the browser gives and Rust would need many kilobytes for.

// More than any policy or manifest, and than the editors hold with comfort: a larger file is not
// what the person meant, and a link that unpacks to more is not one of ours.
const LARGEST_TEXT = 16 * 1024 * 1024;

// Reads files that were chosen or dropped, in their order: the name of each and its text, or why it
// is refused.
export function readFiles(files) {
  return Promise.all(
    Array.from(files, async (file) => {
      if (file.size > LARGEST_TEXT) return [file.name, null, `${file.name} is larger than 16 MB`];
      try {
        return [file.name, await file.text(), null];
      } catch {
        return [file.name, null, `${file.name} cannot be read`];
      }
    }),
  );
}

// Text to what fits behind a `#`: raw deflate, base64url.
export async function pack(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// The way back; refuses what is not of our making.
export async function unpack(packed) {
  const binary = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    if (text.length > LARGEST_TEXT) throw new Error("larger than 16 MB");
  }
}

// Puts text on the clipboard; tells whether it did.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // navigator.clipboard is there on https and localhost only
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "offscreen";
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
