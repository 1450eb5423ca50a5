package dev.milepost.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.longrunning.OperationsGrpc;
import dev.milepost.v1.JobServiceGrpc;
import dev.milepost.v1.WorkerServiceGrpc;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every call is in the table, and all others are denied. */
class AccessPolicyTest {
  private final AccessPolicy policy = new AccessPolicy();

  private static Stream<String> methods() {
    return Stream.of(
            JobServiceGrpc.getServiceDescriptor(),
            WorkerServiceGrpc.getServiceDescriptor(),
            OperationsGrpc.getServiceDescriptor(),
            HealthGrpc.getServiceDescriptor(),
            ServerReflectionGrpc.getServiceDescriptor())
        .map(ServiceDescriptor::getMethods)
        .flatMap(all -> all.stream().map(io.grpc.MethodDescriptor::getFullMethodName));
  }

  @Test
  void everyCallHasARule() {
    assertThat(methods()).hasSizeGreaterThan(30).allMatch(policy::isKnown);
  }

  @Test
  void aCallWithoutARuleIsDenied() {
    Caller all = new Caller("t", "u", EnumSet.allOf(Role.class));
    assertThatThrownBy(() -> policy.requireCall(all, "milepost.v1.JobService/Unheard"))
        .isInstanceOf(AccessException.PermissionDenied.class)
        .hasMessageContaining("is not allowed");
    assertThat(policy.isKnown("milepost.v1.JobService/Unheard")).isFalse();
  }

  @Test
  void developmentHeadersFromAnotherMachineAreRejected() {
    CallMetadata far =
        new CallMetadata() {
          @Override
          public java.util.List<String> headers(String name) {
            return java.util.List.of("ann");
          }

          @Override
          public boolean fromLoopback() {
            return false;
          }
        };
    assertThatThrownBy(() -> new DevelopmentAuthenticator().authenticate(far))
        .isInstanceOf(AccessException.Unauthenticated.class);
  }

  @Test
  void onlyWorkersAndAdminsMayClaim() {
    Caller user = new Caller("t", "u", Set.of(Role.USER));
    assertThatThrownBy(() -> policy.requireCall(user, "milepost.v1.WorkerService/ClaimJobs"))
        .isInstanceOf(AccessException.PermissionDenied.class);
    policy.requireCall(user, "milepost.v1.WorkerService/Report");
  }
}
