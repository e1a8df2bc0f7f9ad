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

// More than any policy or manifest; a larger file is not what the person meant to drop.
const LARGEST_FILE = 16 * 1024 * 1024;

export class Editor {
  // callbacks: change(key, text), drop(name, text), mark(row), refuse(message)
  constructor(host, label, callbacks) {
    this.label = label;
    this.callbacks = callbacks;
    this.states = new Map();
    this.scrolls = new Map();
    this.marks = new Map();
    this.key = null;
    this.syncing = false;
    this.view = new EditorView({ parent: host, state: EditorState.create({}) });
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
      this.view.setState(known ?? this.create(text, language, readOnly));
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
    this.marks.set(key, marks);
    if (key === this.key) this.view.dispatch(marksTransaction(this.view.state, marks));
  }

  reveal(from, to) {
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
    this.view.focus();
  }

  destroy() {
    this.view.destroy();
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
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return false;
    event.preventDefault();
    for (const file of files) {
      if (file.size > LARGEST_FILE) {
        this.callbacks.refuse(`${file.name} is larger than 16 MB`);
        continue;
      }
      file.text().then(
        (text) => this.callbacks.drop(file.name, text),
        () => this.callbacks.refuse(`${file.name} cannot be read`),
      );
    }
    return true;
  }
}
