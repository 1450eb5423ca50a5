package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.StoreCheck;
import dev.milepost.server.store.engine.CountTally;

/** What a check has read and found so far. Used by one thread. */
final class RedisFindings {
  private final StoreCheck.Progress progress;
  private final CountTally tally = new CountTally();
  private long jobs;
  private long runs;
  private long items;
  private long requests;
  private long findings;

  RedisFindings(StoreCheck.Progress progress) {
    this.progress = progress;
  }

  StoreCheck.Progress progress() {
    return progress;
  }

  /** The jobs that were read, to be compared with the counts. */
  CountTally tally() {
    return tally;
  }

  /** Something is damaged, as a sentence. */
  void found(String finding) {
    findings++;
    progress.found(finding);
  }

  /** Something of a job is damaged: the rest of a sentence that begins with it. */
  void found(JobKey key, String finding) {
    found("Job " + key.jobId() + " of tenant " + key.tenantId() + finding);
  }

  void addJob() {
    jobs++;
  }

  void addRuns(int more) {
    runs += more;
  }

  void addItems(int more) {
    items += more;
  }

  void addRequest() {
    requests++;
  }

  StoreCheck result() {
    return new StoreCheck(jobs, runs, items, requests, findings);
  }
}
