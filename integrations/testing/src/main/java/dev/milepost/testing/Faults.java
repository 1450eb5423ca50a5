package dev.milepost.testing;

import dev.milepost.client.JobHandle;
import dev.milepost.v1.Job;
import java.time.Duration;
import java.time.Instant;

/**
 * What goes wrong between the clients of a {@link TestServer} and the server, when a test says so.
 * Thread-safe.
 */
public final class Faults {
  private final FaultProxy network;
  private final LostAnswers answers;
  private final TestServer server;

  Faults(FaultProxy network, LostAnswers answers, TestServer server) {
    this.network = network;
    this.answers = answers;
    this.server = server;
  }

  /** Cuts all connections, once. Clients may connect again at once. */
  public void cutConnections() {
    network.cut();
  }

  /** Cuts all connections and refuses new ones, as if the server were gone. */
  public void disconnect() {
    network.refuse();
  }

  /** Accepts connections again after {@link #disconnect()}. */
  public void reconnect() {
    network.allow();
  }

  /** Holds back every byte in both directions: the server looks alive and does not respond. */
  public void pause() {
    network.hold();
  }

  /** Passes on what was held back since {@link #pause()}. */
  public void resume() {
    network.release();
  }

  /**
   * Loses the next answer of an RPC: the server has done the call, and the client sees its
   * connection break instead of the answer. Calls of several times add up. Only for clients that
   * the {@link TestServer} or the {@link MilepostTest} made.
   *
   * @param rpc name of the RPC, such as "CreateJob"; what a handler reports is on "ReportStream"
   * @throws IllegalArgumentException if there is no such RPC
   */
  public void loseAnswer(String rpc) {
    answers.plan(rpc);
  }

  /** Returns how many answers were lost so far. */
  public int lostAnswers() {
    return answers.lost();
  }

  /**
   * Lets a running job's lease expire, as if its worker had fallen silent. Returns when the server
   * has ended the attempt; its handler learns of it soon after.
   *
   * <p>Time passes for all jobs: the leases of others that run may expire too.
   *
   * @throws IllegalStateException if the job is not running
   */
  public void expireLease(JobHandle job) {
    // Not a report or heartbeat may arrive that renews the lease.
    pause();
    try {
      Job running = server.read(job.id());
      if (!running.getStatus().hasLeaseExpireTime()) {
        throw new IllegalStateException(
            "Job %s has no lease that can expire: it is %s."
                .formatted(job.id(), running.getStatus().getState()));
      }
      Instant end = Protos.instant(running.getStatus().getLeaseExpireTime());
      server.clock().advance(Duration.between(server.clock().instant(), end).plusMillis(1));
    } finally {
      resume();
    }
  }
}
