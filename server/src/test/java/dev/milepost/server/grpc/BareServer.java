package dev.milepost.server.grpc;

import dev.milepost.server.MilepostServer;
import dev.milepost.server.access.Authenticator;
import dev.milepost.server.access.CallMetadata;
import dev.milepost.server.access.Caller;
import dev.milepost.server.access.Role;
import dev.milepost.server.app.CallerLimits;
import dev.milepost.server.app.QuotaLimits;
import dev.milepost.server.settings.Settings;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.memory.MemoryJobStore;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The services on a socket, with a store of the test's choice and simplified credentials. */
final class BareServer implements AutoCloseable {
  static final CallerLimits NO_LIMITS =
      new CallerLimits(0, 0, Duration.ofSeconds(1), 0, QuotaLimits.NONE, 2_000, 0);

  private static final String CREDENTIAL = "x-credential";

  private final JobStore store;
  private final MilepostServer server;
  private final Parts parts = new Parts();
  private final ManagedChannel channel;

  private BareServer(CallerLimits limits, Function<SettableClock, JobStore> opening) {
    SettableClock clock = new SettableClock();
    store = opening.apply(clock);
    Settings settings =
        Settings.with(
            Map.of(
                "milepost.store", "memory:",
                "milepost.listen", "localhost:0",
                "milepost.http.listen", "off"));
    server =
        MilepostServer.start(
            settings,
            clock,
            binder -> {
              binder.bind(JobStore.class).toInstance(store);
              binder.bind(Authenticator.class).toInstance(new PlainCredentials());
              binder.bind(CallerLimits.class).toInstance(limits);
              binder.requestInjection(parts);
            });
    channel = NettyChannelBuilder.forAddress("localhost", server.port()).usePlaintext().build();
  }

  /** Starts on the memory store. */
  static BareServer start(CallerLimits limits) {
    return start(limits, clock -> new MemoryJobStore(clock, 1000));
  }

  /** Starts on a store that uses the server's clock. */
  static BareServer start(CallerLimits limits, Function<SettableClock, JobStore> opening) {
    return new BareServer(limits, opening);
  }

  /** Returns a client with credentials of this tenant, user and role. */
  TestClient caller(String credential) {
    return new TestClient(channel).with(CREDENTIAL, credential);
  }

  JobStore store() {
    return store;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.close();
    store.close();
  }

  /** Returns whether the readiness page would report that the server accepts calls. */
  boolean isServing() {
    return Objects.requireNonNull(parts.health).isServing();
  }

  /** Returns parts of the server that its public API does not expose. */
  private static final class Parts {
    @Inject private @Nullable ServerHealth health;
  }

  /** Accepts credentials of the form "tenant user ROLE"; ignores all other headers. */
  private static final class PlainCredentials implements Authenticator {
    @Override
    public Caller authenticate(CallMetadata call) {
      String[] words = call.header(CREDENTIAL).orElseThrow().split(" ");
      return new Caller(words[0], words[1], Set.of(Role.valueOf(words[2])));
    }

    @Override
    public void recheck(Caller caller) {}
  }
}
