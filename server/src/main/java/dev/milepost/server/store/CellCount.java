package dev.milepost.server.store;

import dev.milepost.storage.v1.JobRecord;

/**
 * What is counted in a {@link CountCell}, or a change of it.
 *
 * @param jobs number of jobs
 * @param bytes size of the jobs, as their records say
 */
public record CellCount(long jobs, long bytes) {
  /** Returns what a job adds to the cell that it is counted in. */
  public static CellCount of(JobRecord record) {
    return new CellCount(1, record.getChargedBytes());
  }

  /** Returns the sum. */
  public CellCount plus(CellCount other) {
    return new CellCount(jobs + other.jobs, bytes + other.bytes);
  }

  /** Returns the change that undoes this one. */
  public CellCount negated() {
    return new CellCount(-jobs, -bytes);
  }

  /** Whether nothing is counted, or nothing changes. */
  public boolean isZero() {
    return jobs == 0 && bytes == 0;
  }

  /**
   * Returns the average size of the jobs, which is assumed for one that cannot be read; 0 if there
   * are none.
   */
  public long averageBytes() {
    return jobs <= 0 ? 0 : Math.max(0, bytes) / jobs;
  }
}
