package dev.milepost.server.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a server: plain, validated values. {@code reference.conf} lists every setting
 * with its default and its meaning. Immutable.
 *
 * @param store URL of the store
 * @param acceptDataLoss whether to start on a store of which something is missing or damaged
 * @param importFrom URL of the store or server whose jobs a memory store starts with; empty: it
 *     starts empty
 * @param listen address of the gRPC port
 * @param tokenKeyFile file with the key that seals page tokens and share tokens; empty: next to the
 *     store's file
 * @param backupDirectory where the server makes backups of its store; empty: next to the store's
 *     file
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
 * @param tls how the ports are secured
 * @param http where and for whom HTTP is served
 * @param log how the server logs
 * @param origins where these values come from
 */
public record Settings(
    String store,
    boolean acceptDataLoss,
    Optional<String> importFrom,
    ListenAddress listen,
    Optional<Path> tokenKeyFile,
    Optional<Path> backupDirectory,
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
    HttpSettings http,
    LogSettings log,
    Origins origins) {
  private static final String MEMORY = "memory:";

  /** Less is no room for what jobs in progress still write. */
  private static final long MIN_FREE_DISK = 1 << 20;

  /** The system property that limits Netty's buffers. */
  private static final String DIRECT_MEMORY = "io.netty.maxDirectMemory";

  /**
   * Returns the defaults: those of {@code reference.conf}, overridden by an {@code
   * application.conf} on the class path, environment variables, and system properties.
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
   * @throws SettingsException if a value is invalid, or a setting does not exist
   */
  public static Settings with(Map<String, ?> values) {
    return LayeredSettings.embedded(values).settings();
  }

  /**
   * Returns the defaults of {@code reference.conf} with some values replaced. Unlike {@link #with},
   * ignores files, environment variables and system properties, so that a test neither depends on
   * its machine nor touches what that is set up for.
   *
   * @param values as {@link #with}
   * @throws SettingsException if a value is invalid, or a setting does not exist
   */
  public static Settings isolated(Map<String, ?> values) {
    return LayeredSettings.isolated(values).settings();
  }

  /**
   * Reads the settings below {@code milepost}.
   *
   * @param all every setting of {@code reference.conf}
   * @throws SettingsException if a value is missing or invalid
   */
  static Settings of(Config all) {
    try {
      Section config = new Section(all, Setting.ROOT);
      Section limits = config.section("limits");
      AuthSettings auth = AuthSettings.of(config.section("auth"));
      return new Settings(
          config.string("store"),
          config.flag("accept-data-loss"),
          importFrom(config),
          config.address("listen"),
          config.file("token-key-file"),
          config.file("backup.directory"),
          config.file("tasks.file"),
          JobSettings.of(config.section("jobs"), limits),
          config.positive("watch.bookmark-interval"),
          config.positive("upkeep.poll-interval"),
          loopbackWebhooks(config, auth),
          ConnectionSettings.of(limits),
          limits.bytesOrNone("min-free-disk", MIN_FREE_DISK),
          InFlightSettings.of(limits, roomForBytesInFlight()),
          ByteRateSettings.of(limits),
          CallerSettings.of(limits),
          auth,
          TlsSettings.of(config.section("tls")),
          HttpSettings.of(config.section("http")),
          LogSettings.of(config),
          Origins.of(all));
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

  private static Optional<String> importFrom(Section config) {
    String url = config.string("import-from");
    if (!url.isEmpty() && !config.string("store").equals(MEMORY)) {
      throw config.refused(
          "import-from",
          "Only a server with --store memory: can import jobs when it starts (--import-from). Copy"
              + " into another store with `copy`.");
    }
    return Optional.of(url).filter(named -> !named.isEmpty());
  }

  private static boolean loopbackWebhooks(Section config, AuthSettings auth) {
    return switch (config.string("webhooks.loopback")) {
      case "on" -> true;
      case "off" -> false;
      case "auto" -> auth.development();
      default -> throw config.invalid("webhooks.loopback", "be auto, on or off");
    };
  }
}
