package dev.milepost.benchmarks.life;

import dev.milepost.benchmarks.harness.PhaseResult;
import dev.milepost.benchmarks.harness.Variant;
import dev.milepost.benchmarks.load.ClosedLoop;
import dev.milepost.benchmarks.load.Connection;
import dev.milepost.benchmarks.process.ServerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Job lives in which every write is acknowledged before the next one is sent. */
final class AcknowledgedLives implements Variant {
  private final ServerProcess server;
  private final List<Connection> connections;
  private final List<AcknowledgedLife> lives = new ArrayList<>();
  private final LifeTally tally = new LifeTally();

  /**
   * Takes ownership of the server.
   *
   * @param count concurrent lives
   */
  AcknowledgedLives(ServerProcess server, int count) {
    this.server = server;
    // One user, because any of them may claim the job that another created.
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
    return ClosedLoop.run(
        lives.size(), length, (slot, operation) -> lives.get(slot).begin(operation));
  }

  /** Returns the number of acknowledged lives. Fails if the store does not hold exactly these. */
  long check() {
    return tally.check(connections.get(0));
  }

  @Override
  public void close() {
    connections.forEach(Connection::close);
    server.close();
  }
}
