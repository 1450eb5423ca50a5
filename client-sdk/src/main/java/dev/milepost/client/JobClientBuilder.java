package dev.milepost.client;

import io.grpc.CallCredentials;
import io.grpc.ManagedChannelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Builder of a {@link JobClient}. Not thread-safe. */
public final class JobClientBuilder {
  final Target target;
  @Nullable Boolean tls;
  @Nullable String user;
  @Nullable String tenant;
  Set<Role> roles = Set.of();
  @Nullable CallCredentials credentials;
  @Nullable Path trusted;
  @Nullable Path certificate;
  @Nullable Path key;
  @Nullable Executor executor;
  Duration keepAlive = Duration.ofSeconds(12);
  Duration callTimeout = Duration.ofSeconds(30);
  Duration endTimeout = Duration.ofMinutes(6);
  long maxUnsentBytes = 64 << 20;
  ReportListener reportListener = new ReportListener() {};
  int maxInboundBytes = 16 << 20;
  Consumer<ManagedChannelBuilder<?>> channelSettings = channel -> {};

  JobClientBuilder(String target) {
    this.target = Target.parse(target);
  }

  /** Uses TLS with the JDK's trusted certificates. Default, unless the host is this machine. */
  public JobClientBuilder tls() {
    this.tls = true;
    return this;
  }

  /**
   * Uses TLS and trusts only the certificates in a PEM file.
   *
   * @param certificates read when the client is built
   */
  public JobClientBuilder trust(Path certificates) {
    this.trusted = Objects.requireNonNull(certificates, "certificates");
    return this;
  }

  /**
   * Uses TLS and authenticates with a client certificate.
   *
   * @param certificate PEM file: the certificate, followed by its intermediate certificates
   * @param key PEM file: its private key, PKCS #8, not encrypted
   */
  public JobClientBuilder clientCertificate(Path certificate, Path key) {
    this.certificate = Objects.requireNonNull(certificate, "certificate");
    this.key = Objects.requireNonNull(key, "key");
    return this;
  }

  /** Connects without TLS. Default if the host is this machine. */
  public JobClientBuilder plaintext() {
    this.tls = false;
    return this;
  }

  /**
   * Sets the user name sent to a server in development mode. Default: the system property {@code
   * user.name}, or none if there are credentials.
   *
   * @param user 1 to 128 printable ASCII characters without spaces; blanks around it are removed
   * @throws IllegalArgumentException if it is anything else
   */
  public JobClientBuilder user(String user) {
    this.user = Checks.name("user", user);
    return this;
  }

  /**
   * Sets the tenant sent to a server in development mode. Default: the server's default tenant.
   *
   * @param tenant 1 to 128 printable ASCII characters without spaces; blanks around it are removed
   * @throws IllegalArgumentException if it is anything else
   */
  public JobClientBuilder tenant(String tenant) {
    this.tenant = Checks.name("tenant", tenant);
    return this;
  }

  /**
   * Sets the roles sent to a server in development mode. Default: what the server gives to callers
   * that name none, USER and WORKER. A server with real credentials takes the roles from these.
   */
  public JobClientBuilder roles(Role... roles) {
    this.roles = Set.copyOf(List.of(roles));
    return this;
  }

  /**
   * Sends an API token or a JWT with every call. Requires TLS, unless the host is this machine.
   *
   * @param token without "Bearer"; blanks and line breaks around it are removed
   * @throws IllegalArgumentException if a header cannot carry it; the message does not quote it
   */
  public JobClientBuilder token(String token) {
    String checked = BearerToken.checked(token);
    return token(() -> checked);
  }

  /**
   * Sends a token that may change from call to call. Requires TLS, unless the host is this machine.
   *
   * @param token called before every call, so it must be fast and thread-safe; what it returns is
   *     treated as by {@link #token(String)}. If it throws or returns no token, the call fails with
   *     {@link AccessDeniedException}, which quotes neither
   */
  public JobClientBuilder token(Supplier<String> token) {
    this.credentials = new BearerToken(Objects.requireNonNull(token, "token"));
    return this;
  }

  /** Sends other credentials with every call. */
  public JobClientBuilder credentials(CallCredentials credentials) {
    this.credentials = Objects.requireNonNull(credentials, "credentials");
    return this;
  }

  /**
   * Sets where responses are handled, and the executor of future continuations, watch subscribers
   * and health listeners. Default: threads of the library's own, as many as there are callbacks at
   * a time, so that one that blocks delays no other.
   *
   * @param executor must not run tasks on the calling thread, and needs more threads than callbacks
   *     that block
   */
  public JobClientBuilder executor(Executor executor) {
    this.executor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  /**
   * Sets how often an idle connection with open calls is probed. Default: 12 s, which detects a
   * dead connection within a lease and stays below the server's limit.
   *
   * @param interval greater than 0; less than 10 s means 10 s
   */
  public JobClientBuilder keepAlive(Duration interval) {
    this.keepAlive = Checks.positive("keepAlive", interval);
    return this;
  }

  /**
   * Sets how long a call may take, including its retries. Default: 30 s.
   *
   * @param timeout greater than 0
   */
  public JobClientBuilder callTimeout(Duration timeout) {
    this.callTimeout = Checks.positive("callTimeout", timeout);
    return this;
  }

  /**
   * Sets how long the end of a job is tried while the server does not respond: the time that {@link
   * JobClient#run} and the thread of a worker may take after the handler has ended. Then {@link
   * JobEndUnknownException} says how the work itself ended. Default: 6 minutes, so that an outage
   * of five loses no end.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public JobClientBuilder endTimeout(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("endTimeout must be positive, but is " + timeout);
    }
    this.endTimeout = timeout;
    return this;
  }

  /**
   * Sets how much the jobs of this client may have reported, all together, that the server has not
   * accepted: beyond it, DEBUG and INFO lines are dropped and counted, and at 1.25 times as much
   * all lines. Default: 64 MiB; each job has 8 MiB and 10,000 lines at most. As Java objects, lines
   * take two to three times as much.
   *
   * @throws IllegalArgumentException if it is less than 64 KiB
   */
  public JobClientBuilder maxUnsentBytes(long bytes) {
    if (bytes < 64 << 10) {
      throw new IllegalArgumentException("maxUnsentBytes must be at least 65536, but is " + bytes);
    }
    this.maxUnsentBytes = bytes;
    return this;
  }

  /** Sets what is told when log lines are dropped, or a call has to wait. Default: nothing. */
  public JobClientBuilder reportListener(ReportListener listener) {
    this.reportListener = listener;
    return this;
  }

  /** Sets the maximum size of a message from the server, in bytes. Default: 16 MiB. */
  public JobClientBuilder maxInboundMessageSize(int bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "maxInboundMessageSize: must be at least 1 byte, but is " + bytes);
    }
    this.maxInboundBytes = bytes;
    return this;
  }

  /**
   * Changes other settings of the gRPC channel; applied last. Call it again to change more: all
   * changes are made, in order.
   */
  public JobClientBuilder channel(Consumer<ManagedChannelBuilder<?>> settings) {
    Consumer<ManagedChannelBuilder<?>> before = channelSettings;
    Objects.requireNonNull(settings, "settings");
    this.channelSettings =
        channel -> {
          before.accept(channel);
          settings.accept(channel);
        };
    return this;
  }

  /**
   * Creates the client. It connects with its first call.
   *
   * @throws IllegalStateException if a token would be sent in the clear, or if certificates are
   *     combined with {@link #plaintext}
   * @throws IllegalArgumentException if a certificate or key cannot be read or used, or if gRPC
   *     cannot use the target
   */
  public JobClient build() {
    return new ClientCore(this).client();
  }
}
