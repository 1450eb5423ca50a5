// What the log shows, as rows: groups, lines, gaps, and edges beyond which there is more. Pure
// functions of the journal.

import { word, short } from "../../app/states.js";
import { plain } from "./ansi.js";

export { levelOf } from "../../stores/journal-filter.js";

/** Returns the text of an entry, as it is shown and saved. */
export function textOf(entry) {
  if (entry.log) {
    return plain(entry.log.message ?? "");
  }
  if (entry.stageChange) {
    const stage = entry.stageChange.stage ?? {};
    return `Stage: ${[stage.name, stage.detail].filter(Boolean).join(", ")}`;
  }
  const change = entry.stateChange ?? {};
  const by = change.cause ? ` by ${change.cause}` : "";
  const error = change.error ? [change.error.code, change.error.message].filter(Boolean).join(": ") : "";
  const text = [`${word(short(change.toState))}${by}`, change.reason, error].filter(Boolean).join(": ");
  return change.error?.stackTrace ? `${text}\n${change.error.stackTrace}` : text;
}

/** Returns the structured context of an entry in one line; empty if it has none. */
export function contextOf(entry) {
  const context = entry.log?.context;
  return context && Object.keys(context).length ? JSON.stringify(context) : "";
}

/**
 * Returns the rows. Lines of one stage and attempt that follow each other are a group.
 *
 * @param entries in order, gaps among them
 * @param folded keys of the groups of which only the head is shown
 * @param hasOlder whether there is more before the first entry
 * @param hasNewer whether there is more after the last entry
 */
export function rowsOf(entries, folded, { hasOlder = false, hasNewer = false } = {}) {
  const rows = hasOlder ? [{ kind: "edge", side: "older" }] : [];
  let group = null;
  for (const entry of entries) {
    if (entry.dropped) {
      rows.push({ kind: "gap", count: Number(entry.dropped.count), level: (entry.dropped.level ?? "").replace("LOG_LEVEL_", "") });
      continue;
    }
    const stage = entry.log?.stage || entry.stageChange?.stage?.name || "";
    const attempt = entry.attempt ?? 0;
    if (!entry.stateChange && stage && (group === null || group.stage !== stage || group.attempt !== attempt)) {
      // What stands before the first entry may belong to its group.
      const isCut = hasOlder && rows.length === 1 && !entry.stageChange;
      group = { kind: "group", stage, attempt, isCut, lines: 0, warnings: 0, errors: 0, from: entry.time, key: `${attempt} ${entry.sequence}` };
      rows.push(group);
    } else if (entry.stateChange || !stage) {
      group = null;
    }
    if (group) {
      group.until = entry.time;
      if (entry.stageChange) {
        group.detail = entry.stageChange.stage?.detail ?? "";
        continue;
      }
      const level = entry.log?.level;
      group.lines++;
      group.warnings += level === "LOG_LEVEL_WARNING" ? 1 : 0;
      group.errors += level === "LOG_LEVEL_ERROR" ? 1 : 0;
      if (folded.has(group.key)) {
        continue;
      }
    }
    rows.push({ kind: "line", entry });
  }
  if (hasNewer) {
    if (group) {
      group.isCut = true;
    }
    rows.push({ kind: "edge", side: "newer" });
  }
  return rows;
}
