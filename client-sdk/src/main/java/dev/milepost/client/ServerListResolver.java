package dev.milepost.client;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import io.grpc.SynchronizationContext.ScheduledHandle;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Resolves a list of servers, each by gRPC's own DNS resolver. If some names cannot be resolved,
 * the others are used meanwhile, and the failed lookups are repeated; a name that was resolved
 * before keeps its addresses. Used in the channel's synchronization context only.
 */
final class ServerListResolver extends NameResolver {
  /** Interval of repeated lookups after a failure. */
  private static final long RETRY_SECONDS = 10;

  private final List<Member> members;
  private final Args args;
  private @Nullable Listener2 listener;
  private @Nullable ScheduledHandle retry;

  ServerListResolver(ServerList servers, Args args) {
    this(servers, args, server -> byDns(server, args));
  }

  /**
   * Creates a resolver.
   *
   * @param byName creates the resolver of one "host:port", written as in a URI
   */
  ServerListResolver(ServerList servers, Args args, Function<String, NameResolver> byName) {
    this.args = args;
    this.members =
        servers.servers().stream()
            .map(server -> new Member(server.toString(), byName.apply(server.encoded())))
            .toList();
  }

  private static NameResolver byDns(String server, Args args) {
    NameResolverProvider dns =
        NameResolverRegistry.getDefaultRegistry().getProviderForScheme("dns");
    URI target = URI.create("dns:///" + server);
    return Objects.requireNonNull(Objects.requireNonNull(dns).newNameResolver(target, args));
  }

  /** The authority of the channel as a whole; each address overrides it with its own. */
  @Override
  public String getServiceAuthority() {
    return members.get(0).server;
  }

  @Override
  public void start(Listener2 channel) {
    listener = channel;
    members.forEach(Member::start);
  }

  @Override
  public void refresh() {
    members.forEach(member -> member.names.refresh());
  }

  @Override
  public void shutdown() {
    listener = null;
    if (retry != null) {
      retry.cancel();
    }
    members.forEach(member -> member.names.shutdown());
  }

  /** Passes the addresses to the channel, once every name was looked up. */
  private Status publish() {
    Listener2 channel = listener;
    if (channel == null || members.stream().anyMatch(member -> member.found == null)) {
      return Status.OK;
    }
    List<EquivalentAddressGroup> all = new ArrayList<>();
    Status failure = Status.UNAVAILABLE.withDescription("cannot resolve any server of the list");
    boolean failed = false;
    for (Member member : members) {
      StatusOr<List<EquivalentAddressGroup>> found = Objects.requireNonNull(member.found);
      if (found.hasValue()) {
        all.addAll(found.getValue());
      } else {
        failure = found.getStatus();
      }
      failed |= member.failed;
    }
    if (all.isEmpty()) {
      // Without any address, the channel itself requests a refresh.
      return channel.onResult2(
          ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromStatus(failure)).build());
    }
    if (failed) {
      retryLater();
    }
    return channel.onResult2(
        ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromValue(all)).build());
  }

  private void retryLater() {
    if (retry == null || !retry.isPending()) {
      SynchronizationContext context = args.getSynchronizationContext();
      retry =
          context.schedule(
              () ->
                  members.stream()
                      .filter(member -> member.failed)
                      .forEach(member -> member.names.refresh()),
              RETRY_SECONDS,
              TimeUnit.SECONDS,
              args.getScheduledExecutorService());
    }
  }

  /** One server of the list, which may have several addresses. */
  private final class Member extends Listener2 {
    private final String server;
    private final NameResolver names;

    /** The last resolved addresses, or a failure if there have been none. */
    private @Nullable StatusOr<List<EquivalentAddressGroup>> found;

    /** Whether the last lookup failed. */
    private boolean failed;

    Member(String server, NameResolver names) {
      this.server = server;
      this.names = names;
    }

    void start() {
      names.start(this);
    }

    /** Sets the authority, so that over TLS each server must prove its own name. */
    private EquivalentAddressGroup named(EquivalentAddressGroup group) {
      Attributes attributes =
          group.getAttributes().toBuilder()
              .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, server)
              .build();
      return new EquivalentAddressGroup(group.getAddresses(), attributes);
    }

    @Override
    public Status onResult2(ResolutionResult result) {
      StatusOr<List<EquivalentAddressGroup>> resolved = result.getAddressesOrError();
      if (resolved.hasValue()) {
        found = StatusOr.fromValue(resolved.getValue().stream().map(this::named).toList());
        failed = false;
        return publish();
      }
      return failed(resolved.getStatus());
    }

    private Status failed(Status error) {
      failed = true;
      if (found == null || !found.hasValue()) {
        found = StatusOr.fromStatus(error);
      }
      return publish();
    }

    @Override
    public void onResult(ResolutionResult result) {
      args.getSynchronizationContext().execute(() -> onResult2(result));
    }

    @Override
    public void onError(Status error) {
      args.getSynchronizationContext().execute(() -> failed(error));
    }
  }
}
