package dev.milepost.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.ListJobsRequest;
import dev.milepost.v1.ListJobsResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A call says once who makes it and for which tenant. */
class RepeatedHeadersTest {
  private final TestServer server = TestServer.start();

  private final ManagedChannel channel = server.connect(server.port());

  @AfterEach
  void stop() {
    server.close();
  }

  private ListJobsResponse list(String... namesAndValues) {
    Metadata headers = new Metadata();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.put(
          Metadata.Key.of(namesAndValues[i], Metadata.ASCII_STRING_MARSHALLER),
          namesAndValues[i + 1]);
    }
    return JobServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .listJobs(ListJobsRequest.getDefaultInstance());
  }

  private void refused(Code code, String header, String... namesAndValues) {
    Failure failure = Failure.of(() -> list(namesAndValues));
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.message()).contains(header);
  }

  @Test
  void repeatedHeadersAreRefused() {
    String user = DevelopmentAuthenticator.USER_HEADER;
    String roles = DevelopmentAuthenticator.ROLES_HEADER;
    String tenant = AccessPolicy.TENANT_HEADER;
    assertThat(list(user, "ann", roles, "USER", tenant, "acme").getJobsList()).isEmpty();
    assertThat(list(user, "ann", roles, "USER,WORKER").getJobsList()).isEmpty();
    for (String second : List.of("ann", "root", "")) {
      refused(Code.UNAUTHENTICATED, user, user, "ann", user, second);
    }
    refused(Code.UNAUTHENTICATED, user, user, "ann,root");
    refused(Code.UNAUTHENTICATED, roles, user, "ann", roles, "USER", roles, "ADMIN");
    String bearer = "authorization";
    refused(Code.UNAUTHENTICATED, bearer, user, "ann", bearer, "Bearer a", bearer, "Bearer b");
    refused(Code.UNAUTHENTICATED, bearer, user, "ann", bearer, "Bearer a, Bearer b");
    refused(Code.INVALID_ARGUMENT, tenant, user, "ann", tenant, "default", tenant, "default");
    refused(Code.INVALID_ARGUMENT, tenant, user, "ann", tenant, "default,acme");
  }

  @Test
  void forwardedCallsAreRefusedInDevelopmentMode() {
    refused(
        Code.UNAUTHENTICATED,
        "x-forwarded-for",
        DevelopmentAuthenticator.USER_HEADER,
        "ann",
        "x-forwarded-for",
        "203.0.113.7");
  }
}
