// The program's second module: what a first verdict does not need (scripts/split-page.mjs). It is
// loaded when something in it is called; a page has it fetched as soon as a person touches it.

// Has every instance that is made from now on load `url` when it needs it. What is returned gives
// it the compiled module in advance.
export function loadRest(url) {
  let compiled;
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (module, imports) => {
    const load = () => {
      // in the middle of a call there is no waiting
      compiled ??= new WebAssembly.Module(fetchNow(url));
      new WebAssembly.Instance(compiled, { first: instance.exports });
    };
    const instance = await instantiate.call(WebAssembly, module, { ...imports, rest: { load } });
    return instance;
  };
  return (module) => {
    compiled ??= module;
  };
}

function fetchNow(url) {
  const request = new XMLHttpRequest();
  request.open("GET", url, false);
  // a page may not ask for bytes in this way, but for text of which every character is one
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status !== 200) throw new Error(`${url}: ${request.status}`);
  return Uint8Array.from(request.responseText, (character) => character.charCodeAt(0));
}

// Calls `start` once, when a person first touches the page.
export function onTouch(start) {
  const touches = ["pointermove", "pointerdown", "keydown"];
  const touched = () => {
    for (const touch of touches) removeEventListener(touch, touched, true);
    start();
  };
  for (const touch of touches) addEventListener(touch, touched, { capture: true, passive: true });
}
