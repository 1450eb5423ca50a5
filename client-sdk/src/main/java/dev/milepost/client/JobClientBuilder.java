package dev.milepost.client;

import io.grpc.CallCredentials;
import io.grpc.ManagedChannelBuilder;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link JobClient}. Not thread-safe. */
public final class JobClientBuilder {
  final String target;
  @Nullable Boolean tls;
  @Nullable String user;
  @Nullable String tenant;
  @Nullable CallCredentials credentials;
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

  /** Credentials that go with every call, such as a bearer token. */
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

  /** Makes the client; it connects with its first call. */
  public JobClient build() {
    return new ClientCore(this).client();
  }
}
