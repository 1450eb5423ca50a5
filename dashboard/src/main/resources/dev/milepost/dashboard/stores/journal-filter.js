// Which entries of a journal are shown. The server finds them in what is written, `matches` in what
// arrives: both by the rules of ListJournal.

import { short } from "../app/states.js";

/** Levels in ascending order. */
export const LEVELS = ["DEBUG", "INFO", "MILESTONE", "WARNING", "ERROR"];

/** Returns the filter that the parameters of a job's URL say: attempt (0: all), level (lowest), search. */
export function filterOf(params) {
  const level = params.get("level");
  return {
    attempt: Math.max(0, Math.trunc(Number(params.get("attempt")) || 0)),
    level: LEVELS.includes(level) ? level : "DEBUG",
    search: params.get("search") ?? "",
  };
}

/** Changes of state and stage, and no log lines. */
export const CHANGES = { attempt: 0, level: "DEBUG", search: "", omitLogs: true };

/** Returns the parameters of ListJournal for a filter. */
export function query({ attempt, level, search, omitLogs }) {
  return {
    attempt: attempt || undefined,
    min_level: level === "DEBUG" ? undefined : `LOG_LEVEL_${level}`,
    search: search || undefined,
    omit_logs: omitLogs || undefined,
  };
}

/** Whether a filter leaves something out. */
export function isFiltered({ attempt, level, search }) {
  return attempt > 0 || level !== "DEBUG" || search !== "";
}

/** Returns the level of a log line. */
export function levelOf(entry) {
  return (entry.log?.level ?? "").replace("LOG_LEVEL_", "");
}

/** Whether an entry that has just arrived is shown. */
export function matches(entry, { attempt, level, search, omitLogs }) {
  if (entry.log ? omitLogs || LEVELS.indexOf(levelOf(entry)) < LEVELS.indexOf(level) : false) {
    return false;
  }
  if (attempt && (entry.attempt ?? 0) !== attempt) {
    return false;
  }
  const text = search.toLowerCase();
  return text === "" || texts(entry).some((one) => one?.toLowerCase().includes(text));
}

function texts({ log, stageChange, stateChange }) {
  if (log) {
    return [log.message, ...leaves(log.context ?? {})];
  }
  if (stageChange) {
    return [stageChange.stage?.name, stageChange.stage?.detail];
  }
  const { toState, cause, reason, error } = stateChange ?? {};
  return [short(toState), cause, reason, error?.code, error?.message];
}

/** Keys and values of a context, each for itself. */
function leaves(value) {
  if (value === null || typeof value !== "object") {
    return value === null ? [] : [String(value)];
  }
  return Object.entries(value).flatMap(([key, one]) => (Array.isArray(value) ? leaves(one) : [key, ...leaves(one)]));
}
