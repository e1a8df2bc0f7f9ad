// The editors: CodeMirror with one view a pane and one state (text, undo, folds) a file.
import "./styles.js";
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import {
  bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput, indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, Transaction } from "@codemirror/state";
import {
  EditorView, crosshairCursor, drawSelection, dropCursor, highlightActiveLine,
  highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, rectangularSelection,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { languages } from "./cel.js";
import { marksExtension, marksTransaction, revealTransaction } from "./marks.js";

export class Editor {
  // callbacks: change(key, text), drop(files), mark(row)
  constructor(host, label, callbacks) {
    this.label = label;
    this.callbacks = callbacks;
    this.states = new Map();
    this.scrolls = new Map();
    this.marks = new Map();
    this.key = null;
    this.syncing = false;
    this.host = host;
    // made with the first text: a view that starts empty lays the page out twice
    this.view = null;
  }

  // Shows the file `key` with `text`; what was typed and undone in it before is still there.
  show(key, text, language, readOnly) {
    if (key !== this.key) {
      if (this.key !== null) {
        this.states.set(this.key, this.view.state);
        this.scrolls.set(this.key, this.view.scrollSnapshot());
      }
      const known = this.states.get(key);
      this.key = key;
      const state = known ?? this.create(text, language, readOnly);
      if (this.view) this.view.setState(state);
      else this.view = new EditorView({ parent: this.host, state });
      const scroll = known && known.doc.length === text.length && this.scrolls.get(key);
      if (scroll) this.view.dispatch({ effects: scroll });
      if (this.marks.has(key)) this.view.dispatch(marksTransaction(this.view.state, this.marks.get(key)));
    }
    this.replace(text);
  }

  // Replaces the part that differs, so that cursor, folds and undo survive.
  replace(text) {
    const before = this.view.state.doc.toString();
    if (before === text) return;
    let from = 0;
    const shorter = Math.min(before.length, text.length);
    while (from < shorter && before.charCodeAt(from) === text.charCodeAt(from)) from++;
    let end = 0;
    while (
      end < shorter - from &&
      before.charCodeAt(before.length - 1 - end) === text.charCodeAt(text.length - 1 - end)
    ) end++;
    this.syncing = true;
    try {
      this.view.dispatch({
        changes: { from, to: before.length - end, insert: text.slice(from, text.length - end) },
        annotations: Transaction.userEvent.of("input.page"),
      });
    } finally {
      this.syncing = false;
    }
  }

  setMarks(key, json) {
    const marks = JSON.parse(json);
    const had = this.marks.get(key)?.length;
    this.marks.set(key, marks);
    if (key === this.key && (had || marks.length)) this.view.dispatch(marksTransaction(this.view.state, marks));
  }

  reveal(from, to) {
    if (!this.view) return;
    this.view.dispatch(revealTransaction(this.view.state, from, to));
    this.view.focus();
  }

  // Forgets every file: the next ones start with an empty undo history.
  forget() {
    this.states.clear();
    this.scrolls.clear();
    this.marks.clear();
    this.key = null;
  }

  focus() {
    this.view?.focus();
  }

  destroy() {
    this.view?.destroy();
  }

  create(text, language, readOnly) {
    const { callbacks } = this;
    return EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        marksExtension((row) => callbacks.mark(row)),
        codeFolding(),
        foldGutter({ openText: "⌄", closedText: "›" }),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        dropCursor(),
        EditorState.allowMultipleSelections.of(true),
        EditorState.tabSize.of(2),
        indentUnit.of("  "),
        indentOnInput(),
        syntaxHighlighting(classHighlighter),
        bracketMatching(),
        closeBrackets(),
        rectangularSelection(),
        crosshairCursor(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        search({ top: true }),
        keymap.of([
          ...closeBracketsKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap,
          ...lintKeymap, ...defaultKeymap, indentWithTab,
        ]),
        languages[language](),
        EditorState.readOnly.of(readOnly),
        EditorView.contentAttributes.of({
          "aria-label": `${this.label} (Escape, then Tab, leaves the editor)`,
          spellcheck: "false",
          autocapitalize: "off",
          autocorrect: "off",
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !this.syncing) callbacks.change(this.key, update.state.doc.toString());
        }),
        EditorView.domEventHandlers({ drop: (event) => this.drop(event) }),
      ],
    });
  }

  drop(event) {
    const files = event.dataTransfer?.files;
    if (!files?.length) return false;
    event.preventDefault();
    this.callbacks.drop(files);
    return true;
  }
}
