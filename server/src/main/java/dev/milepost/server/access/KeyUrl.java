package dev.milepost.server.access;

import dev.milepost.server.concurrent.ThreadFactories;
import dev.milepost.server.concurrent.TimeSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys from a URL. A separate thread fetches them; calls use the last valid response. An unknown
 * key causes an early fetch, but tokens cannot cause fetches more often than the minimum interval.
 */
final class KeyUrl implements KeySource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyUrl.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int MAX_BYTES = 1 << 20;

  private final URI url;
  private final Duration minInterval;
  private final TimeSource time;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();
  private final ScheduledThreadPoolExecutor thread;
  private final AtomicBoolean requested = new AtomicBoolean();
  private volatile VerificationKeys keys = VerificationKeys.none();

  // Confined to the thread that fetches.
  private long fetchedNanos;
  private boolean failing;

  /**
   * Starts to fetch. Blocks until the first fetch has finished or timed out.
   *
   * @param interval time between two fetches
   * @param minInterval minimum time between two fetches
   * @param time tells how long ago the last fetch was
   */
  KeyUrl(URI url, Duration interval, Duration minInterval, TimeSource time) {
    this.url = url;
    this.minInterval = minInterval;
    this.time = time;
    this.thread = new ScheduledThreadPoolExecutor(1, ThreadFactories.daemon("milepost-jwks"));
    // The server is stopping: new keys are not needed.
    thread.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    fetch();
    var unused =
        thread.scheduleWithFixedDelay(
            this::fetch, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public VerificationKeys keys() {
    return keys;
  }

  @Override
  public void missed() {
    if (requested.compareAndSet(false, true)) {
      thread.execute(this::fetchSoon);
    }
  }

  private void fetchSoon() {
    long wait = fetchedNanos + minInterval.toNanos() - time.nanoTime();
    var unused =
        thread.schedule(
            () -> {
              requested.set(false);
              fetch();
            },
            Math.max(0, wait),
            TimeUnit.NANOSECONDS);
  }

  private void fetch() {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(url)
              .timeout(TIMEOUT)
              .header("accept", "application/json")
              .GET()
              .build();
      HttpResponse<InputStream> response =
          http.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        cutOff(body);
        byte[] bytes = body.readNBytes(MAX_BYTES + 1);
        if (response.statusCode() != 200 || bytes.length > MAX_BYTES) {
          failed("the response was " + response.statusCode() + " with " + bytes.length + " bytes");
          return;
        }
        keys = VerificationKeys.parse(new String(bytes, StandardCharsets.UTF_8));
      }
      failing = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      failed(e.toString());
    } catch (ParseException | RuntimeException e) {
      failed("the response is not a key set");
    } finally {
      fetchedNanos = time.nanoTime();
    }
  }

  /** Stops reading from an issuer that responds too slowly. */
  private static void cutOff(InputStream body) {
    CompletableFuture.delayedExecutor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
        .execute(
            () -> {
              try {
                body.close();
              } catch (IOException e) {
                LOG.debug("Failed to close a response that took too long.", e);
              }
            });
  }

  private void failed(String why) {
    if (!failing) {
      LOG.warn(
          "Failed to fetch keys from {}: {}. The last valid keys stay in use.", url.getHost(), why);
    }
    failing = true;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
