package dev.milepost.server.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.milepost.server.app.CallerLimits;
import dev.milepost.server.grpc.ServerLimits;
import dev.milepost.server.job.JobDefaults;
import dev.milepost.server.job.JobRetention;
import dev.milepost.server.job.JobValidation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How a server is set. {@code reference.conf} names every setting and says what it means.
 *
 * @param store URL of the store
 * @param fillFrom URL of the store that a memory store begins as a copy of; empty: it begins empty
 * @param listen address to serve on
 * @param tokenKeyFile file with the key of page tokens; empty: beside the store
 * @param taskFile file of task definitions; empty: none
 * @param jobs what holds for jobs that do not say otherwise
 * @param bookmarkAfter silence of a watch before it says where it is
 * @param lookAtClock jobs that are due are looked for after so long at the latest
 * @param loopbackWebhooks whether webhooks may lead to this machine
 * @param limits what one connection may take
 * @param callers what one user and one tenant may take
 * @param auth which credentials count
 * @param tls how the port is secured
 * @param metrics where the metrics page is
 */
public record Settings(
    String store,
    Optional<String> fillFrom,
    ListenAddress listen,
    Optional<Path> tokenKeyFile,
    Optional<Path> taskFile,
    JobDefaults jobs,
    Duration bookmarkAfter,
    Duration lookAtClock,
    boolean loopbackWebhooks,
    ServerLimits limits,
    CallerLimits callers,
    AuthSettings auth,
    TlsSettings tls,
    MetricsSettings metrics) {
  private static final String MEMORY = "memory:";
  private static final Duration LEAST_RETENTION = Duration.ofMinutes(1);
  private static final Duration MOST_RETENTION = Duration.ofDays(36_500);

  /**
   * The defaults, with some settings of one's own.
   *
   * @param own by path: {@code milepost.store}
   * @throws SettingsException where one cannot be used
   */
  public static Settings with(Map<String, Object> own) {
    return of(ConfigFactory.parseMap(own).withFallback(ConfigFactory.load()));
  }

  /** Reads the settings. */
  public static Settings of(Config all) {
    try {
      Config config = all.resolve().getConfig("milepost");
      AuthSettings auth = AuthSettings.of(config.getConfig("auth"));
      return new Settings(
          config.getString("store"),
          fillFrom(config.getString("fill-from"), config.getString("store")),
          ListenAddress.parse(config.getString("listen")),
          file(config, "token-key-file"),
          file(config, "tasks.file"),
          jobs(config.getConfig("jobs"), config.getMemorySize("limits.job-log-bytes").toBytes()),
          positive(config, "watch.bookmark-after"),
          positive(config, "upkeep.look-at-clock"),
          loopbackWebhooks(config.getString("webhooks.loopback"), auth),
          limits(config.getConfig("limits")),
          callers(config.getConfig("limits")),
          auth,
          TlsSettings.of(config.getConfig("tls")),
          MetricsSettings.of(config.getString("metrics.address")));
    } catch (ConfigException e) {
      throw SettingsException.unreadable("The settings cannot be used", e);
    }
  }

  private static Optional<String> fillFrom(String url, String store) {
    if (!url.isEmpty() && !store.equals(MEMORY)) {
      throw new SettingsException(
          "Only a store in memory is filled when its server starts (--fill-from): fill another by"
              + " `copy`.");
    }
    return Optional.of(url).filter(named -> !named.isEmpty());
  }

  private static JobDefaults jobs(Config config, long logBytes) {
    return new JobDefaults(
        positive(config, "lease"),
        positive(config, "cancel-grace"),
        positive(config, "stall-after"),
        range(config, "max-retries", 0, 100),
        range(config, "priority", 0, 100),
        range(config, "journal-cap", 1, 100_000),
        logBytes,
        new JobRetention(
            retention(config, "retention.succeeded"),
            retention(config, "retention.failed"),
            retention(config, "retention.cancelled")));
  }

  /**
   * A number without a unit is one of milliseconds: a "30" that was meant as days must not cost
   * anybody his jobs.
   */
  private static Duration retention(Config config, String path) {
    Duration kept = config.getDuration(path);
    boolean isSane =
        kept.isZero()
            || (kept.compareTo(LEAST_RETENTION) >= 0 && kept.compareTo(MOST_RETENTION) <= 0);
    if (!isSane) {
      throw new SettingsException(
          "The setting jobs."
              + path
              + " must be 1 minute to 36500 days, such as \"30d\", or 0 to keep jobs for ever.");
    }
    return kept;
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

  private static ServerLimits limits(Config config) {
    return new ServerLimits(
        range(config, "calls-per-connection", 1, 1_000_000),
        bytes(config, "message-size"),
        bytes(config, "metadata-size"),
        positive(config, "connection-idle"),
        positive(config, "connection-age"),
        positive(config, "connection-age-grace"),
        positive(config, "keep-alive"),
        positive(config, "keep-alive-timeout"),
        positive(config, "client-keep-alive"),
        positive(config, "handshake"),
        range(config, "resets-per-window", 1, 1_000_000),
        positive(config, "reset-window"),
        positive(config, "drain"));
  }

  private static CallerLimits callers(Config config) {
    return new CallerLimits(
        range(config, "user-requests-per-second", 0, 1_000_000),
        range(config, "tenant-requests-per-second", 0, 1_000_000),
        positive(config, "request-burst"),
        range(config, "user-streams", 0, 1_000_000),
        range(config, "tenant-jobs", 0, Integer.MAX_VALUE),
        range(config, "batch-items-per-job", 1, JobValidation.MAX_ITEMS),
        range(config, "store-changes", 0, 1_000_000));
  }

  /** A file; empty where none is set. */
  public static Optional<Path> file(Config config, String path) {
    String file = config.getString(path);
    return file.isEmpty() ? Optional.empty() : Optional.of(Path.of(file));
  }

  static Duration positive(Config config, String path) {
    Duration duration = config.getDuration(path);
    if (duration.isNegative() || duration.isZero()) {
      throw new SettingsException("The setting " + path + " must be longer than 0.");
    }
    return duration;
  }

  private static int range(Config config, String path, int least, int most) {
    int number = config.getInt(path);
    if (number < least || number > most) {
      throw new SettingsException(
          "The setting " + path + " must be " + least + " to " + most + ".");
    }
    return number;
  }

  private static int bytes(Config config, String path) {
    long bytes = config.getMemorySize(path).toBytes();
    if (bytes < 1024 || bytes > 64 * 1024 * 1024) {
      throw new SettingsException("The setting " + path + " must be 1K to 64M.");
    }
    return (int) bytes;
  }
}
