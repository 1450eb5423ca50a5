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
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a job should do: an immutable value; each method with an argument returns a changed copy.
 *
 * <pre>{@code
 * JobSpec.of("user-sync").params(Map.of("batch", 100)).priority(80).maxRetries(1)
 * }</pre>
 *
 * <p>This class rejects only nulls and values that cannot be encoded. The server validates
 * everything else ({@link InvalidRequestException}) and supplies the defaults of unset fields.
 */
public final class JobSpec {
  private final dev.milepost.v1.JobSpec proto;

  private JobSpec(dev.milepost.v1.JobSpec proto) {
    this.proto = proto;
  }

  /** Creates a spec of a type: the kind of work, by which workers choose jobs. */
  public static JobSpec of(String type) {
    return new JobSpec(dev.milepost.v1.JobSpec.newBuilder().setType(type).build());
  }

  /** Creates a spec from the generated message. */
  public static JobSpec fromProto(dev.milepost.v1.JobSpec proto) {
    return new JobSpec(proto);
  }

  /** Returns the generated message. */
  public dev.milepost.v1.JobSpec toProto() {
    return proto;
  }

  /** Returns the type. */
  public String type() {
    return proto.getType();
  }

  /** Returns the display name; empty if it is not set. */
  public String displayName() {
    return proto.getDisplayName();
  }

  /** Returns the parameters. */
  public JobParams params() {
    return JobParams.of(proto.getParams());
  }

  /** Returns the metadata, unmodifiable. */
  public Map<String, @Nullable Object> metadata() {
    return Structs.map(proto.getMetadata());
  }

  /** Returns the priority; empty if it is not set. */
  public OptionalInt priority() {
    return proto.hasPriority() ? OptionalInt.of(proto.getPriority()) : OptionalInt.empty();
  }

  /** Returns the project; empty if there is none. */
  public Optional<String> project() {
    return Times.present(!proto.getProjectId().isEmpty(), proto.getProjectId());
  }

  /** Returns the scope; {@code JOB_SCOPE_UNSPECIFIED} if it is not set. */
  public JobScope scope() {
    return proto.getScope();
  }

  /** Returns the labels, unmodifiable. */
  public Map<String, String> labels() {
    return proto.getLabelsMap();
  }

  /** Returns what triggered the job; {@code JOB_TRIGGER_UNSPECIFIED} if it is not set. */
  public JobTrigger trigger() {
    return proto.getTrigger();
  }

  /** Returns the version of the algorithm to use; empty if it is not set. */
  public String algorithmVersion() {
    return proto.getAlgorithmVersion();
  }

  /** Returns how often the job is retried automatically; empty if it is not set. */
  public OptionalInt maxRetries() {
    return proto.hasMaxRetries() ? OptionalInt.of(proto.getMaxRetries()) : OptionalInt.empty();
  }

  /** Returns the maximum time in the queue; empty if it is not set. */
  public Optional<Duration> queueTimeout() {
    return timeout(JobTimeouts::hasQueue, JobTimeouts::getQueue);
  }

  /** Returns the maximum time of one attempt; empty if it is not set. */
  public Optional<Duration> attemptTimeout() {
    return timeout(JobTimeouts::hasAttempt, JobTimeouts::getAttempt);
  }

  /** Returns the maximum time from creation to end; empty if it is not set. */
  public Optional<Duration> totalTimeout() {
    return timeout(JobTimeouts::hasTotal, JobTimeouts::getTotal);
  }

  /** Returns how long a worker may stay silent; empty if it is not set. */
  public Optional<Duration> lease() {
    return timeout(JobTimeouts::hasLease, JobTimeouts::getLease);
  }

  /** Returns the grace period of a cancel; empty if it is not set. */
  public Optional<Duration> cancelGrace() {
    return timeout(JobTimeouts::hasCancelGrace, JobTimeouts::getCancelGrace);
  }

  /** Returns how long a running job may go without new progress; empty if it is not set. */
  public Optional<Duration> stallAfter() {
    return timeout(JobTimeouts::hasStallAfter, JobTimeouts::getStallAfter);
  }

  /** Returns the earliest time of a claim; empty if it is not set. */
  public Optional<Instant> notBefore() {
    return Times.present(proto.hasNotBeforeTime(), proto.getNotBeforeTime()).map(Times::instant);
  }

  /** Returns the time after which the job is deleted; empty if it is not set. */
  public Optional<Instant> expireAt() {
    return Times.present(proto.hasExpireTime(), proto.getExpireTime()).map(Times::instant);
  }

  private Optional<Duration> timeout(
      Predicate<JobTimeouts> isSet, Function<JobTimeouts, com.google.protobuf.Duration> timeout) {
    JobTimeouts timeouts = proto.getTimeouts();
    return Times.present(isSet.test(timeouts), timeout.apply(timeouts)).map(Times::duration);
  }

  /** Sets the display name, at most 256 characters. */
  public JobSpec displayName(String name) {
    return with(spec -> spec.setDisplayName(name));
  }

  /**
   * Replaces the parameters. Values may be null, strings, booleans, numbers (whole numbers up to
   * 2^53), enums, {@code java.time} values, and lists and maps of those.
   *
   * @throws IllegalArgumentException if a value cannot be encoded
   */
  public JobSpec params(Map<String, ?> params) {
    return with(spec -> spec.setParams(Structs.strict(params)));
  }

  /**
   * Replaces the metadata: the owner's own data, which the server never interprets. For the values,
   * see {@link #params(Map)}.
   *
   * @throws IllegalArgumentException if a value cannot be encoded
   */
  public JobSpec metadata(Map<String, ?> metadata) {
    return with(spec -> spec.setMetadata(Structs.strict(metadata)));
  }

  /** Sets the priority, from 0 (lowest) to 100 (highest); default: 50. */
  public JobSpec priority(int priority) {
    return with(spec -> spec.setPriority(priority));
  }

  /** Sets the project on which the job works. */
  public JobSpec project(String projectId) {
    return with(spec -> spec.setProjectId(projectId));
  }

  /** Sets the scope: a project, a set of items, or everything; default: derived by the server. */
  public JobSpec scope(JobScope scope) {
    return with(spec -> spec.setScope(scope));
  }

  /** Adds a label, by which the job can be found. */
  public JobSpec label(String key, String value) {
    return with(spec -> spec.putLabels(key, value));
  }

  /** Replaces all labels. */
  public JobSpec labels(Map<String, String> labels) {
    return with(spec -> spec.clearLabels().putAllLabels(labels));
  }

  /** Sets what triggered the job. */
  public JobSpec trigger(JobTrigger trigger) {
    return with(spec -> spec.setTrigger(trigger));
  }

  /** Sets the version of the algorithm to use. */
  public JobSpec algorithmVersion(String version) {
    return with(spec -> spec.setAlgorithmVersion(version));
  }

  /** Sets how often the job is retried automatically, 0 to 100; default: 3. */
  public JobSpec maxRetries(int retries) {
    return with(spec -> spec.setMaxRetries(retries));
  }

  /**
   * Sets the delay between attempts.
   *
   * @param initial delay before the first retry
   * @param max maximum delay
   * @param multiplier growth of the delay with each retry, 1.0 to 10.0
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

  /** Sets the maximum time in the queue before the first attempt. */
  public JobSpec queueTimeout(Duration timeout) {
    return withTimeouts(timeouts -> timeouts.setQueue(Times.duration(timeout)));
  }

  /** Sets the maximum time of one attempt. */
  public JobSpec attemptTimeout(Duration timeout) {
    return withTimeouts(timeouts -> timeouts.setAttempt(Times.duration(timeout)));
  }

  /** Sets the maximum time from creation to end. */
  public JobSpec totalTimeout(Duration timeout) {
    return withTimeouts(timeouts -> timeouts.setTotal(Times.duration(timeout)));
  }

  /** Sets how long a worker may stay silent before it loses its lease; default: 30 s. */
  public JobSpec lease(Duration lease) {
    return withTimeouts(timeouts -> timeouts.setLease(Times.duration(lease)));
  }

  /** Sets the grace period in which a worker must confirm a cancel; default: 30 s. */
  public JobSpec cancelGrace(Duration grace) {
    return withTimeouts(timeouts -> timeouts.setCancelGrace(Times.duration(grace)));
  }

  /** Sets how long a running job may go without new progress before it is shown as stalled. */
  public JobSpec stallAfter(Duration time) {
    return withTimeouts(timeouts -> timeouts.setStallAfter(Times.duration(time)));
  }

  /** Sets the earliest time at which the job can be claimed. */
  public JobSpec notBefore(Instant time) {
    return with(spec -> spec.setNotBeforeTime(Times.timestamp(time)));
  }

  /** Sets the time after which the job is deleted, unless it is running. */
  public JobSpec expireAt(Instant time) {
    return with(spec -> spec.setExpireTime(Times.timestamp(time)));
  }

  /**
   * Sets a webhook, which is called when the job enters one of the given states.
   *
   * @param url an https URL on the public internet; docs/WEBHOOKS.md describes the calls
   * @param secret signs the calls, for example {@code whsec_} followed by Base64; empty: the calls
   *     are not signed. The server never returns it
   * @param states which states; none: every final state
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
