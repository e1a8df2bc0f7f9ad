// Starts the program: once for the page and, from the same compiled module, once for each worker
// that evaluates. A script of its own, because the Content-Security-Policy allows no inline ones.
import { copy, pack, readFiles, unpack } from "./host.js";
import { loadRest, onTouch } from "./rest.js";

if (typeof document === "undefined") {
  // the address of the program's script is behind the worker's own
  const glue = import(decodeURIComponent(location.hash.slice(1)));
  self.onmessage = async ({ data }) => {
    self.onmessage = null;
    const { default: init } = await glue;
    loadRest(data.rest);
    await init({ module_or_path: data.module });
  };
  // what is thrown here reaches the page as an error of the worker
  glue.then(() => postMessage(["up"]), (error) => setTimeout(() => { throw error; }));
} else {
  start();
}

async function start() {
  const { glue, wasm, rest } = document.querySelector("meta[name=vapwright-program]").dataset;
  const glueUrl = new URL(glue, location.origin).href;
  const restUrl = new URL(rest, location.origin).href;
  const module = compile(wasm);
  const haveRest = loadRest(restUrl);
  // what fails here is tried again when it is needed
  const fetchRest = () => compile(restUrl).then(haveRest, () => {});
  // A new visitor's first page does without the rest; what else is shown needs it at once.
  const needed = isFirstVisit() ? onTouch(fetchRest) : fetchRest();

  const spawn = (name = "evaluator") => {
    const worker = new Worker(`${import.meta.url}#${encodeURIComponent(glueUrl)}`, { type: "module", name });
    module.then((module) => worker.postMessage({ module, rest: restUrl }), () => {});
    return worker;
  };
  // The first one starts, and warms itself up, while the page itself is still loading. What it
  // says before anyone listens is kept.
  let spare = spawn("first evaluator");
  const said = [];
  const keep = (event) => said.push(event);
  // A worker starts only while the page's thread is idle: drawing the page waits for it, and then
  // both work at the same time.
  const up = new Promise((resolve) => {
    spare.addEventListener("message", resolve, { once: true });
    spare.addEventListener("error", resolve, { once: true });
  });
  spare.addEventListener("message", keep);
  spare.addEventListener("error", keep);

  window.vapwright = {
    copy,
    pack,
    readFiles,
    unpack,
    spawn() {
      if (!spare) return spawn();
      const worker = spare;
      spare = null;
      worker.removeEventListener("message", keep);
      worker.removeEventListener("error", keep);
      queueMicrotask(() => {
        for (const event of said) worker.dispatchEvent(new event.constructor(event.type, event));
      });
      return worker;
    },
  };
  try {
    const [{ default: init }, { Editor }, compiled] = await Promise.all([
      import(glueUrl),
      import(document.querySelector("script[data-editor]").src),
      module,
      up,
      needed,
    ]);
    window.vapwright.Editor = Editor;
    await init({ module_or_path: compiled });
  } catch (error) {
    console.error(error);
    document.documentElement.dataset.failed = "true";
  }
}

function isFirstVisit() {
  try {
    return location.pathname === "/" && localStorage.getItem("vapwright.work") === null;
  } catch {
    // storage may be forbidden
    return location.pathname === "/";
  }
}

async function compile(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  // streaming needs the right Content-Type, which a plain file server may not send
  if (answer.headers.get("content-type")?.startsWith("application/wasm")) {
    return WebAssembly.compileStreaming(answer);
  }
  return WebAssembly.compile(await answer.arrayBuffer());
}
