package dev.milepost.server.config;

import dev.milepost.server.access.CallMetadata;
import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.server.access.Role;
import dev.milepost.server.copy.JobSource;
import dev.milepost.server.copy.StoreSource;
import dev.milepost.server.grpc.ServerSource;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Opens what a URL names to copy from: a store, or a server that is running.
 *
 * @param journalCap most entries of each kind that a journal keeps
 * @param token file with the API token or JWT of an ADMIN at that server; empty: development
 *     credentials
 * @param ca file with those who vouch for that server, PEM; empty: those that Java trusts
 */
record SourceOpener(int journalCap, Optional<Path> token, Optional<Path> ca) {
  private static final String SERVER = "grpc://";
  private static final String SERVER_BY_TLS = "grpcs://";

  /** A quiet server is asked whether it is still there, more seldom than it would mind. */
  private static final int KEEP_ALIVE_SECONDS = 20;

  private static final String USER = "milepost-copy";

  /**
   * Opens it. Blocks.
   *
   * @throws SettingsException where the URL names nothing to copy from
   * @throws dev.milepost.server.store.StoreException where a store cannot be opened
   * @throws dev.milepost.server.copy.CopyException where a store is not whole itself
   */
  JobSource open(String url) {
    if (url.startsWith(SERVER)) {
      return server(url, ListenAddress.parse(url.substring(SERVER.length())), false);
    }
    if (url.startsWith(SERVER_BY_TLS)) {
      return server(url, ListenAddress.parse(url.substring(SERVER_BY_TLS.length())), true);
    }
    if (url.equals(StoreOpener.MEMORY)) {
      throw new SettingsException(
          "A memory: store lives within its server: give the address of that, such as"
              + " grpc://localhost:7300.");
    }
    StoreOpener.sqliteFile(url)
        .filter(file -> !Files.exists(file))
        .ifPresent(
            file -> {
              throw new SettingsException("There is no file " + file + " to copy from.");
            });
    JobStore store = StoreOpener.open(url, Clock.systemUTC(), journalCap, CommitObserver.NONE);
    try {
      return StoreSource.of(store);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private JobSource server(String url, ListenAddress address, boolean tls) {
    if (!tls && !isThisMachine(address)) {
      throw new SettingsException(
          "What a server exports must not cross a network in the clear: use "
              + SERVER_BY_TLS
              + address
              + ".");
    }
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress(
                address.host(),
                address.port(),
                tls ? verified() : InsecureChannelCredentials.create())
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .build();
    return new ServerSource(url, channel, credentials());
  }

  private static boolean isThisMachine(ListenAddress address) {
    InetSocketAddress resolved = new InetSocketAddress(address.host(), address.port());
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
      throw new SettingsException("The file " + ca.orElseThrow() + " cannot be read (" + e + ").");
    }
  }

  private Metadata credentials() {
    Metadata headers = new Metadata();
    if (token.isPresent()) {
      try {
        put(headers, CallMetadata.AUTHORIZATION, "Bearer " + Files.readString(token.get()).strip());
      } catch (IOException e) {
        throw new SettingsException("The file " + token.get() + " cannot be read (" + e + ").");
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
