package dev.milepost.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests names that resolve, change and fail to resolve. */
class ServerListResolverTest {
  private final Map<String, Names> names = new LinkedHashMap<>();
  private final Recorder received = new Recorder();
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final SynchronizationContext context =
      new SynchronizationContext(
          (thread, thrown) -> {
            throw new AssertionError(thrown);
          });
  private final ServerListResolver resolver =
      new ServerListResolver(ServerList.of("a:1,b:2"), args(), this::names);

  private NameResolver.Args args() {
    return NameResolver.Args.newBuilder()
        .setDefaultPort(443)
        .setProxyDetector(address -> null)
        .setSynchronizationContext(context)
        .setScheduledExecutorService(timer)
        .setServiceConfigParser(
            new NameResolver.ServiceConfigParser() {
              @Override
              public NameResolver.ConfigOrError parseServiceConfig(Map<String, ?> config) {
                return NameResolver.ConfigOrError.fromConfig(config);
              }
            })
        .build();
  }

  private Names names(String server) {
    return names.computeIfAbsent(server, Names::new);
  }

  @AfterEach
  void end() {
    context.execute(resolver::shutdown);
    timer.shutdownNow();
  }

  /** A resolver whose results the test provides. */
  private final class Names extends NameResolver {
    private final String server;
    private @Nullable Listener2 listener;

    Names(String server) {
      this.server = server;
    }

    void resolve(int port) {
      publish(
          StatusOr.fromValue(
              List.of(
                  new EquivalentAddressGroup(
                      InetSocketAddress.createUnresolved("localhost", port)))));
    }

    void fail() {
      publish(StatusOr.fromStatus(Status.UNAVAILABLE.withDescription(server)));
    }

    private void publish(StatusOr<List<EquivalentAddressGroup>> result) {
      Listener2 target = listener;
      assertThat(target).isNotNull();
      context.execute(
          () ->
              target.onResult2(ResolutionResult.newBuilder().setAddressesOrError(result).build()));
    }

    @Override
    public String getServiceAuthority() {
      return server;
    }

    @Override
    public void start(Listener2 target) {
      listener = target;
    }

    @Override
    public void shutdown() {}
  }

  /** Records what the channel would receive. */
  private static final class Recorder extends NameResolver.Listener2 {
    private final List<List<String>> addresses = new ArrayList<>();
    private final List<Status> failures = new ArrayList<>();

    @Override
    public Status onResult2(NameResolver.ResolutionResult result) {
      StatusOr<List<EquivalentAddressGroup>> found = result.getAddressesOrError();
      if (found.hasValue()) {
        addresses.add(
            found.getValue().stream()
                .map(
                    group ->
                        group.getAttributes().get(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE)
                            + " at "
                            + ((InetSocketAddress) group.getAddresses().get(0)).getPort())
                .toList());
      } else {
        failures.add(found.getStatus());
      }
      return Status.OK;
    }

    @Override
    public void onResult(NameResolver.ResolutionResult result) {
      onResult2(result);
    }

    @Override
    public void onError(Status error) {
      failures.add(error);
    }
  }

  @Test
  void publishesAllAddressesOnceEveryNameWasLookedUp() {
    context.execute(() -> resolver.start(received));
    names("a:1").resolve(11);
    assertThat(received.addresses).isEmpty();
    names("b:2").resolve(22);
    assertThat(received.addresses).containsExactly(List.of("a:1 at 11", "b:2 at 22"));
    assertThat(timer.getQueue()).isEmpty();
  }

  @Test
  void aFailedLookupKeepsTheEarlierAddresses() {
    context.execute(() -> resolver.start(received));
    names("a:1").resolve(11);
    names("b:2").resolve(22);
    names("a:1").fail();
    assertThat(received.addresses).hasSize(2);
    assertThat(received.addresses.get(1)).containsExactly("a:1 at 11", "b:2 at 22");
    assertThat(received.failures).isEmpty();
    assertThat(timer.getQueue()).as("scheduled retry").hasSize(1);
    names("a:1").resolve(12);
    assertThat(received.addresses.get(2)).containsExactly("a:1 at 12", "b:2 at 22");
  }

  @Test
  void leavesOutUnknownNamesAndFailsOnlyIfAllAreUnknown() {
    context.execute(() -> resolver.start(received));
    names("a:1").fail();
    names("b:2").fail();
    assertThat(received.addresses).isEmpty();
    assertThat(received.failures).hasSize(1);
    names("b:2").resolve(22);
    assertThat(received.addresses).containsExactly(List.of("b:2 at 22"));
    assertThat(timer.getQueue()).as("scheduled retry").hasSize(1);
  }
}
