// Completion for policies: what fits where the cursor is, from the vocabulary that the server reads off its registries.
import * as CM from "nicegui-codemirror";

// The keys that lead to the cursor, and whether a key or a value is being written there.
export function context(text) {
  const path = [];
  const stack = []; // { object: boolean, key: string|number|null, type: string|null }
  let at = 0;
  let expectKey = false;
  let open = null; // where the string begins that is not closed yet
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      let end = at + 1;
      while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
      if (end >= text.length) {
        open = at + 1;
        break;
      }
      const word = text.slice(at + 1, end);
      const top = stack[stack.length - 1];
      if (top && top.object && expectKey) top.key = word;
      else if (top && top.object && top.key === "type") top.type = word;
      at = end + 1;
      continue;
    }
    if (character === "{") {
      stack.push({ object: true, key: null, type: null });
      expectKey = true;
    } else if (character === "[") {
      stack.push({ object: false, key: 0, type: null });
      expectKey = false;
    } else if (character === "}" || character === "]") {
      stack.pop();
      expectKey = false;
    } else if (character === ":") {
      expectKey = false;
    } else if (character === ",") {
      const top = stack[stack.length - 1];
      if (top && !top.object) top.key += 1;
      expectKey = Boolean(top && top.object);
    }
    at += 1;
  }
  for (const level of stack.slice(0, -1)) path.push(level.key);
  const top = stack[stack.length - 1];
  return { path, key: top ? top.key : null, type: top ? top.type : null, expectKey, open };
}

// The type of the rule around the cursor, wherever in the rule it stands.
function typeAround(whole, position) {
  let depth = 0;
  let begin = position - 1;
  for (; begin >= 0; begin -= 1) {
    if (whole[begin] === "}") depth += 1;
    else if (whole[begin] === "{") {
      if (depth === 0) break;
      depth -= 1;
    }
  }
  const found = /"type"\s*:\s*"([A-Z_]+)"/.exec(whole.slice(begin, whole.indexOf("}", position) + 1 || undefined));
  return found ? found[1] : null;
}

export function source(words) {
  return (completion) => {
    const whole = completion.state.doc.toString();
    const here = context(whole.slice(0, completion.pos));
    if (here.open === null) return null;
    const place = inside(whole, completion.pos, here, words);
    if (!place) return null;
    const after = whole[completion.pos] === '"' ? 1 : 0;
    return {
      from: here.open,
      validFor: /^[\w() ,.-]*$/,
      options: place.options.map((entry) => ({
        label: entry.label,
        info: entry.info || undefined,
        type: place.value ? "enum" : "property",
        apply: (view, _, from, to) => {
          const text = place.value ? `${entry.label}"` : `${entry.label}": `;
          const end = to + after;
          const colon = !place.value && /^\s*:/.test(whole.slice(end));
          const insert = colon ? `${entry.label}"` : text;
          view.dispatch({ changes: { from, to: end, insert }, selection: { anchor: from + insert.length } });
        },
      })),
    };
  };
}

// What fits at a place: the keys of the object that the cursor is in, or the values of its key.
export function inside(whole, position, here, words) {
  if (!here.expectKey) {
    const values = words.values[here.key];
    return values ? { options: values, value: true } : null;
  }
  const { path } = here;
  const last = path[path.length - 1];
  const before = path[path.length - 2];
  if (!path.length) return { options: whole.includes('"tables"') ? words.document : words.single, value: false };
  if (last === "columnRuleMap") return { options: words.columns, value: false };
  if (before === "columnRuleMap" || last === "rule") {
    const type = here.type || typeAround(whole, position);
    return { options: words.rules[type] || [{ label: "type", info: "The generation type." }], value: false };
  }
  if (typeof last === "number" && before === "tables") return { options: words.tables, value: false };
  if (typeof last === "number" && before === "foreignKeys") return { options: words.foreignKeys, value: false };
  return null;
}

export async function attach(component, words, label) {
  const editor = component.editor || (await component.editorPromise);
  // One and the same function each time: the editor drops the answers of sources that it does not know.
  const data = [{ autocomplete: source(words) }];
  const extension = CM.EditorState.languageData.of(() => data);
  const named = CM.EditorView.contentAttributes.of({ "aria-label": label });
  editor.dispatch({ effects: CM.StateEffect.appendConfig.of([extension, named]) });
}
