package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.BatchGetJobsRequest;
import dev.milepost.v1.ClaimJobsRequest;
import dev.milepost.v1.CreateJobRequest;
import dev.milepost.v1.Job;
import dev.milepost.v1.JobSpec;
import io.grpc.Status.Code;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Only an ADMIN may name the tenant that a call is about. */
class NamedTenantTest {
  private final BareServer server = BareServer.start(BareServer.NO_LIMITS);

  @AfterEach
  void stop() {
    server.close();
  }

  private TestClient caller(String credential) {
    return server.caller(credential);
  }

  @Test
  void anAdminFindsAJobOfTheNamedTenant() {
    Job job = caller("acme ann USER").create("a");
    TestClient admin = caller("ops root ADMIN");
    assertThat(Failure.of(() -> admin.get(job.getId())).code()).isEqualTo(Code.NOT_FOUND);
    TestClient there = admin.of("acme");
    assertThat(there.get(job.getId())).isEqualTo(job);
    assertThat(there.journal(job.getId())).isNotEmpty();
    assertThat(
            there
                .jobs()
                .batchGetJobs(BatchGetJobsRequest.newBuilder().addJobIds(job.getId()).build())
                .getJobsList())
        .containsExactly(job);
    assertThat(admin.of("other").watch(job.getId()).awaitFailure().code())
        .isEqualTo(Code.NOT_FOUND);
  }

  @Test
  void anAdminReportsOnWhatItClaimedFromAnotherTenant() {
    Job job = caller("acme ann USER").create("a");
    TestClient admin = caller("ops root ADMIN");
    ClaimJobsRequest request = TestClient.claimRequest().setTenantId("acme").build();
    HeldJob work = admin.works(admin.worker().claimJobs(request)).get(0);
    assertThat(work.jobId()).isEqualTo(job.getId());
    assertThat(Failure.of(work::heartbeat).code()).isEqualTo(Code.NOT_FOUND);
    HeldJob there = work.by(admin.of("acme"));
    there.progress(1, 2);
    there.complete();
  }

  @Test
  void nobodyCanNameATenantThatTheServerKeepsForItself() {
    for (String role : List.of("USER", "OPERATOR", "ADMIN")) {
      TestClient caller = caller("ops root " + role);
      for (String tenant : List.of("milepost copy", "a b", "x".repeat(129))) {
        Failure failure = Failure.of(() -> caller.of(tenant).create("a"));
        assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(failure.violations())
            .containsExactly(
                "x-milepost-tenant: must be 1 to 128 printable ASCII characters without spaces");
      }
    }
    TestClient admin = caller("ops root ADMIN");
    ClaimJobsRequest claim = TestClient.claimRequest().setTenantId("milepost copy").build();
    assertThat(Failure.of(() -> admin.worker().claimJobs(claim)).violations())
        .singleElement()
        .asString()
        .startsWith("tenant_id: ");
  }

  @Test
  void otherRolesAreDeniedWhetherTheTenantExistsOrNot() {
    caller("acme ann USER").create("a");
    for (String role : List.of("USER", "WORKER", "OPERATOR")) {
      TestClient other = caller("ops root " + role);
      for (String tenant : List.of("acme", "no-such-tenant")) {
        Failure failure = Failure.of(() -> other.of(tenant).get("any"));
        assertThat(failure.code()).isEqualTo(Code.PERMISSION_DENIED);
        assertThat(failure.message()).isEqualTo("Only an ADMIN may name another tenant.");
      }
    }
    // Every caller may name its own tenant.
    assertThat(caller("acme ann USER").of("acme").create("a").getTenantId()).isEqualTo("acme");
  }

  @Test
  void anAdminIsDistinctFromTheUserOfTheSameNameInTheNamedTenant() {
    CreateJobRequest request =
        CreateJobRequest.newBuilder()
            .setRequestId("r1")
            .setSpec(JobSpec.newBuilder().setType("a"))
            .build();
    Job admins = caller("ops root ADMIN").of("acme").jobs().createJob(request).getJob();
    assertThat(admins.getTenantId()).isEqualTo("acme");
    assertThat(admins.getUserId()).isEqualTo("ops root");
    TestClient namesake = caller("acme root USER");
    assertThat(namesake.jobs().createJob(request).getCreated()).isTrue();
    assertThat(Failure.of(() -> namesake.get(admins.getId())).code()).isEqualTo(Code.NOT_FOUND);
    Job forAnn =
        caller("ops root ADMIN")
            .of("acme")
            .jobs()
            .createJob(request.toBuilder().setRequestId("r2").setUserId("ann").build())
            .getJob();
    assertThat(caller("acme ann USER").get(forAnn.getId()).getUserId()).isEqualTo("ann");
  }
}
