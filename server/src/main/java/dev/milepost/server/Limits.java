package dev.milepost.server;

import dev.milepost.server.app.CallerLimits;
import dev.milepost.server.app.QuotaLimits;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobRetention;
import dev.milepost.server.settings.CallerSettings;
import dev.milepost.server.settings.ConnectionSettings;
import dev.milepost.server.settings.InFlightSettings;
import dev.milepost.server.settings.JobSettings;
import dev.milepost.server.settings.QuotaSettings;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.transport.TransportLimits;
import io.grpc.netty.NettyServerBuilder;
import java.util.concurrent.TimeUnit;

/** Converts settings to the limits that the parts of a server take. */
final class Limits {
  private static final int FLOW_CONTROL_WINDOW = 1024 * 1024;

  private Limits() {}

  /** Returns the limits of connections and calls. */
  static TransportLimits transport(Settings settings) {
    ConnectionSettings connections = settings.connections();
    InFlightSettings inFlight = settings.inFlight();
    return new TransportLimits(
        inFlight.connections(),
        inFlight.connectionsPerAddress(),
        connections.calls(),
        inFlight.anonymousCalls(),
        inFlight.anonymousCallsPerAddress(),
        inFlight.anonymousCallsPerConnection(),
        inFlight.bytes(),
        inFlight.bytesPerUser(),
        inFlight.bytesPerConnection(),
        inFlight.requestTimeout(),
        inFlight.responseTimeout());
  }

  /** Returns the defaults and limits of jobs. */
  static JobDefaults jobs(JobSettings jobs) {
    return new JobDefaults(
        jobs.lease(),
        jobs.cancelGrace(),
        jobs.stallAfter(),
        jobs.maxRetries(),
        jobs.priority(),
        jobs.journalCap(),
        jobs.logBytes(),
        new JobRetention(jobs.keepSucceeded(), jobs.keepFailed(), jobs.keepCancelled()));
  }

  private static QuotaLimits quotas(QuotaSettings quotas) {
    return new QuotaLimits(
        quotas.tenantJobs(), quotas.userJobs(), quotas.tenantBytes(), quotas.userBytes());
  }

  /** Returns the limits of users and tenants. */
  static CallerLimits callers(CallerSettings callers) {
    return new CallerLimits(
        callers.userRequests(),
        callers.tenantRequests(),
        callers.burst(),
        callers.userStreams(),
        quotas(callers.quotas()),
        callers.childItems(),
        callers.storeChanges());
  }

  /** Sets the limits of each connection. */
  static void apply(ConnectionSettings limits, NettyServerBuilder builder) {
    builder
        // Beyond ours, so that a call too many is refused with a reason rather than held back.
        .maxConcurrentCallsPerConnection(2 * limits.calls())
        // Fixed: gRPC would raise it to 8 MiB for each connection.
        .flowControlWindow(FLOW_CONTROL_WINDOW)
        .maxInboundMessageSize(limits.messageBytes())
        .maxInboundMetadataSize(limits.metadataBytes())
        .maxConnectionIdle(limits.idle().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionAge(limits.age().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionAgeGrace(limits.ageGrace().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTime(limits.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(limits.keepAliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(limits.clientKeepAlive().toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true)
        .handshakeTimeout(limits.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .maxRstFramesPerWindow(limits.resetsPerWindow(), (int) limits.resetWindow().toSeconds());
  }
}
