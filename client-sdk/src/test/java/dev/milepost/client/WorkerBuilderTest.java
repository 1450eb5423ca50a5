package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.v1.JobScope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests that the builder of a worker refuses what the server would refuse. */
class WorkerBuilderTest {
  private static final JobHandler HANDLER = context -> {};

  private final JobClient client = JobClient.connect("localhost");

  @AfterEach
  void close() {
    client.close();
  }

  private void refuses(String message, Consumer<WorkerBuilder> call) {
    assertThatThrownBy(() -> call.accept(client.worker()))
        .isInstanceOfAny(IllegalArgumentException.class, NullPointerException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void typesAreThoseThatJobsCanHave() {
    for (String wrong : List.of("", " ", "two words", ".x", "x".repeat(129), "größe", "a\n")) {
      refuses("handler: no job can have the type", worker -> worker.handler(wrong, HANDLER));
    }
    refuses(
        "handler: the type a has one already",
        worker -> worker.handler("a", HANDLER).handlers(Map.of("a", HANDLER)));
    refuses(
        "handler: at most 100",
        worker -> {
          for (int i = 0; i <= 100; i++) {
            worker.handler("type-" + i, HANDLER);
          }
        });
    refuses("handler", worker -> worker.handler("a", null));
    refuses("handler", worker -> worker.defaultHandler(null));
  }

  @Test
  void numbersAndTimesAreWithinTheServersLimits() {
    refuses("concurrency: must be at least 1", worker -> worker.concurrency(0));
    refuses("priorities: must be", worker -> worker.priorities(-1, 5));
    refuses("priorities: must be", worker -> worker.priorities(6, 5));
    refuses("priorities: must be", worker -> worker.priorities(0, 101));
    refuses("claimWait: must be at most 60 s", w -> w.claimWait(Duration.ofSeconds(61)));
    refuses("claimWait: must not be negative", w -> w.claimWait(Duration.ofSeconds(-1)));
    refuses("drainTimeout: must not be", w -> w.drainTimeout(Duration.ofSeconds(-1)));
    refuses("interruptAfter: must not be", w -> w.interruptAfter(Duration.ofSeconds(-1)));
    refuses("workerId: must not be blank", worker -> worker.workerId(" "));
    refuses("workerId: must have at most 128", worker -> worker.workerId("x".repeat(129)));
    refuses("scope: ", worker -> worker.scope(JobScope.JOB_SCOPE_UNSPECIFIED));
    refuses("listener", worker -> worker.onHealthChange(null));
  }

  @Test
  void theDefaultIdFitsWhateverTheHostsNameIs() {
    assertThat(WorkerIds.of("h".repeat(300), 4_000_000)).hasSize(128).endsWith(":4000000");
    assertThat(WorkerIds.of("host", 7)).isEqualTo("host:7");
  }
}
