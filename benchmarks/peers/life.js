// The steps of a life, which are the same for every peer: create, claim, these updates and log lines, complete.
export const UPDATES = 20;
export const LOG_LINES = 10;
export const WRITES = 1 + 1 + UPDATES + LOG_LINES + 1;

// Concurrent jobs.
export const JOBS = 64;

export const PARAMS = { batch: 100 };

export function logLine(n) {
  return `item ${n} of ${LOG_LINES} is synced`;
}
