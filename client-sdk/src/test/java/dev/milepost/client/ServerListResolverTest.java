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

/** Names that come, go and cannot be asked for. */
class ServerListResolverTest {
  private final Map<String, Names> names = new LinkedHashMap<>();
  private final Told told = new Told();
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

  /** Finds what the test says. */
  private final class Names extends NameResolver {
    private final String server;
    private @Nullable Listener2 listener;

    Names(String server) {
      this.server = server;
    }

    void find(int port) {
      tell(
          StatusOr.fromValue(
              List.of(
                  new EquivalentAddressGroup(
                      InetSocketAddress.createUnresolved("localhost", port)))));
    }

    void fail() {
      tell(StatusOr.fromStatus(Status.UNAVAILABLE.withDescription(server)));
    }

    private void tell(StatusOr<List<EquivalentAddressGroup>> found) {
      Listener2 whoAsks = listener;
      assertThat(whoAsks).isNotNull();
      context.execute(
          () ->
              whoAsks.onResult2(ResolutionResult.newBuilder().setAddressesOrError(found).build()));
    }

    @Override
    public String getServiceAuthority() {
      return server;
    }

    @Override
    public void start(Listener2 whoAsks) {
      listener = whoAsks;
    }

    @Override
    public void shutdown() {}
  }

  /** Keeps what the channel would hear. */
  private static final class Told extends NameResolver.Listener2 {
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
  void theChannelHearsOfAllOnceEachWasLookedUpEachUnderItsOwnName() {
    context.execute(() -> resolver.start(told));
    names("a:1").find(11);
    assertThat(told.addresses).isEmpty();
    names("b:2").find(22);
    assertThat(told.addresses).containsExactly(List.of("a:1 at 11", "b:2 at 22"));
    assertThat(timer.getQueue()).isEmpty();
  }

  @Test
  void aNameThatCannotBeAskedForKeepsItsAddresses() {
    context.execute(() -> resolver.start(told));
    names("a:1").find(11);
    names("b:2").find(22);
    names("a:1").fail();
    assertThat(told.addresses).hasSize(2);
    assertThat(told.addresses.get(1)).containsExactly("a:1 at 11", "b:2 at 22");
    assertThat(told.failures).isEmpty();
    assertThat(timer.getQueue()).as("asks again").hasSize(1);
    names("a:1").find(12);
    assertThat(told.addresses.get(2)).containsExactly("a:1 at 12", "b:2 at 22");
  }

  @Test
  void aNameThatIsNotKnownIsLeftOutAndOnlyWhereNoneIsTheChannelHearsOfIt() {
    context.execute(() -> resolver.start(told));
    names("a:1").fail();
    names("b:2").fail();
    assertThat(told.addresses).isEmpty();
    assertThat(told.failures).hasSize(1);
    names("b:2").find(22);
    assertThat(told.addresses).containsExactly(List.of("b:2 at 22"));
    assertThat(timer.getQueue()).as("asks again").hasSize(1);
  }
}
