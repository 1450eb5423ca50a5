package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milepost.v1.JobServiceGrpc;
import io.grpc.Attributes;
import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests over which connections a token is sent, whatever the builder's settings. */
class BearerTokenTest {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final List<String> sent = new ArrayList<>();
  private final List<Status> refused = new ArrayList<>();

  @Test
  void isNotSentInTheClearToAnotherMachine() throws Exception {
    apply(SecurityLevel.NONE, peer("192.0.2.1"));
    apply(SecurityLevel.NONE, InetSocketAddress.createUnresolved("milepost.example", 7300));
    apply(SecurityLevel.NONE, null);
    assertThat(sent).isEmpty();
    assertThat(refused)
        .hasSize(3)
        .allSatisfy(
            status -> {
              assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
              assertThat(status.getDescription()).contains("not encrypted").doesNotContain("t0k");
            });
  }

  @Test
  void isSentEncryptedToAnotherMachineAndInTheClearOnThisOne() throws Exception {
    apply(SecurityLevel.PRIVACY_AND_INTEGRITY, peer("192.0.2.1"));
    apply(SecurityLevel.NONE, peer("127.0.0.1"));
    apply(SecurityLevel.NONE, peer("::1"));
    assertThat(refused).isEmpty();
    assertThat(sent).containsExactly("Bearer t0k", "Bearer t0k", "Bearer t0k");
  }

  private void apply(SecurityLevel level, SocketAddress peer) {
    Attributes.Builder connection = Attributes.newBuilder();
    if (peer != null) {
      connection.set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, peer);
    }
    new BearerToken(() -> "t0k")
        .applyRequestMetadata(new Call(level, connection.build()), Runnable::run, new Applier());
  }

  private static SocketAddress peer(String address) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(address), 7300);
  }

  private static final class Call extends CallCredentials.RequestInfo {
    private final SecurityLevel level;
    private final Attributes connection;

    Call(SecurityLevel level, Attributes connection) {
      this.level = level;
      this.connection = connection;
    }

    @Override
    public MethodDescriptor<?, ?> getMethodDescriptor() {
      return JobServiceGrpc.getGetJobMethod();
    }

    @Override
    public SecurityLevel getSecurityLevel() {
      return level;
    }

    @Override
    public String getAuthority() {
      return "milepost.example";
    }

    @Override
    public Attributes getTransportAttrs() {
      return connection;
    }
  }

  private final class Applier extends CallCredentials.MetadataApplier {
    @Override
    public void apply(Metadata headers) {
      sent.add(headers.get(HEADER));
    }

    @Override
    public void fail(Status status) {
      refused.add(status);
    }
  }
}
