package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** How the report stream of a closed client ends, as the server's audit log shows it. */
class ReportStreamEndTest {
  private final Logger audit = (Logger) LoggerFactory.getLogger("milepost.audit");
  private final List<String> streams = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          String fields = String.valueOf(event.getKeyValuePairs());
          if (fields.contains("/ReportStream")) {
            streams.add(fields);
          }
        }
      };

  @BeforeEach
  void listen() {
    appender.start();
    audit.setLevel(Level.DEBUG);
    audit.setAdditive(false);
    audit.addAppender(appender);
  }

  @AfterEach
  void stop() {
    audit.detachAppender(appender);
    audit.setAdditive(true);
    audit.setLevel(null);
  }

  /** Reports on the stream: what is not flushed may be sent with the end of the job. */
  private static void report(JobContext context) throws InterruptedException {
    context.logger().milestone("Half-way");
    context.flush();
  }

  @Test
  void itIsCompletedNotCancelled() {
    try (TestServer server = TestServer.inMemory()) {
      try (JobClient client = JobClient.connect(server.target())) {
        client.run(JobSpec.of("work"), ReportStreamEndTest::report);
      }
      await().until(() -> !streams.isEmpty());
      assertThat(streams).hasSize(1);
      assertThat(streams.get(0)).contains("code=\"OK\"").contains("roles=");
    }
  }

  @Test
  void aClientWhoseServerIsGoneStillCloses() {
    JobClient client;
    try (TestServer server = TestServer.inMemory()) {
      client = JobClient.connect(server.target());
      client.run(JobSpec.of("work"), ReportStreamEndTest::report);
    }
    client.close();
    client.close();
    assertThat(streams).hasSize(1);
  }
}
