/** Height of one line in pixels. Lines are all of this height, so that any row can be found. */
export const LINE_HEIGHT = 20;

/**
 * Where each row is: rows may have several lines, as their text has, or as it is wrapped. The font
 * is monospaced, so that lines can be counted without drawing them.
 */
export class Layout {
  /** @param lines number of lines of each row */
  constructor(lines) {
    this.tops = new Float64Array(lines.length + 1);
    for (let i = 0; i < lines.length; i++) {
      this.tops[i + 1] = this.tops[i] + lines[i] * LINE_HEIGHT;
    }
  }

  get height() {
    return this.tops[this.tops.length - 1];
  }

  /** Returns the index of the row at a distance from the top. */
  at(y) {
    let low = 0;
    let high = this.tops.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle] <= y) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return Math.max(0, low);
  }
}

/** Returns how many lines a text takes with so many columns; Infinity: it is not wrapped. */
export function linesOf(text, columns) {
  let lines = 0;
  for (const line of text.split("\n")) {
    lines += columns === Number.POSITIVE_INFINITY ? 1 : Math.max(1, Math.ceil(width(line) / columns));
  }
  return lines;
}

/** Characters of Asian scripts and pictures take two columns. */
function width(line) {
  let wide = 0;
  for (let i = 0; i < line.length; i++) {
    if (line.charCodeAt(i) >= 0x1100) {
      wide++;
    }
  }
  return line.length + wide;
}
