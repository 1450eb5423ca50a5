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
 * The addresses of a list of servers, each found by gRPC's own resolver of names. A name that is
 * not known is left out while another is, and asked for again; one that was known keeps its
 * addresses while it cannot be asked for. Used in the channel's synchronization context only.
 */
final class ServerListResolver extends NameResolver {
  /** How often unknown names are asked for again. */
  private static final long RETRY_SECONDS = 10;

  private final List<Member> members;
  private final Args args;
  private @Nullable Listener2 listener;
  private @Nullable ScheduledHandle retry;

  ServerListResolver(ServerList servers, Args args) {
    this(servers, args, server -> byDns(server, args));
  }

  /**
   * A resolver.
   *
   * @param byName makes what finds the addresses of one "host:port"
   */
  ServerListResolver(ServerList servers, Args args, Function<String, NameResolver> byName) {
    this.args = args;
    this.members =
        servers.entries().stream().map(server -> new Member(server, byName.apply(server))).toList();
  }

  private static NameResolver byDns(String server, Args args) {
    NameResolverProvider dns =
        NameResolverRegistry.getDefaultRegistry().getProviderForScheme("dns");
    URI target = URI.create("dns:///" + server.replace("[", "%5B").replace("]", "%5D"));
    return Objects.requireNonNull(Objects.requireNonNull(dns).newNameResolver(target, args));
  }

  /** For what concerns no server in particular; each address brings its own. */
  @Override
  public String getServiceAuthority() {
    return members.get(0).server;
  }

  @Override
  public void start(Listener2 whoAsks) {
    listener = whoAsks;
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

  /** Tells the channel, once every name was looked up. */
  private Status tell() {
    Listener2 whoAsks = listener;
    if (whoAsks == null || members.stream().anyMatch(member -> member.found == null)) {
      return Status.OK;
    }
    List<EquivalentAddressGroup> all = new ArrayList<>();
    Status failure = Status.UNAVAILABLE.withDescription("no server has an address");
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
      // The channel asks again by itself where it has nothing.
      return whoAsks.onResult2(
          ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromStatus(failure)).build());
    }
    if (failed) {
      askAgainLater();
    }
    return whoAsks.onResult2(
        ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromValue(all)).build());
  }

  private void askAgainLater() {
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

    /** The last addresses; a failure while there were none yet. */
    private @Nullable StatusOr<List<EquivalentAddressGroup>> found;

    /** Whether it failed the last time. */
    private boolean failed;

    Member(String server, NameResolver names) {
      this.server = server;
      this.names = names;
    }

    void start() {
      names.start(this);
    }

    /** Over TLS, each server must prove its own name, not the list's. */
    private EquivalentAddressGroup named(EquivalentAddressGroup group) {
      Attributes attributes =
          group.getAttributes().toBuilder()
              .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, server)
              .build();
      return new EquivalentAddressGroup(group.getAddresses(), attributes);
    }

    @Override
    public Status onResult2(ResolutionResult result) {
      StatusOr<List<EquivalentAddressGroup>> told = result.getAddressesOrError();
      if (told.hasValue()) {
        found = StatusOr.fromValue(told.getValue().stream().map(this::named).toList());
        failed = false;
        return tell();
      }
      return failed(told.getStatus());
    }

    private Status failed(Status why) {
      failed = true;
      if (found == null || !found.hasValue()) {
        found = StatusOr.fromStatus(why);
      }
      return tell();
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
