package dev.milepost.benchmarks.life;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.load.ClosedLoop;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.process.ServerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Lives of which every write is acknowledged on its own, before the next of the same life. */
final class AcknowledgedLives implements Variant {
  private final ServerProcess server;
  private final List<Connection> connections;
  private final List<AcknowledgedLife> lives = new ArrayList<>();
  private final LifeTally tally = new LifeTally();

  /**
   * Takes the server over.
   *
   * @param count lives at a time
   */
  AcknowledgedLives(ServerProcess server, int count) {
    this.server = server;
    // One user, since what one creates another may claim, and the count is to be that of all.
    this.connections =
        List.of(
            new Connection(server.address(), "user-0"), new Connection(server.address(), "user-0"));
    for (int i = 0; i < count; i++) {
      lives.add(new AcknowledgedLife(connections.get(i % connections.size()), tally));
    }
  }

  @Override
  public String name() {
    return "life-acknowledged";
  }

  @Override
  public ServerProcess server() {
    return server;
  }

  @Override
  public PhaseResult run(Duration length) throws InterruptedException {
    return ClosedLoop.run(lives.size(), length, (slot, turn) -> lives.get(slot).begin(turn));
  }

  /** Fails where the store does not hold exactly the lives that were acknowledged: so many. */
  long check() {
    return tally.check(connections.get(0));
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }
}
