// CodeMirror writes its styles into <style> elements, which the Content-Security-Policy refuses.
// Constructed style sheets are not inline and may stay: this puts them there.
import { StyleModule } from "style-mod";

const sheets = new WeakMap();

StyleModule.mount = (root, modules) => {
  const document = root.ownerDocument ?? root;
  let known = sheets.get(document);
  if (!known) {
    known = { sheet: new CSSStyleSheet(), modules: [] };
    sheets.set(document, known);
    // in front of the page's own constructed sheets, of which there are none
    document.adoptedStyleSheets = [known.sheet, ...document.adoptedStyleSheets];
  }
  // The order of the list is the order of precedence, as in style-mod itself.
  let at = 0;
  let changed = false;
  for (const module of Array.isArray(modules) ? modules : [modules]) {
    let index = known.modules.indexOf(module);
    if (index >= 0 && index < at) {
      known.modules.splice(index, 1);
      at--;
      index = -1;
    }
    if (index < 0) {
      known.modules.splice(at++, 0, module);
      changed = true;
    } else {
      at = index + 1;
    }
  }
  if (changed) known.sheet.replaceSync(known.modules.map((module) => module.getRules()).join("\n"));
};
