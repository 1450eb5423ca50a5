package dev.milepost.server.grpc;

import dev.milepost.server.app.StatsScope;
import dev.milepost.server.app.StatsSnapshot;
import dev.milepost.server.watch.ClaimWaiters;
import dev.milepost.server.watch.JobWatchHub;
import dev.milepost.server.watch.ListWatchHub;
import dev.milepost.server.watch.ValueWatchHub;
import dev.milepost.server.wire.StrictRequests;
import dev.milepost.server.wire.TransportFailures;
import io.grpc.BindableService;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;

/** The services and interceptors, for a server on any transport. Thread-safe. */
@Singleton
public final class GrpcServices {
  /** Maximum number of servers or sockets in a response of channelz. */
  private static final int MAX_CHANNELZ_PAGE = 100;

  private final Set<BindableService> services;
  private final Set<ServerInterceptor> interceptors;
  private final ServerHealth health;
  private final OpenStreams streams;
  private final ClaimWaiters waiters;
  private final JobWatchHub jobWatches;
  private final ListWatchHub listWatches;
  private final ValueWatchHub<StatsScope, StatsSnapshot> statsWatches;
  private final FailedCredentials failed;
  private final ScheduledExecutorService timer;

  /**
   * Takes the parts of a server.
   *
   * @param interceptors in the order in which they see a call
   */
  @Inject
  GrpcServices(
      Set<BindableService> services,
      Set<ServerInterceptor> interceptors,
      ServerHealth health,
      OpenStreams streams,
      ClaimWaiters waiters,
      JobWatchHub jobWatches,
      ListWatchHub listWatches,
      ValueWatchHub<StatsScope, StatsSnapshot> statsWatches,
      FailedCredentials failed,
      ScheduledExecutorService timer) {
    this.services = services;
    this.interceptors = interceptors;
    this.health = health;
    this.streams = streams;
    this.waiters = waiters;
    this.jobWatches = jobWatches;
    this.listWatches = listWatches;
    this.statsWatches = statsWatches;
    this.failed = failed;
    this.timer = timer;
  }

  /** Adds the services and interceptors to a server that runs calls on its transport's threads. */
  void addTo(ServerBuilder<?> server) {
    server.directExecutor();
    TransportFailures.addTo(server);
    StrictRequests strict = new StrictRequests(ErrorMap::close);
    Stream.concat(services.stream(), standard())
        .forEach(service -> server.addService(strict.of(service.bindService())));
    // gRPC runs the interceptor that was added last first.
    List<ServerInterceptor> innermostFirst = new ArrayList<>(interceptors);
    Collections.reverse(innermostFirst);
    innermostFirst.forEach(server::intercept);
  }

  /** Describes the services of the contract, without gRPC's own. */
  public List<ServiceDescriptor> descriptors() {
    return services.stream().map(service -> service.bindService().getServiceDescriptor()).toList();
  }

  /** Returns gRPC's own services. Many tools still ask for the older reflection only. */
  @SuppressWarnings("deprecation")
  private Stream<BindableService> standard() {
    return Stream.of(
        health.service(),
        ProtoReflectionServiceV1.newInstance(),
        ProtoReflectionService.newInstance(),
        ChannelzService.newInstance(MAX_CHANNELZ_PAGE));
  }

  /** Ends the calls that do not end by themselves: streams and waits. */
  void drain() {
    failed.close();
    waiters.close();
    streams.close();
    jobWatches.close();
    listWatches.close();
    statsWatches.close();
    health.close();
    timer.shutdown();
  }
}
