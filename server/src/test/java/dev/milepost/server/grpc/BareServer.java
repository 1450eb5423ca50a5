package dev.milepost.server.grpc;

import dev.milepost.server.access.AccessPolicy;
import dev.milepost.server.access.Authenticator;
import dev.milepost.server.access.CallMetadata;
import dev.milepost.server.access.Caller;
import dev.milepost.server.access.Role;
import dev.milepost.server.app.CallerLimits;
import dev.milepost.server.app.ServiceObserver;
import dev.milepost.server.app.TokenSealer;
import dev.milepost.server.grpc.operations.OperationService;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobRules;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.SettableClock;
import dev.milepost.server.store.memory.MemoryJobStore;
import dev.milepost.server.task.TaskDefinitions;
import dev.milepost.server.watch.ClaimWaiters;
import dev.milepost.server.watch.JobWatchHub;
import dev.milepost.server.watch.ListWatchHub;
import dev.milepost.server.watch.WatchObserver;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The services on a socket, with their store in the test's hands and credentials of its own. */
final class BareServer implements AutoCloseable {
  static final CallerLimits NO_LIMITS =
      new CallerLimits(0, 0, Duration.ofSeconds(1), 0, 0, 2_000, 0);

  private static final String CREDENTIAL = "x-credential";

  private final SettableClock clock = new SettableClock();
  private final JobStore store;
  private final MilepostServices services;
  private final Server server;
  private final ManagedChannel channel;

  private BareServer(CallerLimits limits, Function<SettableClock, JobStore> opening)
      throws IOException {
    store = opening.apply(clock);
    services =
        new MilepostServices(
            store,
            new JobRules(JobDefaults.STANDARD, clock.instant()),
            new AccessPolicy(),
            new PlainCredentials(),
            new JobWatchHub(store, 1000, Duration.ofSeconds(15), WatchObserver.NONE),
            new ListWatchHub(store, Duration.ofSeconds(15), WatchObserver.NONE),
            new ClaimWaiters(store),
            new TokenSealer(new byte[TokenSealer.KEY_BYTES]),
            OperationService::new,
            limits,
            () -> TaskDefinitions.NONE,
            clock,
            Duration.ofSeconds(10),
            ServiceObserver.NONE);
    NettyServerBuilder builder = NettyServerBuilder.forPort(0);
    services.addTo(builder);
    server = builder.build().start();
    services.serving();
    channel = NettyChannelBuilder.forAddress("localhost", server.getPort()).usePlaintext().build();
  }

  /** On the memory store. */
  static BareServer start(CallerLimits limits) {
    return start(limits, clock -> new MemoryJobStore(clock, 1000));
  }

  /** On a store that goes by the server's clock. */
  static BareServer start(CallerLimits limits, Function<SettableClock, JobStore> opening) {
    try {
      return new BareServer(limits, opening);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A caller by its credential: tenant, user and role. */
  TestClient caller(String credential) {
    return new TestClient(channel).with(CREDENTIAL, credential);
  }

  JobStore store() {
    return store;
  }

  MilepostServices services() {
    return services;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    services.drain();
    try {
      server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    store.close();
  }

  /** Credentials that say "tenant user ROLE", and leave every other header alone. */
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
