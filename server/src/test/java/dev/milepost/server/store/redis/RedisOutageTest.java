package dev.milepost.server.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.OutageContract;
import dev.milepost.server.store.RedisProcess;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.StoreHarness;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

@Tag("slow")
class RedisOutageTest extends OutageContract {
  private static final AtomicInteger PREFIXES = new AtomicInteger();
  private static RedisProcess redis;

  @BeforeAll
  static void startRedis() throws IOException {
    redis = RedisProcess.start(Map.of());
    assertThat(redis.send("ACL SETUSER store on >p ~* &* +@all")).isEqualTo("+OK");
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @AfterEach
  void restore() throws IOException {
    admit();
    acceptChanges();
  }

  @Override
  protected int port() {
    return redis.port();
  }

  @Override
  protected JobStore open(int port, SettableClock clock, CommitObserver observer) {
    String url =
        "redis://store:p@localhost:" + port + "?prefix=outage" + PREFIXES.incrementAndGet();
    return RedisJobStore.open(url, clock, StoreHarness.CAP, RedisOptions.STANDARD, observer);
  }

  @Override
  protected void freeze() {
    redis.freeze();
  }

  @Override
  protected void thaw() {
    redis.thaw();
  }

  @Override
  protected void reject() throws IOException {
    assertThat(redis.send("ACL SETUSER store resetpass >q")).isEqualTo("+OK");
  }

  @Override
  protected void admit() throws IOException {
    assertThat(redis.send("ACL SETUSER store resetpass >p")).isEqualTo("+OK");
  }

  @Override
  protected void refuseChanges() throws IOException {
    assertThat(redis.send("REPLICAOF 127.0.0.1 1")).isEqualTo("+OK");
  }

  @Override
  protected void acceptChanges() throws IOException {
    assertThat(redis.send("REPLICAOF NO ONE")).isEqualTo("+OK");
  }
}
