package dev.milepost.server.store;

import dev.milepost.server.job.JobKey;
import java.util.List;

/** Damages what a store keeps, behind its back. */
public interface StoreDamage {
  /** What a job's record is damaged with. */
  enum Damage {
    /** Bytes that are no message. */
    GARBAGE,
    /** No bytes, which are a message without an id. */
    EMPTY,
    /** The spec is garbage, the rest is whole. */
    SPEC
  }

  /** Damages the records of jobs. */
  void jobs(List<JobKey> keys, Damage damage);

  /** Damages all runs of a job's journal. */
  void journal(JobKey key);

  /** Damages an item. */
  void item(JobKey key, String itemId);
}
