package dev.milepost.client;

import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Makes gRPC support targets that list several servers: {@code milepost:///a:7300,b:7300}. Java's
 * service loader finds it, so other code that uses gRPC channels can use such targets, too. Each
 * server's name is resolved by DNS; over TLS, its own certificate must match that name.
 */
public final class ServerListResolverProvider extends NameResolverProvider {
  /** The scheme of these targets. */
  static final String SCHEME = "milepost";

  private static final int PRIORITY = 5;

  /** Called by Java's service loader. */
  public ServerListResolverProvider() {}

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return PRIORITY;
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  /**
   * Creates a resolver for a list of servers.
   *
   * @return null if the target has another scheme
   * @throws IllegalArgumentException if an entry is not "host:port"
   */
  @Override
  public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
    if (!SCHEME.equals(target.getScheme())) {
      return null;
    }
    return new ServerListResolver(ServerList.ofPath(target.getPath()), args);
  }
}
