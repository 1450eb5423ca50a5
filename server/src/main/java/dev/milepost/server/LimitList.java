package dev.milepost.server;

import dev.milepost.server.settings.CallerSettings;
import dev.milepost.server.settings.ConnectionSettings;
import dev.milepost.server.settings.InFlightSettings;
import dev.milepost.server.settings.Settings;
import dev.milepost.v1.ServerLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The limits in force, under the names of their settings. */
final class LimitList {
  private static final String LIMITS = "milepost.limits.";
  private static final String JOBS = "milepost.jobs.";

  private final List<ServerLimit> limits = new ArrayList<>();

  private LimitList() {}

  /** Returns the limits that settings make, in the order in which docs/OPERATIONS.md has them. */
  static List<ServerLimit> of(Settings settings) {
    LimitList list = new LimitList();
    CallerSettings callers = settings.callers();
    list.number("user-requests-per-second", callers.userRequests());
    list.number("tenant-requests-per-second", callers.tenantRequests());
    list.bytes("user-bytes-per-second", settings.byteRates().userBytes());
    list.bytes("tenant-bytes-per-second", settings.byteRates().tenantBytes());
    list.time("request-burst", callers.burst());
    list.number("user-streams", callers.userStreams());
    list.number("tenant-jobs", callers.quotas().tenantJobs());
    list.number("user-jobs", callers.quotas().userJobs());
    list.bytes("tenant-stored-bytes", callers.quotas().tenantBytes());
    list.bytes("user-stored-bytes", callers.quotas().userBytes());
    list.bytes("min-free-disk", settings.minFreeDisk());
    list.number("batch-items-per-job", callers.childItems());
    list.bytes("job-log-bytes", settings.jobs().logBytes());
    list.number("store-changes", callers.storeChanges());
    InFlightSettings inFlight = settings.inFlight();
    list.number("connections", inFlight.connections());
    list.number("connections-per-address", inFlight.connectionsPerAddress());
    ConnectionSettings connections = settings.connections();
    list.number("calls-per-connection", connections.calls());
    list.bytes("bytes-in-flight", inFlight.bytes());
    list.bytes("bytes-in-flight-per-user", inFlight.bytesPerUser());
    list.bytes("bytes-in-flight-per-connection", inFlight.bytesPerConnection());
    list.bytes("message-size", connections.messageBytes());
    list.time("request-timeout", inFlight.requestTimeout());
    list.time("response-timeout", inFlight.responseTimeout());
    list.number("anonymous-calls", inFlight.anonymousCalls());
    list.number("anonymous-calls-per-address", inFlight.anonymousCallsPerAddress());
    list.number("anonymous-calls-per-connection", inFlight.anonymousCallsPerConnection());
    list.add(JOBS + "journal-cap", settings.jobs().journalCap(), "");
    list.add(JOBS + "lease", settings.jobs().lease().toMillis(), "ms");
    return List.copyOf(list.limits);
  }

  private void number(String name, long value) {
    add(LIMITS + name, value, "");
  }

  private void bytes(String name, long value) {
    add(LIMITS + name, value, "bytes");
  }

  private void time(String name, Duration value) {
    add(LIMITS + name, value.toMillis(), "ms");
  }

  private void add(String name, long value, String unit) {
    limits.add(ServerLimit.newBuilder().setName(name).setValue(value).setUnit(unit).build());
  }
}
