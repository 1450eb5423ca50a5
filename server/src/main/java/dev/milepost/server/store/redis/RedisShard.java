package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;

/**
 * A part of the tenants, and what its keys are called. All of them lie in one hash slot, so that
 * one script reaches all; on a cluster, the shards spread over its nodes.
 *
 * <p>Names are joined by blanks, which neither tenants nor users, job ids or types may contain.
 *
 * @param number number of the shard, from 0
 * @param base what its keys begin with
 */
record RedisShard(int number, String base) {
  static RedisShard of(String prefix, int number) {
    return new RedisShard(number, prefix + ":{" + number + "}:");
  }

  /** Hash: what is kept of a job. */
  String job(JobKey key) {
    return jobs(key.tenantId()) + key.jobId();
  }

  /** What the keys of a tenant's jobs begin with. */
  String jobs(String tenantId) {
    return base + "job:" + tenantId + " ";
  }

  /** Stream: the journal of a job in runs, each under the sequence of its last entry. */
  String journal(JobKey key) {
    return base + "journal:" + member(key);
  }

  /** Hash: the items of a job, by id. */
  String items(JobKey key) {
    return base + "items:" + member(key);
  }

  /** Sorted set: the ids of the items of a job. */
  String itemIds(JobKey key) {
    return base + "item-ids:" + member(key);
  }

  /** String: an idempotent request, by the digest of its key. */
  String request(String digest) {
    return base + "request:" + digest;
  }

  /** Sorted set: all jobs, by number. */
  String all() {
    return base + "all";
  }

  /** Sorted set: all jobs with a wake time, by it. */
  String wake() {
    return base + "wake";
  }

  /** Sorted set: a tenant's jobs of a kind, by number. */
  String index(String kind, String tenantId, Object value) {
    return base + kind + ":" + tenantId + " " + value;
  }

  /** What the keys of a tenant's lanes begin with; each is a sorted set of jobs that wait. */
  String lanes(String tenantId) {
    return base + "lane:" + tenantId + " ";
  }

  /** Set: the lanes of a tenant, or those that there were. */
  String laneNames(String tenantId) {
    return base + "lanes:" + tenantId;
  }

  /** What the keys begin with that hold a tenant's waiting jobs for a server for a moment. */
  String held(String tenantId) {
    return base + "held:" + tenantId + " ";
  }

  /** Set: all tenants that have or had jobs. */
  String tenants() {
    return base + "tenants";
  }

  /** Set: all users of a tenant that have or had jobs. */
  String users(String tenantId) {
    return base + "users:" + tenantId;
  }

  /** Hash: how many jobs of a tenant there are, by all but user and project. */
  String totals(String tenantId) {
    return base + "totals:" + tenantId;
  }

  /** Hash: how many jobs of a user there are. */
  String counts(String tenantId, String userId) {
    return base + "counts:" + tenantId + " " + userId;
  }

  /** String: the number of the last commit. */
  String commits() {
    return base + "commits";
  }

  /** Stream: what the last commits changed, each under its number. */
  String changes() {
    return base + "changes";
  }

  /** Hash: what a server committed last. */
  String last(String serverId) {
    return base + "last:" + serverId;
  }

  /** A job's name within the shard. */
  static String member(JobKey key) {
    return key.tenantId() + " " + key.jobId();
  }

  /** The job of such a name. */
  static JobKey key(String member) {
    int blank = member.indexOf(' ');
    return new JobKey(member.substring(0, blank), member.substring(blank + 1));
  }
}
