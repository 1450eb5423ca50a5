import { contextOf, levelOf, textOf } from "./rows.js";

/** Saves the lines that are shown as a text file. */
export function download(id, rows) {
  const lines = rows
    .filter((row) => row.kind === "line")
    .map(({ entry }) => [entry.time, entry.attempt ?? 0, levelOf(entry), textOf(entry), contextOf(entry)].join("\t").trimEnd());
  const url = URL.createObjectURL(new Blob([lines.join("\n"), "\n"], { type: "text/plain" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: `${id}.log` });
  link.click();
  URL.revokeObjectURL(url);
}
