// What the log shows, as rows: groups, lines and gaps. Pure functions of the journal.

import { word, short } from "../../app/states.js";
import { plain } from "./ansi.js";

/** Levels in ascending order. */
export const LEVELS = ["DEBUG", "INFO", "MILESTONE", "WARNING", "ERROR"];

/** Returns the level of an entry: changes of state count as MILESTONE, or as ERROR with an error. */
export function levelOf(entry) {
  if (entry.log) {
    return (entry.log.level ?? "").replace("LOG_LEVEL_", "");
  }
  return entry.stateChange?.error ? "ERROR" : "MILESTONE";
}

/** Returns the text of an entry, as it is searched and saved. */
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
 * @param filter attempt (0: all), level (lowest), search (in lower case)
 * @param folded keys of the groups of which only the head is shown
 */
export function rowsOf(entries, skipped, filter, folded) {
  const rows = [];
  const lowest = LEVELS.indexOf(filter.level);
  let group = null;
  let gap = 0;
  let missing = 0;
  const close = () => {
    if (gap && !filter.search) {
      rows.push({ kind: "gap", count: gap, key: `gap ${rows.length}` });
    }
    gap = 0;
  };
  for (const entry of entries) {
    while (missing < skipped.length && skipped[missing].first < entry.sequence) {
      gap += skipped[missing].last - skipped[missing].first + 1;
      missing++;
    }
    if (
      (filter.attempt && (entry.attempt ?? 0) !== filter.attempt) ||
      LEVELS.indexOf(levelOf(entry)) < lowest ||
      (filter.search && !matches(entry, filter.search))
    ) {
      continue;
    }
    close();
    const stage = entry.log?.stage || entry.stageChange?.stage?.name || "";
    const attempt = entry.attempt ?? 0;
    if (!entry.stateChange && stage && (group === null || group.stage !== stage || group.attempt !== attempt)) {
      group = { kind: "group", stage, attempt, lines: 0, warnings: 0, errors: 0, from: entry.time, key: `${attempt} ${entry.sequence}` };
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
      const level = levelOf(entry);
      group.lines++;
      group.warnings += level === "WARNING" ? 1 : 0;
      group.errors += level === "ERROR" ? 1 : 0;
      if (folded.has(group.key)) {
        continue;
      }
    }
    rows.push({ kind: "line", entry, key: entry.sequence });
  }
  for (; missing < skipped.length; missing++) {
    gap += skipped[missing].last - skipped[missing].first + 1;
  }
  close();
  return rows;
}

function matches(entry, search) {
  return textOf(entry).toLowerCase().includes(search) || contextOf(entry).toLowerCase().includes(search);
}
