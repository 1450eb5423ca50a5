package dev.milepost.client;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;

/** What all parts of one client share: connection, threads, and running attempts. */
final class ClientCore {
  private final ManagedChannel connection;
  private final EventLoop timer = new EventLoop("milepost-heartbeat");
  private final EventLoop reportLoop = new EventLoop("milepost-report");
  private final Executor executor;
  private final Calls calls;
  private final JobClient client;
  private final Reporting reporting;

  ClientCore(JobClientBuilder settings) {
    this.connection = Channels.open(settings);
    this.executor = settings.executor == null ? ForkJoinPool.commonPool() : settings.executor;
    Channel channel = ClientInterceptors.intercept(connection, new CallerInterceptor(settings));
    this.calls = new Calls(connection, channel, timer, settings.callTimeout);
    this.reporting = new Reporting(calls, reportLoop, executor);
    this.client = new JobClient(this);
  }

  JobClient client() {
    return client;
  }

  Calls calls() {
    return calls;
  }

  Reporting reporting() {
    return reporting;
  }

  EventLoop timer() {
    return timer;
  }

  Executor executor() {
    return executor;
  }

  boolean isClosed() {
    return connection.isShutdown();
  }

  /**
   * Ends the report stream, then closes the connection, so that calls that wait for a retry fail.
   */
  void close() {
    if (!connection.isShutdown()) {
      reporting.endStream();
    }
    connection.shutdownNow();
    try {
      connection.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    reporting.close();
    timer.close();
  }
}
