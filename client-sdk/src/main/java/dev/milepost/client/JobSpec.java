package dev.milepost.client;

import dev.milepost.v1.JobScope;
import dev.milepost.v1.JobState;
import dev.milepost.v1.JobTimeouts;
import dev.milepost.v1.JobTrigger;
import dev.milepost.v1.RetryBackoff;
import dev.milepost.v1.Webhook;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a job is to do: an immutable value, built up by methods that each return a changed copy.
 *
 * <pre>{@code
 * JobSpec.of("user-sync").params(Map.of("batch", 100)).priority(80).maxRetries(1)
 * }</pre>
 *
 * <p>Nothing is checked here but nulls and what cannot be encoded: the server judges, and answers
 * with {@link InvalidRequestException}. What is not set takes the server's default.
 */
public final class JobSpec {
  private final dev.milepost.v1.JobSpec proto;

  private JobSpec(dev.milepost.v1.JobSpec proto) {
    this.proto = proto;
  }

  /** A spec of the given type: the kind of work, by which workers pick it. */
  public static JobSpec of(String type) {
    return new JobSpec(dev.milepost.v1.JobSpec.newBuilder().setType(type).build());
  }

  /** The spec that a generated message holds. */
  public static JobSpec fromProto(dev.milepost.v1.JobSpec proto) {
    return new JobSpec(proto);
  }

  /** The generated message. */
  public dev.milepost.v1.JobSpec toProto() {
    return proto;
  }

  /** Kind of work. */
  public String type() {
    return proto.getType();
  }

  /** With a name for people, at most 256 characters. */
  public JobSpec displayName(String name) {
    return with(spec -> spec.setDisplayName(name));
  }

  /**
   * With the input of the work, in place of any before. Values may be null, strings, booleans,
   * numbers (whole ones up to 2^53), enums, times, and lists and maps of those.
   *
   * @throws IllegalArgumentException where a value is of another kind
   */
  public JobSpec params(Map<String, ?> params) {
    return with(spec -> spec.setParams(Structs.strict(params)));
  }

  /**
   * With the owner's notes, which the server never reads; values as for {@link #params(Map)}.
   *
   * @throws IllegalArgumentException where a value cannot be encoded
   */
  public JobSpec metadata(Map<String, ?> metadata) {
    return with(spec -> spec.setMetadata(Structs.strict(metadata)));
  }

  /** With a priority from 0 (last) to 100 (first); 50 where unset. */
  public JobSpec priority(int priority) {
    return with(spec -> spec.setPriority(priority));
  }

  /** With the project that the job works on. */
  public JobSpec project(String projectId) {
    return with(spec -> spec.setProjectId(projectId));
  }

  /** With what the job works on. */
  public JobSpec scope(JobScope scope) {
    return with(spec -> spec.setScope(scope));
  }

  /** With one more label to find the job by. */
  public JobSpec label(String key, String value) {
    return with(spec -> spec.putLabels(key, value));
  }

  /** With these labels, in place of any before. */
  public JobSpec labels(Map<String, String> labels) {
    return with(spec -> spec.clearLabels().putAllLabels(labels));
  }

  /** With what set the job off. */
  public JobSpec trigger(JobTrigger trigger) {
    return with(spec -> spec.setTrigger(trigger));
  }

  /** With the version of the algorithm that is to do the work. */
  public JobSpec algorithmVersion(String version) {
    return with(spec -> spec.setAlgorithmVersion(version));
  }

  /** With how often the job is tried again by itself: 0 to 100; 3 where unset. */
  public JobSpec maxRetries(int retries) {
    return with(spec -> spec.setMaxRetries(retries));
  }

  /**
   * With the wait between one attempt and the next.
   *
   * @param initial wait before the first retry
   * @param max longest wait
   * @param multiplier growth from one retry to the next, 1.0 to 10.0
   */
  public JobSpec retryBackoff(Duration initial, Duration max, double multiplier) {
    return with(
        spec ->
            spec.setRetryBackoff(
                RetryBackoff.newBuilder()
                    .setInitial(Times.duration(initial))
                    .setMax(Times.duration(max))
                    .setMultiplier(multiplier)));
  }

  /** With the longest wait in the queue before a first attempt. */
  public JobSpec queueTimeout(Duration timeout) {
    return withTimeouts(timeouts -> timeouts.setQueue(Times.duration(timeout)));
  }

  /** With the longest time of one attempt. */
  public JobSpec attemptTimeout(Duration timeout) {
    return withTimeouts(timeouts -> timeouts.setAttempt(Times.duration(timeout)));
  }

  /** With the longest time from creation to end. */
  public JobSpec totalTimeout(Duration timeout) {
    return withTimeouts(timeouts -> timeouts.setTotal(Times.duration(timeout)));
  }

  /** With the longest silence of a worker before its attempt is lost; 30 s where unset. */
  public JobSpec lease(Duration lease) {
    return withTimeouts(timeouts -> timeouts.setLease(Times.duration(lease)));
  }

  /** With how long a worker has to confirm a cancel; 30 s where unset. */
  public JobSpec cancelGrace(Duration grace) {
    return withTimeouts(timeouts -> timeouts.setCancelGrace(Times.duration(grace)));
  }

  /** With how long a running job may be without new progress before it shows as stalled. */
  public JobSpec stallAfter(Duration time) {
    return withTimeouts(timeouts -> timeouts.setStallAfter(Times.duration(time)));
  }

  /** Not to be claimed before this time. */
  public JobSpec notBefore(Instant time) {
    return with(spec -> spec.setNotBeforeTime(Times.timestamp(time)));
  }

  /** Gone after this time, unless it runs. */
  public JobSpec expireAt(Instant time) {
    return with(spec -> spec.setExpireTime(Times.timestamp(time)));
  }

  /**
   * Tells a URL over HTTP when the job ends, or goes into one of the states that are named.
   *
   * @param url https, in the public internet; what is sent is described in docs/WEBHOOKS.md
   * @param secret what the calls are signed with, such as {@code whsec_} and Base64; empty: they
   *     are not signed. It is never read back
   * @param states which states; none: each in which a job ends
   */
  public JobSpec webhook(String url, String secret, JobState... states) {
    Webhook webhook =
        Webhook.newBuilder().setUrl(url).setSecret(secret).addAllStates(List.of(states)).build();
    return with(spec -> spec.setWebhook(webhook));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JobSpec spec && proto.equals(spec.proto);
  }

  @Override
  public int hashCode() {
    return proto.hashCode();
  }

  @Override
  public String toString() {
    return "JobSpec[" + proto.getType() + "]";
  }

  private JobSpec with(Consumer<dev.milepost.v1.JobSpec.Builder> change) {
    dev.milepost.v1.JobSpec.Builder builder = proto.toBuilder();
    change.accept(builder);
    return new JobSpec(builder.build());
  }

  private JobSpec withTimeouts(Consumer<JobTimeouts.Builder> change) {
    return with(spec -> change.accept(spec.getTimeoutsBuilder()));
  }
}
