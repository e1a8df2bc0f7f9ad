// What the verdict says about places of the text: an underline with hover text for a problem, a
// tint for a place that made a policy say no, and a sign in the margin that leads to the verdict.
import { RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, gutter } from "@codemirror/view";
import { setDiagnostics } from "@codemirror/lint";

const severities = { error: "error", warning: "warning", note: "info" };
const rank = ["note", "allowed", "audited", "warning", "warned", "error", "denied"];

const setMarks = StateEffect.define();
const setFlash = StateEffect.define();

class Sign extends GutterMarker {
  constructor(mark) {
    super();
    this.mark = mark;
  }
  eq(other) {
    return other.mark.kind === this.mark.kind && other.mark.message === this.mark.message;
  }
  toDOM() {
    const sign = document.createElement("span");
    sign.className = `sign sign-${this.mark.kind}`;
    sign.title = this.mark.message;
    return sign;
  }
}

const field = StateField.define({
  create: () => ({ marks: [], signs: RangeSet.empty, tints: Decoration.none }),
  update(value, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setMarks)) return build(transaction.state, effect.value);
    }
    if (!transaction.docChanged) return value;
    return {
      marks: value.marks,
      signs: value.signs.map(transaction.changes),
      tints: value.tints.map(transaction.changes),
    };
  },
  provide: (self) => EditorView.decorations.from(self, (value) => value.tints),
});

const flash = StateField.define({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setFlash)) continue;
      const { from, to } = effect.value;
      return from < to ? Decoration.set([Decoration.mark({ class: "cm-flash" }).range(from, to)]) : Decoration.none;
    }
    return transaction.docChanged || transaction.selection ? Decoration.none : value;
  },
  provide: (self) => EditorView.decorations.from(self),
});

function build(state, marks) {
  const byLine = new Map();
  const tints = [];
  for (const mark of marks) {
    const line = state.doc.lineAt(mark.from);
    const known = byLine.get(line.from);
    if (!known || rank.indexOf(mark.kind) > rank.indexOf(known.kind)) byLine.set(line.from, mark);
    if (mark.row === undefined) continue;
    const to = Math.min(mark.to, line.to);
    if (mark.from < to) tints.push(Decoration.mark({ class: `cm-place cm-place-${mark.kind}` }).range(mark.from, to));
  }
  const signs = [...byLine].map(([from, mark]) => new Sign(mark).range(from));
  return { marks, signs: RangeSet.of(signs, true), tints: Decoration.set(tints, true) };
}

function clamp(state, marks) {
  const length = state.doc.length;
  return marks
    .map((mark) => {
      const from = Math.min(mark.from, length);
      return { ...mark, from, to: Math.min(Math.max(mark.to, from), length) };
    });
}

// The transaction that puts `marks` in place of those that were there.
export function marksTransaction(state, given) {
  const marks = clamp(state, given);
  const diagnostics = marks.map((mark) => {
    const line = state.doc.lineAt(mark.from);
    // a place that spans lines would underline half the screen: its first line says enough
    const to = mark.row === undefined ? mark.to : Math.min(mark.to, line.to);
    return {
      from: mark.from,
      to: Math.max(to, mark.from),
      severity: severities[mark.kind] ?? (mark.kind === "denied" ? "error" : "warning"),
      message: mark.message,
      markClass: mark.row === undefined ? undefined : "cm-quiet",
      source: mark.source,
    };
  });
  const spec = setDiagnostics(state, diagnostics);
  return { effects: [...spec.effects, setMarks.of(marks)] };
}

// The transaction that puts the cursor on a place and lights it up.
export function revealTransaction(state, from, to) {
  const length = state.doc.length;
  const start = Math.min(from, length);
  const end = Math.min(Math.max(to, start), length);
  const line = state.doc.lineAt(start);
  return {
    selection: { anchor: start },
    effects: [
      setFlash.of({ from: start, to: start === end ? line.to : end }),
      EditorView.scrollIntoView(start, { y: "center" }),
    ],
  };
}

export function marksExtension(onMark) {
  return [
    field,
    flash,
    gutter({
      class: "cm-signs",
      markers: (view) => view.state.field(field).signs,
      domEventHandlers: {
        mousedown(view, block) {
          const on = view.state.field(field).marks.filter(
            (mark) => mark.row !== undefined && mark.from >= block.from && mark.from <= block.to,
          );
          if (!on.length) return false;
          on.sort((a, b) => rank.indexOf(b.kind) - rank.indexOf(a.kind));
          onMark(on[0].row);
          return true;
        },
      },
    }),
  ];
}
