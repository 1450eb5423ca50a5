import { contextOf, levelOf, textOf } from "./rows.js";

/**
 * Saves all lines that match as a text file, those that are not loaded too.
 *
 * @param progress called with the number of lines so far
 */
export async function download(id, journal, progress) {
  const lines = [];
  for await (const entries of journal.everything()) {
    for (const entry of entries) {
      if (!entry.dropped) {
        lines.push([entry.time, entry.attempt ?? 0, levelOf(entry), textOf(entry), contextOf(entry)].join("\t").trimEnd(), "\n");
      }
    }
    progress(lines.length / 2);
  }
  const url = URL.createObjectURL(new Blob(lines, { type: "text/plain" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: `${id}.log` });
  link.click();
  URL.revokeObjectURL(url);
}
