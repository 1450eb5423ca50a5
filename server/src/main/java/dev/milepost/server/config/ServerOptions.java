package dev.milepost.server.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says of a server. Null: it does not say.
 *
 * @param store URL of the store
 * @param listen where to serve
 * @param metricsAddress where the metrics page is
 * @param config file with settings
 * @param exitWith id of the process whose end is the server's
 */
record ServerOptions(
    @Nullable String store,
    @Nullable String listen,
    @Nullable String metricsAddress,
    @Nullable Path config,
    @Nullable Long exitWith) {
  static final String STORE = "--store";
  static final String LISTEN = "--listen";
  static final String METRICS_ADDRESS = "--metrics-address";
  static final String CONFIG = "--config";
  static final String EXIT_WITH = "--exit-with";

  private static final Set<String> NAMES =
      Set.of(STORE, LISTEN, METRICS_ADDRESS, CONFIG, EXIT_WITH);

  /**
   * Reads a command line that holds nothing but options with their values, each once. Every other
   * one is picocli's to read, to explain or to refuse ({@link ServerCommand}): it takes a tenth of
   * a second to load, as its classes are too old for an archive of Java 17.
   */
  static Optional<ServerOptions> plain(String... arguments) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      if (equals < 0 && ++i == arguments.length) {
        return Optional.empty();
      }
      String value = equals < 0 ? arguments[i] : argument.substring(equals + 1);
      if (!NAMES.contains(name) || !isPlain(value) || values.put(name, value) != null) {
        return Optional.empty();
      }
    }
    try {
      String config = values.get(CONFIG);
      String exitWith = values.get(EXIT_WITH);
      return Optional.of(
          new ServerOptions(
              values.get(STORE),
              values.get(LISTEN),
              values.get(METRICS_ADDRESS),
              config == null ? null : Path.of(config),
              exitWith == null ? null : Long.valueOf(exitWith)));
    } catch (InvalidPathException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Neither an option nor the name of a file with arguments, nor quoted. */
  private static boolean isPlain(String value) {
    return !value.isEmpty() && "-@\"'".indexOf(value.charAt(0)) < 0;
  }

  /**
   * The options over the settings of the file, over the defaults.
   *
   * @throws SettingsException where the file cannot be used
   */
  Config settings() {
    Map<String, Object> options = new HashMap<>();
    if (store != null) {
      options.put("milepost.store", store);
    }
    if (listen != null) {
      options.put("milepost.listen", listen);
    }
    if (metricsAddress != null) {
      options.put("milepost.metrics.address", metricsAddress);
    }
    return ConfigFactory.parseMap(options).withFallback(SettingsFile.load(config));
  }
}
