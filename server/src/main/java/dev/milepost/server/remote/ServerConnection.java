package dev.milepost.server.remote;

import dev.milepost.server.access.CallMetadata;
import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.server.access.Role;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A connection to a running server, with the credentials of an ADMIN. Thread-safe. */
public final class ServerConnection implements AutoCloseable {
  /** Longer than the shortest keep-alive interval that servers permit. */
  private static final int KEEP_ALIVE_SECONDS = 20;

  private final String name;
  private final ManagedChannel channel;
  private final Channel proved;

  private ServerConnection(String name, ManagedChannel channel, Metadata credentials) {
    this.name = name;
    this.channel = channel;
    this.proved =
        ClientInterceptors.intercept(
            channel, MetadataUtils.newAttachHeadersInterceptor(credentials));
  }

  /**
   * Prepares a connection; the first call connects. Only a server on this machine is called without
   * TLS.
   *
   * @param address as {@link ServerAddress#parse}
   * @param command name of the command, which development credentials use as the user
   * @param token file with the API token or JWT of an ADMIN; empty: development credentials
   * @param ca PEM file with trusted certificate authorities; empty: those that Java trusts
   * @throws RemoteException if the address is malformed or on another machine without TLS, or a
   *     file cannot be read
   */
  public static ServerConnection open(
      String address, String command, Optional<Path> token, Optional<Path> ca) {
    ServerAddress parsed = ServerAddress.parse(address, ca.isPresent());
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress(
                parsed.host(),
                parsed.port(),
                parsed.hasTls() ? verified(ca) : InsecureChannelCredentials.create())
            .maxInboundMessageSize(Integer.MAX_VALUE)
            .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .build();
    try {
      return new ServerConnection(parsed.toString(), channel, credentials(command, token));
    } catch (RemoteException e) {
      channel.shutdownNow();
      throw e;
    }
  }

  /**
   * Returns a connection over a channel that exists.
   *
   * @param name of the server, for messages
   * @param channel without a limit on message size; shut down with this connection
   * @param credentials headers that prove that the caller is an ADMIN
   */
  public static ServerConnection over(String name, ManagedChannel channel, Metadata credentials) {
    return new ServerConnection(name, channel, credentials);
  }

  /** Returns the server's address, for messages. */
  public String name() {
    return name;
  }

  /** Returns the channel for stubs; each call carries the credentials. */
  public Channel channel() {
    return proved;
  }

  /**
   * Says that a call has failed, why, and what to do.
   *
   * @param status of the call
   * @param again what to do if the server was away; empty: nothing is added
   */
  public String explain(Status status, String again) {
    String said = status.getDescription() == null ? "" : ": " + status.getDescription();
    String hint =
        switch (status.getCode()) {
          case UNAUTHENTICATED, PERMISSION_DENIED -> " Only an ADMIN may do this.";
          case UNIMPLEMENTED -> " Is it a Milepost server of this version?";
          case UNAVAILABLE, CANCELLED -> " Is it running?" + (again.isEmpty() ? "" : " " + again);
          default -> "";
        };
    return name + " answers " + status.getCode() + said + hint;
  }

  private static ChannelCredentials verified(Optional<Path> ca) {
    TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder();
    try {
      if (ca.isPresent()) {
        credentials.trustManager(ca.get().toFile());
      }
      return credentials.build();
    } catch (IOException e) {
      throw unreadable(ca.orElseThrow(), e);
    }
  }

  private static Metadata credentials(String command, Optional<Path> token) {
    Metadata headers = new Metadata();
    if (token.isPresent()) {
      try {
        put(headers, CallMetadata.AUTHORIZATION, "Bearer " + Files.readString(token.get()).strip());
      } catch (IOException e) {
        throw unreadable(token.get(), e);
      }
    } else {
      put(headers, DevelopmentAuthenticator.USER_HEADER, "milepost-" + command);
      put(headers, DevelopmentAuthenticator.ROLES_HEADER, Role.ADMIN.name());
    }
    return headers;
  }

  private static RemoteException unreadable(Path file, IOException e) {
    return new RemoteException("The file " + file + " cannot be read (" + e + ").");
  }

  private static void put(Metadata headers, String name, String value) {
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }

  /** Ends calls in progress. */
  @Override
  public void close() {
    channel.shutdownNow();
  }
}
