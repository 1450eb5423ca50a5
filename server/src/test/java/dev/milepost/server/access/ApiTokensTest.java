package dev.milepost.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milepost.server.store.SettableClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** API tokens: created, presented, expired, revoked, forged. */
class ApiTokensTest {
  @TempDir Path directory;

  private final SettableClock clock = new SettableClock();
  private Path path;
  private TokenFile file;
  private ApiToken.Issued ann;
  private ApiTokens tokens;

  @BeforeEach
  void issue() throws Exception {
    path = directory.resolve("tokens.json");
    file = new TokenFile(path);
    ann = add("acme", "ann");
    tokens = new ApiTokens(path, clock, TokenChanges.NONE);
  }

  private ApiToken.Issued add(String tenant, String user) throws Exception {
    ApiToken.Issued issued =
        ApiToken.issue(
            tenant,
            user,
            Set.of(Role.USER, Role.WORKER),
            clock.instant(),
            clock.instant().plus(Duration.ofDays(90)));
    file.update(
        all -> {
          all.put(issued.token().id(), issued.token());
          return all;
        });
    return issued;
  }

  private void revoke(String id) throws Exception {
    file.update(
        all -> {
          all.computeIfPresent(id, (same, token) -> token.revoke());
          return all;
        });
  }

  private void refused(String bearer, String why) {
    assertThatThrownBy(() -> tokens.authenticate(ShownCall.bearing(bearer)))
        .isInstanceOf(AccessException.Unauthenticated.class)
        .hasMessageContaining(why)
        .hasMessageNotContaining(bearer.isEmpty() ? "\0" : bearer);
  }

  @Test
  void authenticatesTheBearerAsItsUser() {
    assertThat(tokens.authenticate(ShownCall.bearing(ann.bearer())))
        .isEqualTo(
            new Caller(
                "acme",
                "ann",
                Set.of(Role.USER, Role.WORKER),
                java.util.Optional.of(ann.token().expireTime()),
                "token:" + ann.token().id()));
  }

  @Test
  void rejectsForgedTokens() throws Exception {
    ApiToken.Issued bob = add("other", "bob");
    tokens.reload();
    String bearer = ann.bearer();
    String secret = bearer.substring(bearer.lastIndexOf('_', 21) + 1);
    for (int length = 0; length < bearer.length(); length++) {
      refused(bearer.substring(0, length), "unknown");
    }
    refused(bearer + "A", "unknown");
    refused("mlp_" + bob.token().id() + "_" + secret, "unknown");
    refused("mlp_0000000000000000_" + secret, "unknown");
    char last = bearer.charAt(10) == '0' ? '1' : '0';
    refused(bearer.substring(0, 10) + last + bearer.substring(11), "unknown");
    // The dummy that unknown tokens are compared with is not accepted either.
    refused("mlp_" + ann.token().id() + "_" + "A".repeat(43), "unknown");
  }

  @Test
  void rejectsExpiredAndRevokedTokens() throws Exception {
    Caller caller = tokens.authenticate(ShownCall.bearing(ann.bearer()));
    AuthenticatorChain chain = new AuthenticatorChain(List.of(tokens), clock);
    chain.recheck(caller);
    clock.advance(Duration.ofDays(90));
    refused(ann.bearer(), "expired");
    assertThatThrownBy(() -> chain.recheck(caller)).hasMessageContaining("expired");

    ApiToken.Issued bob = add("acme", "bob");
    tokens.reload();
    Caller second = tokens.authenticate(ShownCall.bearing(bob.bearer()));
    revoke(bob.token().id());
    tokens.reload();
    refused(bob.bearer(), "revoked");
    assertThatThrownBy(() -> chain.recheck(second)).hasMessageContaining("revoked");
  }

  @Test
  void aDamagedFileKeepsTheLastTokensInUse() throws Exception {
    String good = Files.readString(path);
    for (String bad :
        List.of(
            "",
            "{",
            "{}",
            "{\"tokens\": [{}]}",
            good.substring(0, good.length() / 2),
            good.replace("\"acme\"", "\"\""),
            good.replace("USER", "KING"),
            good.replace("\"hash\":\"", "\"hash\":\"!"))) {
      Files.writeString(path, bad);
      tokens.reload();
      assertThat(tokens.authenticate(ShownCall.bearing(ann.bearer())).userId()).isEqualTo("ann");
      assertThatThrownBy(() -> new ApiTokens(path, clock, TokenChanges.NONE))
          .isInstanceOf(CredentialSetupException.class)
          .hasMessageContaining("damaged");
    }
    Files.delete(path);
    tokens.reload();
    assertThat(tokens.authenticate(ShownCall.bearing(ann.bearer())).userId()).isEqualTo("ann");
    ApiToken.Issued bob = add("acme", "bob");
    tokens.reload();
    assertThat(tokens.authenticate(ShownCall.bearing(bob.bearer())).userId()).isEqualTo("bob");
    refused(ann.bearer(), "unknown");
  }

  @Test
  void theFileContainsNoSecretAndOnlyItsOwnerCanReadIt() throws Exception {
    String secret = ann.bearer().substring(21);
    assertThat(Files.readString(path)).doesNotContain(secret).contains(ann.token().id());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    assertThat(ann.toString() + ann.token())
        .doesNotContain(secret)
        .doesNotContain(ann.token().hash());
  }

  @Test
  void concurrentUpdatesAndReadsLoseNothing() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    CountDownLatch written = new CountDownLatch(2);
    try {
      List<Future<List<ApiToken.Issued>>> writers = new ArrayList<>();
      for (int writer = 0; writer < 2; writer++) {
        String name = "writer" + writer;
        writers.add(
            threads.submit(
                () -> {
                  List<ApiToken.Issued> made = new ArrayList<>();
                  for (int i = 0; i < 20; i++) {
                    made.add(add("acme", name));
                  }
                  written.countDown();
                  return made;
                }));
      }
      List<Future<Integer>> readers = new ArrayList<>();
      for (int reader = 0; reader < 2; reader++) {
        readers.add(
            threads.submit(
                () -> {
                  int seen = 0;
                  while (written.getCount() > 0) {
                    tokens.reload();
                    assertThat(tokens.authenticate(ShownCall.bearing(ann.bearer())).userId())
                        .isEqualTo("ann");
                    seen++;
                  }
                  return seen;
                }));
      }
      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isPositive();
      }
      tokens.reload();
      for (Future<List<ApiToken.Issued>> writer : writers) {
        for (ApiToken.Issued issued : writer.get()) {
          tokens.authenticate(ShownCall.bearing(issued.bearer()));
        }
      }
      assertThat(file.read()).hasSize(41);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void theFirstKindThatACallContainsDecides() {
    AuthenticatorChain chain =
        new AuthenticatorChain(List.of(tokens, new DevelopmentAuthenticator()), clock);
    ShownCall both =
        ShownCall.local("authorization", "Bearer mlp_forged", "x-milepost-user", "ann");
    assertThatThrownBy(() -> chain.authenticate(both)).hasMessageContaining("unknown");
    ShownCall headers = ShownCall.local("x-milepost-user", "ann");
    assertThat(chain.authenticate(headers).userId()).isEqualTo("ann");
    assertThatThrownBy(() -> chain.authenticate(ShownCall.nothing()))
        .isInstanceOf(AccessException.Unauthenticated.class)
        .hasMessageContaining("API token")
        .hasMessageContaining("x-milepost-user");
    assertThatThrownBy(() -> chain.authenticate(ShownCall.bearing("a.b.c")))
        .hasMessageContaining("API token");
  }
}
