package dev.milepost.server.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a server: plain, validated values. {@code reference.conf} lists every setting
 * with its default and its meaning. Immutable.
 *
 * @param store URL of the store
 * @param importFrom URL of the store or server whose jobs a memory store starts with; empty: it
 *     starts empty
 * @param listen address of the gRPC port
 * @param tokenKeyFile file with the key that seals page tokens; empty: next to the store's file
 * @param taskFile file with the task definitions; empty: there are none
 * @param jobs defaults and limits of jobs
 * @param bookmarkInterval how long a watch is silent before it sends a bookmark
 * @param pollInterval how often due jobs are looked up even if no timer has fired
 * @param loopbackWebhooks whether webhooks may reach this machine
 * @param connections limits of one connection
 * @param minFreeDisk bytes that must be free on the disk of a SQLite store for new jobs; 0: any
 * @param inFlight limits of all connections, and of what calls hold
 * @param byteRates limits of the bytes per second of one user and one tenant
 * @param callers other limits of one user and one tenant
 * @param auth the accepted credentials
 * @param tls how the gRPC port is secured
 * @param metrics where the metrics page is served
 */
public record Settings(
    String store,
    Optional<String> importFrom,
    ListenAddress listen,
    Optional<Path> tokenKeyFile,
    Optional<Path> taskFile,
    JobSettings jobs,
    Duration bookmarkInterval,
    Duration pollInterval,
    boolean loopbackWebhooks,
    ConnectionSettings connections,
    long minFreeDisk,
    InFlightSettings inFlight,
    ByteRateSettings byteRates,
    CallerSettings callers,
    AuthSettings auth,
    TlsSettings tls,
    MetricsSettings metrics) {
  private static final String MEMORY = "memory:";

  /** Less is no room for what jobs in progress still write. */
  private static final long MIN_FREE_DISK = 1 << 20;

  /** The system property that limits Netty's buffers. */
  private static final String DIRECT_MEMORY = "io.netty.maxDirectMemory";

  /**
   * Returns the defaults: those of {@code reference.conf}, overridden by an {@code
   * application.conf} on the class path, the environment variables that {@code reference.conf}
   * names, and system properties.
   *
   * @throws SettingsException if a value is invalid
   */
  public static Settings defaults() {
    return with(Map.of());
  }

  /**
   * Returns the {@link #defaults()} with some values replaced.
   *
   * @param values by path, such as {@code "milepost.store"} to {@code "memory:"}; durations and
   *     sizes as text with a unit, such as {@code "30s"} and {@code "64M"}
   * @throws SettingsException if a value is invalid
   */
  public static Settings with(Map<String, ?> values) {
    return of(ConfigFactory.parseMap(values).withFallback(ConfigFactory.load()));
  }

  /**
   * Reads the settings below {@code milepost}.
   *
   * @param all every setting of {@code reference.conf}, as after {@link ConfigFactory#load()}
   * @throws SettingsException if a value is missing or invalid
   */
  public static Settings of(Config all) {
    try {
      Config config = all.resolve().getConfig("milepost");
      Config limits = config.getConfig("limits");
      AuthSettings auth = AuthSettings.of(config.getConfig("auth"));
      return new Settings(
          config.getString("store"),
          importFrom(config.getString("import-from"), config.getString("store")),
          ListenAddress.parse(config.getString("listen")),
          Values.file(config, "token-key-file"),
          Values.file(config, "tasks.file"),
          JobSettings.of(config.getConfig("jobs"), limits),
          Values.positive(config, "watch.bookmark-interval"),
          Values.positive(config, "upkeep.poll-interval"),
          loopbackWebhooks(config.getString("webhooks.loopback"), auth),
          ConnectionSettings.of(limits),
          Values.bytesOrNone(limits, "min-free-disk", MIN_FREE_DISK),
          InFlightSettings.of(limits, roomForBytesInFlight()),
          ByteRateSettings.of(limits),
          CallerSettings.of(limits),
          auth,
          TlsSettings.of(config.getConfig("tls")),
          MetricsSettings.of(config.getString("metrics.address")));
    } catch (ConfigException e) {
      throw SettingsException.unreadable("The settings are invalid", e);
    }
  }

  /** Leaves out the URLs of stores, which may hold passwords. */
  @Override
  public String toString() {
    return "Settings[listen=" + listen + ", jobs=" + jobs + ", callers=" + callers + "]";
  }

  /**
   * Requests are on the heap, responses in Netty's buffers beyond it, which are half as useful:
   * they are larger than what they hold.
   */
  private static long roomForBytesInFlight() {
    long heap = Runtime.getRuntime().maxMemory();
    return Math.min(heap, 3 * Long.getLong(DIRECT_MEMORY, heap));
  }

  private static Optional<String> importFrom(String url, String store) {
    if (!url.isEmpty() && !store.equals(MEMORY)) {
      throw new SettingsException(
          "Only a server with --store memory: can import jobs when it starts (--import-from). Copy"
              + " into another store with `copy`.");
    }
    return Optional.of(url).filter(named -> !named.isEmpty());
  }

  private static boolean loopbackWebhooks(String setting, AuthSettings auth) {
    return switch (setting) {
      case "on" -> true;
      case "off" -> false;
      case "auto" -> auth.development();
      default ->
          throw new SettingsException("The setting webhooks.loopback must be auto, on or off.");
    };
  }
}
