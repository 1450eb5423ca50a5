package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.MilepostServer;
import dev.milepost.server.access.ApiToken;
import dev.milepost.server.access.Role;
import dev.milepost.server.access.TokenFile;
import dev.milepost.server.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests clients with tokens against the real server. */
class TokenTest {
  @TempDir Path directory;

  private TokenFile file;
  private MilepostServer server;
  private final AtomicReference<String> current = new AtomicReference<>("");

  @BeforeEach
  void start() throws Exception {
    file = new TokenFile(directory.resolve("tokens.json"));
    current.set(issue());
    server = serve(Map.of());
  }

  private MilepostServer serve(Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(more);
    settings.put("milepost.store", "memory:");
    settings.put("milepost.listen", "localhost:0");
    settings.put("milepost.http.listen", "off");
    settings.put("milepost.limits.drain-timeout", "1s");
    settings.put("milepost.auth.tokens.file", directory.resolve("tokens.json").toString());
    settings.put("milepost.auth.reload", "5ms");
    settings.put("milepost.auth.recheck", "5ms");
    return MilepostServer.start(Settings.with(settings));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private String issue() throws Exception {
    Instant now = Instant.now();
    ApiToken.Issued issued =
        ApiToken.issue(
            "acme", "ann", Set.of(Role.USER, Role.WORKER), now, now.plus(Duration.ofHours(1)));
    file.update(
        all -> {
          all.put(issued.token().id(), issued.token());
          return all;
        });
    return issued.bearer();
  }

  private JobClientBuilder client() {
    return JobClient.builder("localhost:" + server.address().port());
  }

  @Test
  void aTokenIdentifiesTheCaller() {
    try (JobClient client = client().token(current.get()).build()) {
      JobHandle job = client.create(JobSpec.of("a"));
      assertThat(job.get().getUserId()).isEqualTo("ann");
      assertThat(job.get().getTenantId()).isEqualTo("acme");
    }
    try (JobClient client = client().token("mlp_forged").build()) {
      assertThatThrownBy(() -> client.create(JobSpec.of("a")))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("API token is unknown");
    }
    try (JobClient client = client().build()) {
      assertThatThrownBy(() -> client.create(JobSpec.of("a")))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("API token");
    }
  }

  @Test
  void aWatchAndAnAttemptSurviveTheRotationOfTheirToken() throws Exception {
    try (JobClient client = client().token(current::get).build()) {
      List<String> lines = new ArrayList<>();
      client.run(
          JobSpec.of("a"),
          context -> {
            JobWatch watch = client.watch(context.jobId());
            Iterator<JobEvent> events = watch.iterator();
            context.logger().info("before");
            readTo(events, "before", lines);
            rotate();
            context.logger().info("after");
            readTo(events, "after", lines);
            watch.close();
          });
      assertThat(lines).containsExactly("before", "after");
    }
  }

  /** Rotates as an operator would: adds the new token before revoking the old one. */
  private void rotate() throws Exception {
    String before = current.get();
    String next = issue();
    try (JobClient trial = client().token(next).build()) {
      org.awaitility.Awaitility.await()
          .ignoreExceptions()
          .until(() -> !trial.create(JobSpec.of("trial")).get().getId().isEmpty());
    }
    current.set(next);
    file.update(
        all -> {
          all.computeIfPresent(before.substring(4, 20), (id, token) -> token.revoke());
          return all;
        });
    try (JobClient old = client().token(before).build()) {
      org.awaitility.Awaitility.await().until(() -> isRefused(old));
    }
  }

  private static boolean isRefused(JobClient client) {
    try {
      return client.create(JobSpec.of("trial")).get().getId().isEmpty();
    } catch (AccessDeniedException e) {
      return true;
    }
  }

  private static void readTo(Iterator<JobEvent> events, String last, List<String> lines) {
    while (events.hasNext()) {
      if (events.next() instanceof JobEvent.Entry entry && entry.entry().hasLog()) {
        lines.add(entry.entry().getLog().getMessage());
        if (entry.entry().getLog().getMessage().equals(last)) {
          return;
        }
      }
    }
  }

  @Test
  void aRevokedTokenWithoutASuccessorEndsAWatch() throws Exception {
    try (JobClient client = client().token(current.get()).build()) {
      JobHandle job = client.create(JobSpec.of("a"));
      JobWatch watch = client.watch(job.id());
      Iterator<JobEvent> events = watch.iterator();
      assertThat(events.hasNext()).isTrue();
      file.update(
          all -> {
            all.replaceAll((id, token) -> token.revoke());
            return all;
          });
      assertThatThrownBy(
              () -> {
                while (events.hasNext()) {
                  events.next();
                }
              })
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("revoked");
    }
  }

  @Test
  void aTokenIsNotSentInTheClear() {
    JobClientBuilder clear = JobClient.builder("milepost.example:7300").token("t").plaintext();
    assertThatThrownBy(clear::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("in the clear");
    assertThatThrownBy(() -> client().plaintext().trust(directory.resolve("ca.pem")).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("TLS");
    assertThatThrownBy(() -> client().trust(directory.resolve("absent.pem")).build())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anExceptionOfTheSupplierIsNotQuoted() {
    try (JobClient client =
        client()
            .token(
                () -> {
                  throw new IllegalStateException("secret");
                })
            .build()) {
      assertThatThrownBy(() -> client.create(JobSpec.of("a")))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("IllegalStateException")
          .hasMessageNotContaining("secret");
    }
  }

  @Test
  void whatTheSupplierReturnsIsCheckedAndNotQuoted() {
    try (JobClient client = client().token(() -> "\n " + current.get() + "\r\n").build()) {
      assertThat(client.create(JobSpec.of("a")).get().getUserId()).isEqualTo("ann");
    }
    for (String wrong : Arrays.asList(null, " ", "s3cret\nmore", "s3crét")) {
      try (JobClient client = client().token(() -> wrong).build()) {
        assertThatThrownBy(() -> client.create(JobSpec.of("a")))
            .isInstanceOf(AccessDeniedException.class)
            .hasMessageContaining("The token supplier returned no token. token: must ")
            .hasMessageNotContaining("s3cr");
      }
    }
  }

  @Test
  void anErrorOfTheSupplierEndsTheCall() {
    try (JobClient client =
        client()
            .token(
                () -> {
                  throw new AssertionError("secret");
                })
            .build()) {
      assertThatThrownBy(() -> client.create(JobSpec.of("a")))
          .isInstanceOf(AccessDeniedException.class)
          .hasMessageContaining("AssertionError")
          .hasMessageNotContaining("secret");
    }
  }
}
