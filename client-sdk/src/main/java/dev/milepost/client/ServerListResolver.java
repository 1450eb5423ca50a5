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
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a list of servers, each found by gRPC's own resolver of names. A name that is
 * not known is left out while another is, and asked for again. Used in the channel's
 * synchronization context only.
 */
final class ServerListResolver extends NameResolver {
  /** How often unknown names are asked for again. */
  private static final long RETRY_SECONDS = 10;

  private final List<Member> members;
  private final Args args;
  private @Nullable Listener2 listener;
  private @Nullable ScheduledHandle retry;

  ServerListResolver(ServerList servers, Args args) {
    this.args = args;
    this.members = servers.entries().stream().map(Member::new).toList();
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
    boolean unknown = false;
    for (Member member : members) {
      StatusOr<List<EquivalentAddressGroup>> found = Objects.requireNonNull(member.found);
      if (found.hasValue()) {
        all.addAll(found.getValue());
      } else {
        failure = found.getStatus();
        unknown = true;
      }
    }
    if (all.isEmpty()) {
      // The channel asks again by itself where it has nothing.
      return whoAsks.onResult2(
          ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromStatus(failure)).build());
    }
    if (unknown) {
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
                      .filter(member -> member.found != null && !member.found.hasValue())
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
    private @Nullable StatusOr<List<EquivalentAddressGroup>> found;

    Member(String server) {
      this.server = server;
      NameResolverProvider dns =
          NameResolverRegistry.getDefaultRegistry().getProviderForScheme("dns");
      URI target = URI.create("dns:///" + server.replace("[", "%5B").replace("]", "%5D"));
      this.names =
          Objects.requireNonNull(Objects.requireNonNull(dns).newNameResolver(target, args));
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
      found =
          told.hasValue()
              ? StatusOr.fromValue(told.getValue().stream().map(this::named).toList())
              : told;
      return tell();
    }

    @Override
    public void onResult(ResolutionResult result) {
      args.getSynchronizationContext().execute(() -> onResult2(result));
    }

    @Override
    public void onError(Status error) {
      args.getSynchronizationContext()
          .execute(
              () -> {
                found = StatusOr.fromStatus(error);
                tell();
              });
    }
  }
}
