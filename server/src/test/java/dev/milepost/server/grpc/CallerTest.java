package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.ApiToken;
import dev.milepost.server.access.Role;
import dev.milepost.server.access.TokenFile;
import dev.milepost.v1.CredentialType;
import dev.milepost.v1.GetCallerRequest;
import dev.milepost.v1.GetCallerResponse;
import dev.milepost.v1.Permission;
import dev.milepost.v1.Reach;
import dev.milepost.v1.ShareJobRequest;
import io.grpc.Status.Code;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server says of its caller. */
class CallerTest {
  @TempDir Path directory;

  private static GetCallerResponse caller(TestClient who) {
    return who.jobs().getCaller(GetCallerRequest.getDefaultInstance());
  }

  private static Map<String, Reach> reaches(GetCallerResponse caller) {
    return caller.getPermissionsList().stream()
        .collect(Collectors.toMap(Permission::getMethod, Permission::getReach));
  }

  @Test
  void developmentModeSaysWhomItTakesOneFor() {
    try (TestServer server = TestServer.start()) {
      GetCallerResponse ann = caller(server.client().as("ann").of("acme").in("WORKER,USER"));

      assertThat(ann.getTenantId()).isEqualTo("acme");
      assertThat(ann.getUserId()).isEqualTo("ann");
      assertThat(ann.getRolesList())
          .containsExactly(dev.milepost.v1.Role.ROLE_USER, dev.milepost.v1.Role.ROLE_WORKER);
      assertThat(ann.getCredentialType()).isEqualTo(CredentialType.CREDENTIAL_TYPE_DEVELOPMENT);
      assertThat(ann.getCredentialId()).isEmpty();
      assertThat(ann.hasExpireTime()).isFalse();
      assertThat(Failure.of(() -> caller(server.client().anonymous())).code())
          .isEqualTo(Code.UNAUTHENTICATED);
    }
  }

  @Test
  void eachRoleIsToldTheMethodsThatItMayCall() throws Exception {
    try (TestServer server = TestServer.start()) {
      List<String> methods =
          RawCall.all(server.client().channel()).stream().map(RawCall::method).toList();
      for (String roles : List.of("USER", "WORKER", "OPERATOR", "ADMIN", "USER,WORKER")) {
        TestClient who = server.client().in(roles);
        Map<String, Reach> told = reaches(caller(who));
        List<String> allowed =
            methods.stream()
                .filter(method -> !new AccessPolicy().isPublic(method))
                .filter(method -> mayCall(who, method))
                .toList();

        assertThat(new TreeSet<>(told.keySet())).as(roles).isEqualTo(new TreeSet<>(allowed));
      }
      Map<String, Reach> operator = reaches(caller(server.client().in("OPERATOR")));
      assertThat(operator)
          .containsEntry("milepost.v1.JobService/ListJobs", Reach.REACH_TENANT)
          .containsEntry("milepost.v1.JobService/GetCaller", Reach.REACH_ALL);
      assertThat(reaches(caller(server.client().in("USER"))))
          .containsEntry("milepost.v1.JobService/ListJobs", Reach.REACH_OWN);
    }
  }

  /** A request without content is refused for its content, or for its caller. */
  private static boolean mayCall(TestClient who, String method) {
    try {
      return new RawCall(method, true)
              .send(who.channel(), GetCallerRequest.getDefaultInstance())
              .code()
          != Code.PERMISSION_DENIED;
    } catch (Exception e) {
      throw new AssertionError(method, e);
    }
  }

  @Test
  void aTokenIsNamedWithItsEnd() throws Exception {
    Path path = directory.resolve("tokens.json");
    TokenFile file = new TokenFile(path);
    try (TestServer server =
        TestServer.start(
            Map.of("milepost.auth.tokens.file", path.toString(), "milepost.auth.reload", "5ms"))) {
      Instant end = server.clock().instant().plus(Duration.ofHours(1));
      ApiToken.Issued issued =
          ApiToken.issue("acme", "root", EnumSet.of(Role.ADMIN), server.clock().instant(), end);
      file.update(
          all -> {
            all.put(issued.token().id(), issued.token());
            return all;
          });
      TestClient root =
          server.client().anonymous().with("authorization", "Bearer " + issued.bearer());
      await().ignoreExceptions().until(() -> caller(root).getUserId().equals("root"));

      GetCallerResponse told = caller(root);
      assertThat(told.getCredentialType()).isEqualTo(CredentialType.CREDENTIAL_TYPE_API_TOKEN);
      assertThat(told.getCredentialId()).isEqualTo("token:" + issued.token().id());
      assertThat(told.getExpireTime().getSeconds()).isEqualTo(end.getEpochSecond());
      // The caller does not depend on the tenant that a call is about.
      assertThat(caller(root.of("other"))).isEqualTo(told);
    }
  }

  @Test
  void theBearerOfAShareTokenLearnsItsJobAndNothingElse() {
    try (TestServer server = TestServer.start()) {
      TestClient ann = server.client();
      String id = ann.create("a").getId();
      String token =
          ann.jobs().shareJob(ShareJobRequest.newBuilder().setJobId(id).build()).getToken();

      GetCallerResponse told =
          caller(server.client().anonymous().with("authorization", "Bearer " + token));

      assertThat(told.getSharedJobId()).isEqualTo(id);
      assertThat(told.getRolesList()).isEmpty();
      assertThat(told.getCredentialType()).isEqualTo(CredentialType.CREDENTIAL_TYPE_SHARE_TOKEN);
      assertThat(told.hasExpireTime()).isTrue();
      assertThat(reaches(told))
          .containsOnly(
              Map.entry("milepost.v1.JobService/GetCaller", Reach.REACH_SHARED),
              Map.entry("milepost.v1.JobService/GetProgress", Reach.REACH_SHARED),
              Map.entry("milepost.v1.JobService/WatchProgress", Reach.REACH_SHARED));
    }
  }
}
