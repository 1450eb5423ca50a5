// What is said of a log as a whole.

import { count, plural } from "../../app/format.js";
import { isFiltered } from "../../stores/journal-filter.js";

/** How many lines are loaded, and of how many. A change of state or stage is no line. */
export function amount(journal, job) {
  const lines = journal.entries.reduce((sum, entry) => sum + (entry.log ? 1 : 0), 0);
  const isWhole = !journal.hasOlder && !journal.hasNewer;
  if (isFiltered(journal.filter)) {
    return isWhole ? `${plural(lines, "line")} of ${count(written(job))} match` : `${plural(lines, "matching line")} loaded`;
  }
  return isWhole ? plural(lines, "line") : `${plural(lines, "line")} of ${count(written(job))} loaded`;
}

/** That lines were lost. */
export function unwritten(job) {
  const lines = Number(job?.status?.logCounts?.unwritten ?? 0);
  return lines ? `${plural(lines, "line")} not kept: the log had reached its size limit` : "";
}

/** That a worker lost lines before it could send them. */
export function unsent(job) {
  const lines = Number(job?.status?.logCounts?.unsent ?? 0);
  return lines ? `${plural(lines, "line")} not sent: the worker could not reach the server` : "";
}

/** Why a log shows no line. */
export function nothingToShow(journal) {
  const filtered = isFiltered(journal.filter);
  if (journal.loading) {
    return filtered ? "Searching…" : "";
  }
  if (journal.error) {
    return "";
  }
  if (journal.hasOlder || journal.hasNewer) {
    return "No line matches so far.";
  }
  return filtered ? "No line matches." : "Nothing is written yet. Lines appear here as the worker reports them.";
}

/** Lines that were ever written. */
function written(job) {
  const counts = job?.status?.logCounts ?? {};
  return ["debug", "info", "milestone", "warning", "error"].reduce((sum, level) => sum + Number(counts[level] ?? 0), 0);
}
