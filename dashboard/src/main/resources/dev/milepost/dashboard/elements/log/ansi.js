// Colors that programs write into their lines (ANSI), as data: a line never becomes markup.

const SEQUENCE = /\u001b\[([0-9;]*)([A-Za-z])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b./g;
const COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** Returns the parts of a line: {text, className}. Other control sequences are left out. */
export function parts(line) {
  if (!line.includes("\u001b")) {
    return [{ text: line, className: "" }];
  }
  const found = [];
  const style = { color: "", isBold: false, isDim: false };
  let from = 0;
  for (const match of line.matchAll(SEQUENCE)) {
    add(found, line.slice(from, match.index), style);
    from = match.index + match[0].length;
    if (match[2] === "m") {
      apply(style, match[1]);
    }
  }
  add(found, line.slice(from), style);
  return found;
}

/** Returns a line without its control sequences. */
export function plain(line) {
  return line.includes("\u001b") ? line.replace(SEQUENCE, "") : line;
}

function add(found, text, { color, isBold, isDim }) {
  if (text) {
    found.push({ text, className: [color, isBold && "bold", isDim && "dim"].filter(Boolean).join(" ") });
  }
}

function apply(style, codes) {
  const all = codes === "" ? [0] : codes.split(";").map(Number);
  for (let i = 0; i < all.length; i++) {
    const code = all[i];
    if (code === 0) {
      Object.assign(style, { color: "", isBold: false, isDim: false });
    } else if (code === 1) {
      style.isBold = true;
    } else if (code === 2) {
      style.isDim = true;
    } else if (code === 22) {
      Object.assign(style, { isBold: false, isDim: false });
    } else if (code === 39) {
      style.color = "";
    } else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) {
      style.color = COLORS[code % 10];
    } else if (code === 38 || code === 48) {
      i += all[i + 1] === 5 ? 2 : 4; // a color of a larger palette: shown as plain text
    }
  }
}
