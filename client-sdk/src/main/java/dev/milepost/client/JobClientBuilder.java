package dev.milepost.client;

import io.grpc.CallCredentials;
import io.grpc.ManagedChannelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link JobClient}. Not thread-safe. */
public final class JobClientBuilder {
  final String target;
  @Nullable Boolean tls;
  @Nullable String user;
  @Nullable String tenant;
  @Nullable CallCredentials credentials;
  @Nullable Path trusted;
  @Nullable Path certificate;
  @Nullable Path key;
  @Nullable Executor executor;
  Duration keepAlive = Duration.ofSeconds(12);
  Duration callTimeout = Duration.ofSeconds(30);
  int maxInboundBytes = 16 << 20;
  Consumer<ManagedChannelBuilder<?>> channelSettings = channel -> {};

  JobClientBuilder(String target) {
    this.target = target;
  }

  /** Connects by TLS, trusting what Java trusts. Default, unless the host is this machine. */
  public JobClientBuilder tls() {
    this.tls = true;
    return this;
  }

  /**
   * Connects by TLS, trusting the certificates in a PEM file and no others.
   *
   * @param certificates read when the client is made
   */
  public JobClientBuilder trust(Path certificates) {
    this.trusted = certificates;
    return this;
  }

  /**
   * Connects by TLS, and proves who calls by a certificate.
   *
   * @param certificate PEM: the certificate, followed by those that vouch for it
   * @param key PEM: its private key, PKCS #8 and not encrypted
   */
  public JobClientBuilder clientCertificate(Path certificate, Path key) {
    this.certificate = certificate;
    this.key = key;
    return this;
  }

  /** Connects without TLS. Default where the host is this machine. */
  public JobClientBuilder plaintext() {
    this.tls = false;
    return this;
  }

  /**
   * Says who calls, to a server in development mode. Default: the system property user.name, unless
   * there are credentials.
   */
  public JobClientBuilder user(String user) {
    this.user = user;
    return this;
  }

  /** Says which tenant calls, to a server in development mode. Default: the server's. */
  public JobClientBuilder tenant(String tenant) {
    this.tenant = tenant;
    return this;
  }

  /** Sends an API token or a JWT with every call; over TLS, or to this machine. */
  public JobClientBuilder token(String token) {
    return token(() -> token);
  }

  /**
   * Sends a token with every call, over TLS or to this machine, that may be another each time.
   *
   * @param token asked before every call, so it must answer fast; by several threads at once
   */
  public JobClientBuilder token(Supplier<String> token) {
    this.credentials = new BearerToken(token);
    return this;
  }

  /** Credentials of another kind that go with every call. */
  public JobClientBuilder credentials(CallCredentials credentials) {
    this.credentials = credentials;
    return this;
  }

  /** Where continuations of futures and subscribers to watches run. Default: gRPC's shared pool. */
  public JobClientBuilder executor(Executor executor) {
    this.executor = executor;
    return this;
  }

  /**
   * How often a connection with open calls is probed while nothing else comes. 12 s where unset:
   * often enough to notice a dead one within a lease, and not so often that the server takes
   * offence.
   */
  public JobClientBuilder keepAlive(Duration interval) {
    this.keepAlive = interval;
    return this;
  }

  /** How long a call may take, all its tries together; 30 s where unset. */
  public JobClientBuilder callTimeout(Duration timeout) {
    this.callTimeout = timeout;
    return this;
  }

  /** Largest message to accept from the server, in bytes; 16 MiB where unset. */
  public JobClientBuilder maxInboundMessageSize(int bytes) {
    this.maxInboundBytes = bytes;
    return this;
  }

  /** Anything else about the channel, applied last. */
  public JobClientBuilder channel(Consumer<ManagedChannelBuilder<?>> settings) {
    this.channelSettings = settings;
    return this;
  }

  /**
   * Makes the client; it connects with its first call.
   *
   * @throws IllegalStateException where a token would be sent in the clear, or TLS is both wanted
   *     and not
   * @throws IllegalArgumentException where a certificate or key cannot be read
   */
  public JobClient build() {
    return new ClientCore(this).client();
  }
}
