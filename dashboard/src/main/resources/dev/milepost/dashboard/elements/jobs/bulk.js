// Cancel, retry or delete many jobs: those that were selected one by one, or all that match.

import { plural } from "../../app/format.js";

const CALLS = {
  cancel: { verb: "Cancel", done: "cancelled", path: "/v1/jobs:cancel", rpc: "CancelJob" },
  retry: { verb: "Retry", done: "queued again", path: "/v1/jobs:retry", rpc: "RetryJob" },
  delete: { verb: "Delete", done: "deleted", path: "/v1/jobs:delete", rpc: "DeleteJob" },
};

/** Calls that are open at the same time. */
const PARALLEL = 4;

/** Returns the words of an action. */
export function call(action) {
  return CALLS[action];
}

/** Returns the actions that the caller may do to the jobs that it names, or to all that match. */
export function offered(session, isFilter) {
  return Object.keys(CALLS).filter((action) => session.may(`${CALLS[action].rpc}${isFilter ? "s" : ""}`));
}

/** Counts the jobs that an action would change: {count, isExact}. Changes nothing. */
export async function preview(client, action, filter) {
  const found = await client.post(CALLS[action].path, { filter, validateOnly: true });
  return { count: Number(found.count ?? 0), isExact: !found.nextPageToken };
}

/**
 * Does it to all jobs that match. `progress` gets the number of jobs so far. Returns that number at
 * the end.
 */
export async function all(client, action, filter, reason, progress) {
  let count = 0;
  let pageToken = "";
  do {
    const body = { filter, pageToken, ...(action === "cancel" ? { reason } : {}) };
    const response = await client.post(CALLS[action].path, body);
    count += Number(response.count ?? 0);
    pageToken = response.nextPageToken ?? "";
    progress(count);
  } while (pageToken);
  return count;
}

/** Does it to one job. */
export function one(client, action, id, reason) {
  const path = `/v1/jobs/${encodeURIComponent(id)}`;
  return action === "delete"
    ? client.delete(path)
    : client.post(`${path}:${action}`, action === "cancel" ? { reason } : {});
}

/** Does it to each of some jobs. Returns {count, errors}. */
export async function each(client, action, ids, reason, progress) {
  const waiting = [...ids];
  const errors = [];
  let count = 0;
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        await one(client, action, id, reason);
        progress(++count);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return { count, errors };
}

/** Says what will happen, for the question before it. */
export function consequence(action, count, isExact = true) {
  const jobs = `${isExact ? "" : "at least "}${plural(count, "job")}`;
  switch (action) {
    case "cancel":
      return `This cancels ${jobs}: queued ones at once; running ones when their workers confirm.`;
    case "retry":
      return `This queues ${jobs} again. Attempts and logs are kept.`;
    default:
      return `This deletes ${jobs} with their logs and items. It cannot be undone. Running jobs are left alone.`;
  }
}
