package dev.milepost.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import dev.milepost.v1.JobState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Tests what the client writes to the application's log. */
@Timeout(60)
class LogTest {
  private final FakeServer server = new FakeServer();
  private final JobClient client =
      JobClient.builder(server.target()).callTimeout(Duration.ofSeconds(2)).build();
  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.milepost.client");
  private final Level before = logger.getLevel();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
  }

  @AfterEach
  void close() throws Exception {
    logger.detachAppender(lines);
    logger.setLevel(before);
    client.close();
    server.close();
  }

  private List<String> lines() {
    return List.copyOf(lines.list).stream()
        .map(line -> line.getLevel() + " " + line.getFormattedMessage())
        .toList();
  }

  @Test
  void anOutageIsALineWhenItBeginsAndOneWhenItEnds() throws Exception {
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch over = new CountDownLatch(1);
    Worker worker =
        client
            .worker()
            .handler(
                "work",
                context -> {
                  begun.countDown();
                  for (int i = 0; !over.await(20, TimeUnit.MILLISECONDS); i++) {
                    context.logger().info("line " + i);
                  }
                })
            .concurrency(3)
            .start();
    JobHandle first = client.create(JobSpec.of("work"));
    JobHandle second = client.create(JobSpec.of("work"));
    begun.await();
    try (JobWatch watch = first.watch()) {
      CompletableFuture<Void> watching =
          CompletableFuture.runAsync(() -> watch.forEach(event -> {}));
      await().until(() -> watch.sequence() > 5);
      lines.list.clear();
      server.restart(
          () ->
              assertThat(client.async().get(first.id()))
                  .failsWithin(Duration.ofSeconds(40))
                  .withThrowableOfType(ExecutionException.class));
      assertThat(first.get().getStatus().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
      over.countDown();
      assertThat(first.await().getStatus().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      second.await();
      watching.join();
    }
    assertThat(lines()).hasSize(2);
    assertThat(lines().get(0)).matches("WARN localhost:\\d+ is unavailable: .+");
    assertThat(lines().get(1)).matches("INFO localhost:\\d+ is available again, after .+ m?s\\.");
    worker.close();
  }

  @Test
  void aCleanShutdownIsTwoLines() throws Exception {
    Worker worker = client.worker().handler("work", context -> {}).workerId("w").start();
    client.create(JobSpec.of("work")).await();
    assertThat(lines()).hasSize(1);
    assertThat(lines().get(0)).startsWith("INFO Worker w claims jobs of the types [work]");
    client.close();
    assertThat(lines()).hasSize(3);
    assertThat(lines().get(1)).matches("INFO Worker w stops claiming; [01] of its jobs run\\.");
    assertThat(lines().get(2)).startsWith("INFO Worker w is closed; its jobs have ended.");
    assertThat(worker.stopped()).isCompleted();
  }

  /** Whatever the level, for gRPC and Netty too. */
  @Test
  void neitherTokensNorPayloadsAreLogged() {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> all = new ListAppender<>();
    all.start();
    Level rootLevel = root.getLevel();
    List<Appender<ILoggingEvent>> console = new ArrayList<>();
    root.iteratorForAppenders().forEachRemaining(console::add);
    console.forEach(root::detachAppender);
    root.addAppender(all);
    root.setLevel(Level.TRACE);
    logger.setLevel(Level.TRACE);
    try (JobClient other = JobClient.builder(server.target()).token("mlp_s3cret").build()) {
      other.run(
          JobSpec.of("work").params(Map.of("name", "p4yload")),
          context -> context.logger().info("p4yload"));
    } finally {
      root.setLevel(rootLevel);
      root.detachAppender(all);
      console.forEach(root::addAppender);
    }
    assertThat(List.copyOf(all.list))
        .isNotEmpty()
        .filteredOn(line -> !line.getLoggerName().contains("Server")) // It is in this JVM too.
        .extracting(ILoggingEvent::getFormattedMessage)
        .noneMatch(line -> line.contains("s3cret"))
        .noneMatch(line -> line.contains("p4yload"))
        .noneMatch(line -> line.contains(HexFormat.of().formatHex("p4yload".getBytes(US_ASCII))));
  }

  @Test
  void framesAreLoggedIfAsked() {
    System.setProperty(TransportLogs.PROPERTY, "true");
    Logger frames = (Logger) LoggerFactory.getLogger("io.grpc.netty.NettyClientHandler");
    frames.addAppender(lines);
    frames.setLevel(Level.DEBUG);
    frames.setAdditive(false);
    try (JobClient other = JobClient.connect(server.target())) {
      other.create(JobSpec.of("work"));
      assertThat(lines()).anyMatch(line -> line.contains("OUTBOUND HEADERS"));
    } finally {
      System.clearProperty(TransportLogs.PROPERTY);
      frames.detachAppender(lines);
      frames.setLevel(null);
      frames.setAdditive(true);
    }
  }
}
