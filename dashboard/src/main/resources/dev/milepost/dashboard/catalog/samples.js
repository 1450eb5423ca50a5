// Jobs, progress and journals as the server sends them, in every state and with odd texts.
import { CallError } from "../app/client.js";

const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();

const LONG = "a-name-without-any-space-".repeat(12).slice(0, 256);

function job(id, state, displayName, status, spec) {
  return {
    id,
    userId: "alice",
    tenantId: "default",
    createTime: at(-400),
    kind: "JOB_KIND_SINGLE",
    spec: { type: "user-sync", displayName, maxRetries: 3, priority: 50, ...spec },
    status: { state: `JOB_STATE_${state}`, health: "JOB_HEALTH_OK", workerId: "w-91", ...status },
  };
}

const attempt = (number, outcome, from, to, error) => ({
  number,
  workerId: `w-${number}`,
  startTime: at(from),
  endTime: to === undefined ? undefined : at(to),
  outcome: `ATTEMPT_OUTCOME_${outcome}`,
  error,
});

const CORRUPTED = {
  code: "INDEX_CORRUPTED",
  message: "segment 3 of shard eu-1 has a wrong checksum. ".repeat(20),
  stackTrace: "java.io.IOException: wrong checksum\n\tat index.Segment.read(Segment.java:88)",
  details: { segment: 3 },
};

/** One job in each state. */
export const JOBS = [
  job("01a2-running", "RUNNING", "Nightly user sync", {
    attempt: 2,
    stage: { name: "Hashing", detail: "photos of users" },
    progress: {
      current: "730",
      total: "1204",
      unit: "files",
      percent: 60,
      rate: 88,
      estimatedEndTime: at(300),
      succeeded: "724",
      failed: "6",
      subOperations: [
        { id: "scan", fraction: 1, state: "SUB_OPERATION_STATE_DONE" },
        { id: "hash", fraction: 0.6, state: "SUB_OPERATION_STATE_RUNNING" },
        { id: "upload", state: "SUB_OPERATION_STATE_PENDING" },
      ],
    },
    attempts: [attempt(1, "LOST", -300, -240, { code: "LEASE_EXPIRED", message: "The worker was silent." }), attempt(2, "RUNNING", -200)],
  }, { params: { source: "ldap://corp", options: { dryRun: false, fields: ["mail", "name"] } }, labels: { region: "eu" } }),
  job("01a2-stalled", "RUNNING", "مرحبا بالعالم", {
    health: "JOB_HEALTH_STALLED",
    heartbeatTime: at(-4),
    progress: { current: "40", unit: "photos", lastProgressTime: at(-360) },
    attempts: [attempt(1, "RUNNING", -380)],
    attempt: 1,
  }),
  job("01a2-cancelling", "CANCELLING", "🚀 <script>alert(1)</script>", {
    cancel: { requestedBy: "alice", reason: "No longer needed", requestTime: at(-9), deliverTime: at(-8.8), graceExpireTime: at(20) },
    progress: { current: "5242880", total: "104857600", unit: "bytes", rate: 1048576 },
    attempts: [attempt(1, "RUNNING", -60)],
  }),
  job("01a2-succeeded", "SUCCEEDED", "Import of contacts", {
    endTime: at(-20),
    duration: "12.5s",
    outcome: { contacts: "12040", duplicates: "7" },
    result: { folder: "/small", sizes: [100, 200] },
    attempts: [attempt(1, "SUCCEEDED", -40, -20)],
  }),
  job("01a2-failed", "FAILED", LONG, { attempt: 3, endTime: at(-3), error: CORRUPTED, attempts: [attempt(3, "FAILED", -30, -3, CORRUPTED)] }),
  job("01a2-queued", "QUEUED", "Waits", {}),
  job("01a2-cancelled", "CANCELLED", "Newsletter", {
    endTime: at(-100),
    cancel: { requestedBy: "bob", reason: "Wrong text", requestTime: at(-100) },
  }),
];

/** Progress by name, with the state of its job. */
export const PROGRESSES = {
  "with a total": [JOBS[0].status.progress, "RUNNING"],
  "without a total": [{ current: "730", unit: "rows", rate: 12.4 }, "RUNNING"],
  "a fraction only": [{ fraction: 0.333 }, "RUNNING"],
  bytes: [JOBS[2].status.progress, "CANCELLING"],
  stalled: [{ current: "2", total: "3" }, "STALLED"],
  complete: [{ current: "3", total: "3", percent: 100 }, "SUCCEEDED"],
  failed: [{ current: "2", total: "3" }, "FAILED"],
  nothing: [undefined, "QUEUED"],
};

export const EXPLANATION = {
  reasons: [{ message: 'No worker waits for jobs of type "user-sync". None was seen in the last 24 hours.' }],
  queuedJobs: "12",
};

export const ERROR = new CallError(404, "NOT_FOUND", "There is no job 01a2, or you may not see it.", [{ reason: "JOB_NOT_FOUND" }]);

/** Returns a journal with every kind of entry. */
export function entries() {
  const log = (level, message, context) => ({ log: { level: `LOG_LEVEL_${level}`, message, context, stage: "Hashing" } });
  return [
    { stateChange: { toState: "JOB_STATE_QUEUED", cause: "alice" } },
    { stateChange: { toState: "JOB_STATE_RUNNING", cause: "w-91" } },
    { stageChange: { stage: { name: "Hashing", detail: "photos" } } },
    log("DEBUG", "cache miss"),
    log("INFO", "\u001b[32mok\u001b[0m 300 files, \u001b[31;1mred\u001b[0m"),
    log("MILESTONE", "Half of it is done"),
    log("WARNING", "unreadable: /data/x", { errno: 13 }),
    log("ERROR", "disk quota exceeded\n  at sync.Write(sync.go:113)"),
    log("INFO", "<script>alert(1)</script> مرحبا 🚀"),
    { dropped: { count: "2565", level: "LOG_LEVEL_DEBUG" } },
    { stateChange: { toState: "JOB_STATE_FAILED", error: { code: "NO_SPACE", message: "No space left" } } },
  ].map((entry, i) => ({ sequence: i < 3 ? i + 1 : i + 2568, time: at(i - 60), attempt: i ? 1 : 0, ...entry }));
}

/** Returns the part of a journal that a log shows, without a server. */
export function journal(all, { hasOlder = false, loading = "" } = {}) {
  const filter = { attempt: 0, level: "DEBUG", search: "" };
  return Object.assign(new EventTarget(), { entries: all, filter, hasOlder, hasNewer: false, loading, isPaused: true, error: null });
}

/** Returns what a list shows, without a stream. */
export function listStore() {
  return Object.assign(new EventTarget(), { jobs: JOBS, gone: new Set(["01a2-cancelled"]), hasMore: true, isLoading: false });
}
