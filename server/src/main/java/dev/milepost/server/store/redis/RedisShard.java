package dev.milepost.server.store.redis;

import dev.milepost.server.job.JobKey;
import org.jspecify.annotations.Nullable;

/**
 * A shard: a part of the tenants, and the names of its keys. All of them are in one hash slot, so
 * that one script can access them; on a cluster, the shards are distributed over the nodes.
 *
 * <p>Names are joined by spaces, which tenants, users, job ids and types cannot contain.
 *
 * @param number number of the shard, from 0
 * @param base prefix of its keys
 */
record RedisShard(int number, String base) {
  static RedisShard of(String prefix, int number) {
    return new RedisShard(number, prefix + ":{" + number + "}:");
  }

  /** Hash: a job. */
  String job(JobKey key) {
    return jobs(key.tenantId()) + key.jobId();
  }

  /** Prefix of the keys of all jobs. */
  String jobs() {
    return base + "job:";
  }

  /** Prefix of the keys of a tenant's jobs. */
  String jobs(String tenantId) {
    return jobs() + tenantId + " ";
  }

  /** Stream: the journal of a job in runs, each under the sequence of its last entry. */
  String journal(JobKey key) {
    return base + "runs:" + member(key);
  }

  /** Hash: the items of a job, by id. */
  String items(JobKey key) {
    return base + "item:" + member(key);
  }

  /** Sorted set: the ids of the items of a job. */
  String itemIds(JobKey key) {
    return base + "item-ids:" + member(key);
  }

  /** String: an idempotent request, by the digest of its key. */
  String request(String digest) {
    return base + "once:" + digest;
  }

  /** Sorted set: all jobs, by number. */
  String all() {
    return base + "all";
  }

  /** Sorted set: all jobs with a wake time, by wake time. */
  String wake() {
    return base + "wake";
  }

  /** Sorted set: an index of a tenant's jobs, by number. */
  String index(String kind, String tenantId, Object value) {
    return base + kind + ":" + tenantId + " " + value;
  }

  /** Sorted set: the ids of a tenant's jobs, in the order of their bytes. */
  String ids(String tenantId) {
    return base + "ids:" + tenantId;
  }

  /** Prefix of the keys of a tenant's lanes; each is a sorted set of claimable jobs. */
  String lanes(String tenantId) {
    return base + "lane:" + tenantId + " ";
  }

  /** Set: the lanes of a tenant, including former ones. */
  String laneNames(String tenantId) {
    return base + "lanes:" + tenantId;
  }

  /** Prefix of the keys that reserve a tenant's claimable jobs for a server for a moment. */
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

  /** Hash: counts of a tenant's jobs, without users and projects. */
  String totals(String tenantId) {
    return base + "totals:" + tenantId;
  }

  /** Hash: counts of a user's jobs. */
  String counts(String tenantId, String userId) {
    return base + "counts:" + tenantId + " " + userId;
  }

  /** Hash: what servers keep beside the jobs, of one kind. In the first shard only. */
  String records(String kind) {
    return base + "server-records:" + kind;
  }

  /** Sorted set: the keys of such records, by the time when they expire. */
  String recordExpiry(String kind) {
    return base + "record-expiry:" + kind;
  }

  /** String: the number of the last commit. */
  String commits() {
    return base + "commits";
  }

  /** Stream: what the last commits changed, each under its number. */
  String changes() {
    return base + "changes";
  }

  /** Hash: the last commit by a server. */
  String last(String serverId) {
    return base + "last:" + serverId;
  }

  /** The name of a job within the shard. */
  static String member(JobKey key) {
    return key.tenantId() + " " + key.jobId();
  }

  /** The job with such a name; null if the name is damaged. */
  static @Nullable JobKey keyIfValid(String member) {
    return member.indexOf(' ') < 0 ? null : key(member);
  }

  /** The job with such a name. */
  static JobKey key(String member) {
    int blank = member.indexOf(' ');
    return new JobKey(member.substring(0, blank), member.substring(blank + 1));
  }
}
