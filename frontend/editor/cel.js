// Colours for CEL, alone and inside the YAML of policies.
import { LanguageSupport, StreamLanguage } from "@codemirror/language";
import { yamlLanguage } from "@codemirror/lang-yaml";
import { Tree, parseMixed } from "@lezer/common";

const roots = new Set(
  "object oldObject request params namespaceObject variables authorizer".split(" "),
);
const macros = new Set(
  "has all exists exists_one existsOne map filter transformList transformMap transformMapEntry optMap optFlatMap".split(" "),
);
const types = new Set(
  "bool int uint double string bytes list map null_type type dyn duration timestamp optional quantity url ip cidr semver sets math strings format".split(" "),
);

function token(stream, state) {
  if (state.close) {
    return text(stream, state);
  }
  if (stream.eatSpace()) return null;
  if (stream.match("//")) {
    stream.skipToEnd();
    return "comment";
  }
  const open = stream.match(/^[bB]?[rR]?[bB]?("""|'''|"|')/);
  if (open) {
    state.close = open[1];
    state.raw = /[rR]/.test(open[0].slice(0, -open[1].length));
    return text(stream, state);
  }
  if (stream.match(/^(0[xX][0-9a-fA-F]+|\d+(\.\d+)?([eE][+-]?\d+)?)[uU]?/)) return "number";
  const word = stream.match(/^[A-Za-z_]\w*/);
  if (word) {
    const name = word[0];
    if (name === "true" || name === "false") return "bool";
    if (name === "null") return "null";
    if (name === "in") return "operatorKeyword";
    const call = /^\s*\(/.test(stream.string.slice(stream.pos));
    const field = /\.\??\s*$/.test(stream.string.slice(0, stream.start));
    if (call && macros.has(name)) return "keyword";
    if (call) return types.has(name) && !field ? "typeName" : "variableName.function";
    if (field) return "propertyName";
    if (roots.has(name)) return "variableName.special";
    return "variableName";
  }
  if (stream.match(/^(\.\?|\[\?|[()[\]{}])/)) return "bracket";
  if (stream.match(/^(&&|\|\||==|!=|<=|>=|[-+*/%<>!?:])/)) return "operator";
  stream.next();
  return null;
}

function text(stream, state) {
  while (!stream.eol()) {
    if (!state.raw && stream.match(/^\\./)) continue;
    if (stream.match(state.close)) {
      state.close = null;
      return "string";
    }
    stream.next();
  }
  // only a triple-quoted text goes on in the next line
  if (state.close && state.close.length === 1) state.close = null;
  return "string";
}

const cel = StreamLanguage.define({
  name: "cel",
  startState: () => ({ close: null, raw: false }),
  copyState: (state) => ({ ...state }),
  token,
  languageData: { commentTokens: { line: "//" } },
});

const keys = new Set(["expression", "messageExpression", "valueExpression"]);
const scalars = new Set(["BlockLiteralContent", "QuotedLiteral", "Literal"]);

// The value of `expression:` is CEL, whichever way the scalar is written.
const mixed = parseMixed((node, input) => {
  if (!scalars.has(node.name)) return null;
  let pair = node.node.parent;
  if (pair?.name === "BlockLiteral") pair = pair.parent;
  if (pair?.name !== "Pair" || pair.firstChild?.name !== "Key") return null;
  const key = pair.firstChild;
  if (node.from < key.to || !keys.has(input.read(key.from, key.to).replace(/["']/g, ""))) return null;
  if (node.name !== "QuotedLiteral") return { parser: cel.parser };
  return node.to - node.from > 2
    ? { parser: cel.parser, overlay: [{ from: node.from + 1, to: node.to - 1 }] }
    : null;
});

// The trees of deeper texts are left out: what walks them calls itself once a level.
const MAX_DEPTH = 500;

function isDeep(tree) {
  let depth = 0;
  let deep = false;
  tree.iterate({
    enter() {
      if (depth === MAX_DEPTH) deep = true;
      if (deep) return false;
      depth++;
    },
    leave() {
      depth--;
    },
  });
  return deep;
}

// A parse whose tree is no deeper than the rest of the editor goes; a deeper text has no colours.
function bounded(inner, input) {
  const flat = () => new Tree(yamlLanguage.parser.topNode, [], [], inner.stoppedAt ?? input.length);
  return {
    get parsedPos() {
      return inner.parsedPos;
    },
    get stoppedAt() {
      return inner.stoppedAt;
    },
    stopAt(pos) {
      inner.stopAt(pos);
    },
    advance() {
      try {
        const tree = inner.advance();
        return tree && isDeep(tree) ? flat() : tree;
      } catch (error) {
        // Lezer builds a tree by recursion
        if (error instanceof RangeError) return flat();
        throw error;
      }
    },
  };
}

const wrap = (inner, input, fragments, ranges) => mixed(bounded(inner, input), input, fragments, ranges);
const policy = yamlLanguage.configure({ wrap }, "policy-yaml");

// Languages by the names that the page uses.
export const languages = {
  yaml: () => new LanguageSupport(policy),
  cel: () => new LanguageSupport(cel),
};
