package dev.milepost.server.copy.remote;

import dev.milepost.server.access.CallMetadata;
import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.server.access.Role;
import dev.milepost.server.copy.CopyException;
import dev.milepost.server.copy.JobSource;
import dev.milepost.server.copy.StoreSource;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.StoreUrls;
import dev.milepost.server.store.open.StoreOpener;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Opens the store or running server that a URL names, to copy from it.
 *
 * @param journalCap maximum number of entries of each kind in a journal
 * @param token file with the API token or JWT of an ADMIN at that server; empty: development
 *     credentials
 * @param ca PEM file with trusted certificates for that server; empty: those that Java trusts
 */
public record SourceOpener(int journalCap, Optional<Path> token, Optional<Path> ca) {
  private static final String SERVER = "grpc://";
  private static final String SERVER_BY_TLS = "grpcs://";

  /** Longer than the shortest keep-alive interval that servers permit. */
  private static final int KEEP_ALIVE_SECONDS = 20;

  private static final String USER = "milepost-copy";

  /**
   * Opens a source. Blocks.
   *
   * @throws dev.milepost.server.store.StoreException if a store cannot be opened
   * @throws dev.milepost.server.copy.CopyException if the URL names nothing to copy from, or an
   *     incomplete copy
   */
  public JobSource open(String url) {
    if (url.startsWith(SERVER)) {
      return server(url, false);
    }
    if (url.startsWith(SERVER_BY_TLS)) {
      return server(url, true);
    }
    if (url.equals(StoreOpener.MEMORY)) {
      throw new CopyException(
          "A memory: store exists only in its server. Use the address of the server, such as"
              + " grpc://localhost:7300.");
    }
    StoreOpener.sqliteFile(url)
        .filter(file -> !Files.exists(file))
        .ifPresent(
            file -> {
              throw new CopyException("There is no file " + file + " to copy from.");
            });
    JobStore store =
        StoreOpener.open(url, StoreClock.of(Clock.systemUTC()), journalCap, CommitObserver.NONE);
    try {
      return StoreSource.of(store);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private JobSource server(String url, boolean tls) {
    URI address = address(url);
    if (!tls && !isThisMachine(address)) {
      throw new CopyException(
          "What a server exports must not cross a network in the clear: use "
              + SERVER_BY_TLS
              + place(address)
              + ".");
    }
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress(
                address.getHost(),
                address.getPort(),
                tls ? verified() : InsecureChannelCredentials.create())
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .build();
    return new ServerSource(address.getScheme() + "://" + place(address), channel, credentials());
  }

  private static URI address(String url) {
    try {
      URI address = new URI(url);
      if (address.getHost() != null && address.getPort() > 0 && address.getUserInfo() == null) {
        return address;
      }
    } catch (URISyntaxException e) {
      // Reported below.
    }
    throw new CopyException(
        "The server \""
            + StoreUrls.redacted(url)
            + "\" must be grpc://HOST:PORT, such as grpc://localhost:7300, without a user or"
            + " password.");
  }

  private static String place(URI address) {
    return address.getHost() + ":" + address.getPort();
  }

  private static boolean isThisMachine(URI address) {
    InetSocketAddress resolved = new InetSocketAddress(address.getHost(), address.getPort());
    return !resolved.isUnresolved() && resolved.getAddress().isLoopbackAddress();
  }

  private ChannelCredentials verified() {
    TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder();
    try {
      if (ca.isPresent()) {
        credentials.trustManager(ca.get().toFile());
      }
      return credentials.build();
    } catch (IOException e) {
      throw new CopyException("The file " + ca.orElseThrow() + " cannot be read (" + e + ").");
    }
  }

  private Metadata credentials() {
    Metadata headers = new Metadata();
    if (token.isPresent()) {
      try {
        put(headers, CallMetadata.AUTHORIZATION, "Bearer " + Files.readString(token.get()).strip());
      } catch (IOException e) {
        throw new CopyException("The file " + token.get() + " cannot be read (" + e + ").");
      }
    } else {
      put(headers, DevelopmentAuthenticator.USER_HEADER, USER);
      put(headers, DevelopmentAuthenticator.ROLES_HEADER, Role.ADMIN.name());
    }
    return headers;
  }

  private static void put(Metadata headers, String name, String value) {
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }
}
