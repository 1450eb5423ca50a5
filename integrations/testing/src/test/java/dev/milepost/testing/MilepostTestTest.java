package dev.milepost.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.milepost.client.JobClient;
import dev.milepost.client.JobSpec;
import dev.milepost.testing.MilepostTest.Lifetime;
import dev.milepost.v1.JobFilter;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The annotation gives each test, or each class, a server of its own, and nothing else. */
class MilepostTestTest {
  private static final Set<TestServer> SEEN = ConcurrentHashMap.newKeySet();

  @Test
  void eachMethodHasItsOwnServer() {
    SEEN.clear();
    run(PerMethod.class).assertStatistics(stats -> stats.succeeded(2).failed(0));
    assertThat(SEEN).hasSize(2).allMatch(MilepostTestTest::isClosed, "closed");
  }

  @Test
  void theMethodsOfAClassCanShareAServer() {
    SEEN.clear();
    run(PerClass.class).assertStatistics(stats -> stats.succeeded(3).failed(0));
    assertThat(SEEN).hasSize(1).allMatch(MilepostTestTest::isClosed, "closed");
  }

  @Test
  void aConstructorNeedsAServerOfTheClass() {
    assertThat(failures(run(InConstructor.class)))
        .containsExactly(
            "Each test method has a Milepost server of its own, so there is none for constructors,"
                + " @BeforeAll and @AfterAll methods. Use @MilepostTest(lifetime = Lifetime.CLASS),"
                + " or take the parameter in a @BeforeEach method.");
  }

  @Test
  void aStoreThatIsNotTheTestsIsRefused() {
    assertThat(failures(run(ForeignStore.class)))
        .containsExactly(
            "A test server has a store of its own, in memory, so that no test touches the jobs of"
                + " others. Remove the setting milepost.store.");
  }

  private static Events run(Class<?> type) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(type))
        .execute()
        .testEvents();
  }

  private static java.util.List<String> failures(Events events) {
    return events.failed().stream()
        .map(event -> event.getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class))
        .map(result -> String.valueOf(root(result.getThrowable().orElseThrow()).getMessage()))
        .toList();
  }

  private static Throwable root(Throwable thrown) {
    return thrown.getCause() == null ? thrown : root(thrown.getCause());
  }

  private static boolean isClosed(TestServer server) {
    try (java.net.Socket socket = new java.net.Socket()) {
      String target = server.target();
      socket.connect(
          new java.net.InetSocketAddress(
              java.net.InetAddress.getLoopbackAddress(),
              Integer.parseInt(target.substring(target.indexOf(':') + 1))));
      return false;
    } catch (java.io.IOException e) {
      return true;
    }
  }

  @MilepostTest(settings = "milepost.jobs.max-retries = 0")
  @Tag("run-by-another-test")
  static class PerMethod {
    @BeforeEach
    void create(JobClient client) {
      client.create(JobSpec.of("any"));
    }

    @Test
    void first(TestServer server, JobClient client) {
      hasOneJob(server, client);
    }

    @Test
    void second(TestServer server, JobClient client) {
      hasOneJob(server, client);
    }

    private static void hasOneJob(TestServer server, JobClient client) {
      SEEN.add(server);
      assertThat(client.count(JobFilter.getDefaultInstance())).isEqualTo(1);
      var job = client.create(JobSpec.of("fails"));
      server.run(
          job,
          context -> {
            throw new IllegalStateException("no retry is left");
          });
      server.history(job).assertFailed("ILLEGAL_STATE").assertAttempts(1);
    }
  }

  @MilepostTest(lifetime = Lifetime.CLASS)
  static class PerClass {
    private final TestServer ofConstructor;

    PerClass(TestServer server) {
      this.ofConstructor = server;
    }

    @BeforeAll
    static void create(JobClient client) {
      client.create(JobSpec.of("any"));
    }

    @Test
    void first(TestServer server, JobClient client) {
      see(server, client);
    }

    @Test
    void second(TestServer server, JobClient client) {
      see(server, client);
    }

    private void see(TestServer server, JobClient client) {
      assertThat(server).isSameAs(ofConstructor);
      SEEN.add(server);
      assertThat(client.count(JobFilter.getDefaultInstance())).isEqualTo(1);
    }

    @Nested
    class Inner {
      @Test
      void third(TestServer server, JobClient client) {
        see(server, client);
      }
    }
  }

  @MilepostTest
  static class InConstructor {
    InConstructor(TestServer server) {
      SEEN.add(server);
    }

    @Test
    void never() {}
  }

  @MilepostTest(settings = "milepost.store = postgresql://user:secret@db.example/production")
  static class ForeignStore {
    @Test
    void never(TestServer server) {
      SEEN.add(server);
    }
  }
}
