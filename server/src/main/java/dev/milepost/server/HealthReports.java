package dev.milepost.server;

import dev.milepost.server.app.DiskFloor;
import dev.milepost.server.grpc.ServerHealth;
import dev.milepost.server.http.HealthReport;
import dev.milepost.server.http.HealthReport.Part;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.PartHealth;
import dev.milepost.server.store.StoreHealth;
import java.util.List;

/** Collects what the health pages show. Asks nothing and does not block. Thread-safe. */
final class HealthReports {
  private final JobStore store;
  private final ServerHealth server;
  private final DiskFloor disk;

  HealthReports(JobStore store, ServerHealth server, DiskFloor disk) {
    this.store = store;
    this.server = server;
    this.disk = disk;
  }

  /** Returns how the server is doing now. */
  HealthReport report() {
    StoreHealth health = store.health();
    return new HealthReport(
        !server.hasStoreStopped(),
        server.isServing() && health.engine().isUp(),
        List.of(part("store", health.engine()), part("feed", health.feed()), disk(health.space())));
  }

  private static Part part(String name, PartHealth health) {
    return new Part(
        name, health.isUp() ? "up" : "down", health.isUp(), health.since(), health.reason());
  }

  /** With little free space, only new jobs are rejected; on a full disk, every change is. */
  private Part disk(PartHealth space) {
    PartHealth floor = disk.health();
    if (!space.isUp()) {
      return new Part("disk", "full", false, space.since(), space.reason());
    }
    if (!floor.isUp()) {
      return new Part("disk", "low", true, floor.since(), floor.reason());
    }
    boolean wasFullLast = space.since().isAfter(floor.since());
    return new Part("disk", "ok", true, wasFullLast ? space.since() : floor.since(), "");
  }
}
