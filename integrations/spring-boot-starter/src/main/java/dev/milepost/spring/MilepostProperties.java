package dev.milepost.spring;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The settings {@code milepost.*} of an application. Bound by Spring; not thread-safe. */
@ConfigurationProperties("milepost")
public class MilepostProperties {
  private String target = "localhost:7300";
  private @Nullable String token;
  private @Nullable String user;
  private @Nullable String tenant;
  private @Nullable Boolean tls;
  private @Nullable Path trust;
  private @Nullable Path certificate;
  private @Nullable Path key;
  private Duration callTimeout = Duration.ofSeconds(30);
  private boolean embedded;
  private final Map<String, String> server = new LinkedHashMap<>();
  private final WorkerProperties worker = new WorkerProperties();

  /** Returns the server: "host:port", or a list of several. Not used if one is embedded. */
  public String getTarget() {
    return target;
  }

  /** Sets the server. */
  public void setTarget(String target) {
    this.target = target;
  }

  /** Returns the API token or JWT that is sent with every call; null: none. */
  public @Nullable String getToken() {
    return token;
  }

  /** Sets the token. */
  public void setToken(@Nullable String token) {
    this.token = token;
  }

  /** Returns the user name for a server in development mode; null: that of the process. */
  public @Nullable String getUser() {
    return user;
  }

  /** Sets the user name. */
  public void setUser(@Nullable String user) {
    this.user = user;
  }

  /** Returns the tenant for a server in development mode; null: the server's default. */
  public @Nullable String getTenant() {
    return tenant;
  }

  /** Sets the tenant. */
  public void setTenant(@Nullable String tenant) {
    this.tenant = tenant;
  }

  /** Returns whether to use TLS; null: unless the server is on this machine. */
  public @Nullable Boolean getTls() {
    return tls;
  }

  /** Sets whether to use TLS. */
  public void setTls(@Nullable Boolean tls) {
    this.tls = tls;
  }

  /** Returns the PEM file with the certificates to trust; null: those of the JDK. */
  public @Nullable Path getTrust() {
    return trust;
  }

  /** Sets the certificates to trust. */
  public void setTrust(@Nullable Path trust) {
    this.trust = trust;
  }

  /** Returns the PEM file with the client's certificate; null: none. Needs a key. */
  public @Nullable Path getCertificate() {
    return certificate;
  }

  /** Sets the client's certificate. */
  public void setCertificate(@Nullable Path certificate) {
    this.certificate = certificate;
  }

  /** Returns the PEM file with the key of the client's certificate; null: none. */
  public @Nullable Path getKey() {
    return key;
  }

  /** Sets the key of the client's certificate. */
  public void setKey(@Nullable Path key) {
    this.key = key;
  }

  /** Returns how long a call may take, including its retries. */
  public Duration getCallTimeout() {
    return callTimeout;
  }

  /** Sets how long a call may take. */
  public void setCallTimeout(Duration callTimeout) {
    this.callTimeout = callTimeout;
  }

  /** Returns whether a server is started inside the application. */
  public boolean isEmbedded() {
    return embedded;
  }

  /** Sets whether a server is started inside the application. */
  public void setEmbedded(boolean embedded) {
    this.embedded = embedded;
  }

  /**
   * Returns the settings of the embedded server, by their names without "milepost.": {@code store}
   * is its {@code milepost.store}. The store is in memory unless it is named.
   */
  public Map<String, String> getServer() {
    return server;
  }

  /** Returns the settings of the worker. */
  public WorkerProperties getWorker() {
    return worker;
  }

  /** The settings {@code milepost.worker.*}. */
  public static class WorkerProperties {
    private boolean enabled = true;
    private int concurrency = 1;
    private @Nullable String id;
    private Duration drainTimeout = Duration.ofSeconds(25);

    /** Returns whether the application's handlers run. */
    public boolean isEnabled() {
      return enabled;
    }

    /** Sets whether the application's handlers run. */
    public void setEnabled(boolean enabled) {
      this.enabled = enabled;
    }

    /** Returns how many jobs run at the same time. */
    public int getConcurrency() {
      return concurrency;
    }

    /** Sets how many jobs run at the same time. */
    public void setConcurrency(int concurrency) {
      this.concurrency = concurrency;
    }

    /** Returns the worker's id, which is shown to people; null: "host:pid". */
    public @Nullable String getId() {
      return id;
    }

    /** Sets the worker's id. */
    public void setId(@Nullable String id) {
      this.id = id;
    }

    /** Returns how long running jobs may take to end when the application stops. */
    public Duration getDrainTimeout() {
      return drainTimeout;
    }

    /** Sets how long running jobs may take to end when the application stops. */
    public void setDrainTimeout(Duration drainTimeout) {
      this.drainTimeout = drainTimeout;
    }
  }
}
