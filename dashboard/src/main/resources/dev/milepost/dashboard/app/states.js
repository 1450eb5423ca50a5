// The states of a job as people see them. STALLED is a health, but matters as much as a state.

/** Word of each state, in the order in which they are offered. */
export const STATES = {
  QUEUED: "Queued",
  RUNNING: "Running",
  CANCELLING: "Cancelling",
  SUCCEEDED: "Succeeded",
  FAILED: "Failed",
  CANCELLED: "Cancelled",
};

/** Word for a state or for STALLED. */
export function word(state) {
  return STATES[state] ?? (state === "STALLED" ? "Stalled" : "");
}

/** Returns a state of the contract without its prefix. */
export function short(state) {
  return (state ?? "").replace(/^[A-Z_]*?STATE_/, "");
}

/** Returns the state of a job as it is shown. */
export function stateOf(job) {
  const state = short(job?.status?.state);
  return state === "RUNNING" && job.status.health === "JOB_HEALTH_STALLED" ? "STALLED" : state;
}

/** Whether a job has finished. */
export function isFinished(job) {
  return ["SUCCEEDED", "FAILED", "CANCELLED"].includes(short(job?.status?.state));
}

/** What the caller of a session may do with a job in its present state. */
export function actions(job, session) {
  const state = short(job?.status?.state);
  return {
    cancel: session.may("CancelJob") && (state === "QUEUED" || state === "RUNNING"),
    retry: session.may("RetryJob") && (state === "FAILED" || state === "CANCELLED"),
    delete: session.may("DeleteJob") && !job?.parentId && state !== "RUNNING" && state !== "CANCELLING",
  };
}

/** Returns the name of a job for people. */
export function title(job) {
  return job?.spec?.displayName || job?.spec?.type || job?.id || "";
}
