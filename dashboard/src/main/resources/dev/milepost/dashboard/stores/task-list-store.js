import { JobListStore } from "./job-list-store.js";

const MAX_PAGE_SIZE = 1000;

/**
 * Tasks with their steps, kept current by the stream of their jobs. The state of the steps is that of
 * the parts of the job's progress; which jobs the steps are is read when one has begun.
 */
export class TaskListStore extends JobListStore {
  #client;
  #definition;

  /** Ids of the jobs of the steps that have begun, in order, by the id of the task. */
  #stepJobs = new Map();

  #isReading = false;
  #abort = new AbortController();

  /** @param definition tasks of this definition; empty: of all */
  constructor(client, definition) {
    super(client, { kind: "JOB_KIND_TASK", ...(definition ? { types: [`task:${definition}`] } : {}) });
    this.#client = client;
    this.#definition = definition;
  }

  close() {
    super.close();
    this.#abort.abort();
  }

  changed() {
    super.changed();
    this.#readSteps();
  }

  /** The tasks that are shown, each with its steps. */
  get tasks() {
    return this.jobs.map((job) => ({ job, steps: this.#steps(job) }));
  }

  #steps(job) {
    const ids = this.#stepJobs.get(job.id) ?? [];
    return (job.status?.progress?.subOperations ?? []).map((step, at) => ({ ...step, jobId: ids[at] }));
  }

  /** Returns the tasks of which not all jobs are known. */
  #unknown() {
    return this.jobs.filter(({ id, status }) => {
      const known = (this.#stepJobs.get(id) ?? []).filter(Boolean).length;
      return !this.gone.has(id) && begun(status?.childCounts) > known;
    });
  }

  async #readSteps() {
    if (this.#isReading || this.#abort.signal.aborted) {
      return;
    }
    const unknown = this.#unknown();
    if (!unknown.length) {
      return;
    }
    this.#isReading = true;
    try {
      this.#keep(unknown.length === 1 ? [await this.#one(unknown[0].id)] : await this.#all());
      unknown.forEach(({ id }) => this.#stepJobs.has(id) || this.#stepJobs.set(id, []));
    } catch {
      // Steps without a link: the next change tries again.
    }
    this.#isReading = false;
    super.changed();
  }

  async #one(id) {
    return (await this.#client.get(`/v1/tasks/${encodeURIComponent(id)}`, {}, this.#abort.signal)).task;
  }

  async #all() {
    const size = Math.min(MAX_PAGE_SIZE, this.jobs.length + this.waiting.size);
    return (await this.#client.get("/v1/tasks", { definition: this.#definition, page_size: size }, this.#abort.signal)).tasks ?? [];
  }

  #keep(tasks) {
    tasks.forEach(({ job, steps }) => this.#stepJobs.set(job.id, (steps ?? []).map((step) => step.jobId)));
  }
}

/** Each step that has begun has a child job. */
function begun(childCounts) {
  return Object.values(childCounts ?? {}).reduce((sum, number) => sum + Number(number), 0);
}
