package dev.milepost.server.app;

import dev.milepost.v1.ServerLimit;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a server says of itself.
 *
 * @param version its version
 * @param commit the commit that it was built from; empty if it is not known
 * @param serverId identifies this run of the server; without spaces
 * @param name its host and port, for people; they are known once it serves
 * @param startTime when it was started
 * @param startNanos the same in elapsed time
 * @param limits the limits in force
 */
public record ServerDescription(
    String version,
    String commit,
    String serverId,
    Supplier<String> name,
    Instant startTime,
    long startNanos,
    List<ServerLimit> limits) {
  /** Copies the limits. */
  public ServerDescription {
    limits = List.copyOf(limits);
  }
}
