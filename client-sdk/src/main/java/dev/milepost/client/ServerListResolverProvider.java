package dev.milepost.client;

import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Teaches gRPC targets that name several servers: {@code milepost:///a:7300,b:7300}. Java finds it
 * by itself; clients of another make that use gRPC's channels may use such targets, too. Each
 * server's name is resolved by DNS and, over TLS, must be the one that its own certificate is for.
 */
public final class ServerListResolverProvider extends NameResolverProvider {
  /** The scheme of these targets. */
  static final String SCHEME = "milepost";

  private static final int PRIORITY = 5;

  /** Is called by Java's service loader. */
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
   * Resolves a list.
   *
   * @return null where the target is of another scheme
   * @throws IllegalArgumentException where an entry is not "host:port"
   */
  @Override
  public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
    if (!SCHEME.equals(target.getScheme())) {
      return null;
    }
    return new ServerListResolver(ServerList.ofPath(target.getPath()), args);
  }
}
