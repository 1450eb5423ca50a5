package dev.milepost.server.webhook;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.job.JobDecision;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.job.WebhookResult;
import dev.milepost.server.store.Decision;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.Selection;
import dev.milepost.server.store.StoreException;
import dev.milepost.storage.v1.JobRecord;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Attempts to deliver webhooks, and records the results with the job. Thread-safe; never blocks.
 *
 * <p>At most a few attempts per receiver, and some hundreds in all, are in progress at a time;
 * others are postponed. A lost attempt, or a lost record of it, is repeated: receivers recognize a
 * repeated event by its id.
 */
public final class WebhookSender implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookSender.class);

  /** How long an attempt may take after the name has been resolved. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** Threads that resolve names, which blocks. */
  private static final int THREADS = 4;

  private final JobStore store;
  private final JobRules rules;
  private final InstantSource clock;
  private final AddressGuard guard;
  private final Supplier<HttpPoster> posters;
  private final WebhookObserver observer;
  private final InFlightLimit inFlight = new InFlightLimit();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          10,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          ThreadFactories.daemon("milepost-webhook"));

  /** Created on first use: it takes a while, and many servers never need it. */
  private @Nullable HttpPoster poster;

  /**
   * Creates a sender that uses the JDK's resolver and trusted certificates.
   *
   * @param allowsLoopback whether webhooks may reach this machine, over http too: for development
   *     only
   * @param observer receives the results of attempts
   */
  public WebhookSender(
      JobStore store,
      JobRules rules,
      InstantSource clock,
      boolean allowsLoopback,
      WebhookObserver observer) {
    this(
        store,
        rules,
        clock,
        new AddressGuard(InetAddress::getAllByName, allowsLoopback),
        () -> new HttpPoster(null, TIMEOUT),
        observer);
  }

  WebhookSender(
      JobStore store,
      JobRules rules,
      InstantSource clock,
      AddressGuard guard,
      Supplier<HttpPoster> posters,
      WebhookObserver observer) {
    this.store = store;
    this.rules = rules;
    this.clock = clock;
    this.guard = guard;
    this.posters = posters;
    this.observer = observer;
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Makes the delivery attempts that a committed decision has begun. Returns at once.
   *
   * @param before the job before the decision
   */
  public void committed(JobRecord before, JobDecision decision) {
    DeliveryAttempt.begunBy(before, decision).forEach(this::deliver);
  }

  void deliver(DeliveryAttempt one) {
    URI url = URI.create(one.record().getJob().getSpec().getWebhook().getUrl());
    if (!inFlight.enter(url.getHost())) {
      note(one, new WebhookResult.Postponed());
      return;
    }
    try {
      threads.execute(
          () ->
              send(one, url)
                  .whenComplete(
                      (result, failure) -> {
                        inFlight.leave(url.getHost());
                        note(one, failure == null ? result : failed(one, failure));
                      }));
    } catch (RejectedExecutionException e) {
      // The server is stopping; the next one repeats the attempt.
      inFlight.leave(url.getHost());
    }
  }

  private CompletionStage<WebhookResult> send(DeliveryAttempt one, URI url) {
    try {
      List<InetAddress> addresses = guard.addressesOf(url);
      // Each attempt uses another address, as one of them may not respond.
      InetAddress address = addresses.get(one.delivery().getTries() % addresses.size());
      return poster()
          .post(url, address, WebhookMessage.of(one, clock.instant()))
          .thenApply(WebhookSender::answered);
    } catch (Exception e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private synchronized HttpPoster poster() {
    if (poster == null) {
      poster = posters.get();
    }
    return poster;
  }

  private static WebhookResult answered(int statusCode) {
    boolean isTold = statusCode >= 200 && statusCode < 300;
    return isTold
        ? new WebhookResult.Delivered(statusCode)
        : new WebhookResult.Failed(statusCode, "The receiver did not respond with 2xx.");
  }

  /** Logs the cause here only, as it might reveal the network behind the server. */
  private static WebhookResult failed(DeliveryAttempt one, Throwable failure) {
    Throwable cause = unwrapped(failure);
    LOG.debug("A webhook of job {} was not delivered.", one.record().getJob().getId(), cause);
    String reason;
    if (cause instanceof WebhookRefusedException refused) {
      reason = refused.reason();
    } else if (cause instanceof UnknownHostException) {
      reason = "The receiver's name has no address.";
    } else if (cause instanceof TimeoutException) {
      reason = "The receiver did not respond in time.";
    } else if (cause instanceof SSLException || cause.getCause() instanceof SSLException) {
      reason = "The receiver's TLS certificate is not trusted.";
    } else {
      reason = "The receiver cannot be reached, or closed the connection.";
    }
    return new WebhookResult.Failed(0, reason);
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }

  private void note(DeliveryAttempt one, WebhookResult result) {
    observer.attempted(WebhookOutcome.of(result));
    JobKey key = JobKey.of(one.record());
    var unused =
        store
            .update(
                Selection.of(key),
                found ->
                    found
                        .job(key)
                        .map(
                            job ->
                                Decision.of(
                                    rules.webhookTried(
                                        job, one.delivery().getId(), result, found.clock()),
                                    true))
                        .orElse(Decision.nothing(false)))
            .exceptionally(
                failure -> {
                  if (!StoreException.isReported(failure)) {
                    LOG.warn("Failed to record the result of a webhook.", failure);
                  }
                  return false;
                });
  }

  /** Abandons attempts in progress; they are repeated after a restart. */
  @Override
  public void close() {
    threads.shutdownNow();
    synchronized (this) {
      if (poster != null) {
        poster.close();
      }
    }
  }
}
