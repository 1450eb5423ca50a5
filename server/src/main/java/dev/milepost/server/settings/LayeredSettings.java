package dev.milepost.server.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a server as they are given: options over system properties ({@code
 * -Dmilepost...}) over environment variables over a file over the defaults. What none of them knows
 * is refused. Immutable.
 */
public final class LayeredSettings {
  /** System properties of tests. */
  private static final Pattern TOOLS =
      Pattern.compile("milepost\\.(kills|failOnWarning|(test|docs)\\..*)");

  private static final Set<String> URLS =
      Set.of("milepost.store", "milepost.import-from", "milepost.auth.jwt.jwks-url");

  private final Config all;
  private final List<String> warnings;

  private LayeredSettings(Config all, List<String> warnings) {
    this.all = all;
    this.warnings = warnings;
  }

  /**
   * A value that is given as an option of the command line.
   *
   * @param option the option, such as {@code --listen}
   * @param path the setting, such as {@code milepost.listen}
   * @param value its value
   */
  public record Option(String option, String path, String value) {
    /**
     * Returns an option for the setting that it sets.
     *
     * @throws IllegalArgumentException if the option sets none
     */
    public static Option of(String option, String value) {
      return Setting.all().values().stream()
          .filter(setting -> setting.option().filter(option::equals).isPresent())
          .map(setting -> new Option(option, setting.path(), value))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException(option));
    }
  }

  /**
   * Reads all layers.
   *
   * @param options those of the command line
   * @param file null: an {@code application.conf} on the class path, if there is one
   * @throws SettingsException if one cannot be read, or has a setting that does not exist
   */
  public static LayeredSettings read(List<Option> options, @Nullable Path file) {
    return read(options, file, System.getenv(), System.getProperties());
  }

  static LayeredSettings read(
      List<Option> options,
      @Nullable Path file,
      Map<String, String> environment,
      Properties properties) {
    Map<String, ConfigValue> given = new HashMap<>();
    options.forEach(option -> given.put(option.path(), value(option.value(), option.option())));
    try {
      Config inFile = file == null ? ConfigFactory.defaultApplication() : parse(file);
      Config all =
          merged(
              ConfigFactory.parseMap(given),
              properties(properties),
              EnvironmentSettings.read(environment),
              inFile);
      List<String> unknown = UnknownSettings.in(all, file == null ? Set.of() : names(inFile));
      if (!unknown.isEmpty()) {
        throw new SettingsException(String.join("\n", unknown));
      }
      for (String level : List.of("MILEPOST_LOG_LEVEL", "MILEPOST_AUDIT_LEVEL")) {
        EnvironmentSettings.requireLevel("-D" + level, properties.getProperty(level, ""));
      }
      return new LayeredSettings(all, EnvironmentSettings.check(environment));
    } catch (ConfigException e) {
      throw SettingsException.unreadable("The settings are invalid", e);
    }
  }

  /**
   * Reads values that a program gives, over system properties, environment variables, an {@code
   * application.conf} and the defaults. Ignores unknown properties and variables, which may be the
   * program's own.
   */
  static LayeredSettings embedded(Map<String, ?> values) {
    return given(
        values,
        () ->
            properties(System.getProperties())
                .withFallback(EnvironmentSettings.read(System.getenv()))
                .withFallback(ConfigFactory.defaultApplication()));
  }

  /** Reads values that a program gives over the defaults, and nothing else: for tests. */
  static LayeredSettings isolated(Map<String, ?> values) {
    return given(values, ConfigFactory::empty);
  }

  private static LayeredSettings given(Map<String, ?> values, Supplier<Config> below) {
    try {
      Config all = merged(ConfigFactory.parseMap(values, "the program"), below.get());
      for (String path : values.keySet()) {
        UnknownSettings.requireKnown(path);
      }
      return new LayeredSettings(all, List.of());
    } catch (ConfigException e) {
      throw SettingsException.unreadable("The settings are invalid", e);
    }
  }

  /** Merges layers, the first one has precedence, over the defaults. */
  private static Config merged(Config... layers) {
    Config all = ConfigFactory.empty();
    for (Config layer : layers) {
      all = all.withFallback(layer);
    }
    // Files may refer to system properties: ${user.home}.
    return all.withFallback(Setting.defaults())
        .withFallback(ConfigFactory.systemProperties().withoutPath(Setting.ROOT))
        .resolve();
  }

  private static Config parse(Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new SettingsException("The settings file " + file + " cannot be read.");
    }
    try {
      return ConfigFactory.parseFile(file.toFile());
    } catch (ConfigException e) {
      throw SettingsException.unreadable("The settings file " + file + " is invalid", e);
    }
  }

  private static Set<String> names(Config file) {
    return Set.copyOf(file.root().keySet());
  }

  private static Config properties(Properties properties) {
    Map<String, ConfigValue> values = new HashMap<>();
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(Setting.ROOT + ".") && !TOOLS.matcher(name).matches()) {
        values.put(name, value(properties.getProperty(name), "-D" + name));
      }
    }
    return ConfigFactory.parseMap(values);
  }

  private static ConfigValue value(String text, String origin) {
    return ConfigValueFactory.fromAnyRef(text).withOrigin(ConfigOriginFactory.newSimple(origin));
  }

  /**
   * Returns the values, validated.
   *
   * @throws SettingsException if one is missing or invalid
   */
  public Settings settings() {
    return Settings.of(all);
  }

  /** Returns a sentence for each thing that is probably a mistake, but does no harm. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /**
   * Returns the token file that is named; empty if there is none. Validates no other setting, so
   * that tokens can be created before the rest is complete.
   */
  public Optional<Path> tokenFile() {
    return new Section(all, "milepost.auth.tokens").file("file");
  }

  /** Returns the file of the audit log; empty if there is none. Validates no other setting. */
  public Optional<Path> auditFile() {
    return new Section(all, "milepost.audit").file("file");
  }

  /**
   * Returns every setting with its value, and where it comes from as a comment: one line each.
   * Passwords in URLs are left out.
   */
  public String print() {
    StringBuilder text = new StringBuilder();
    for (Setting setting : Setting.all().values()) {
      ConfigValue value = all.getValue(setting.path());
      text.append(setting.path())
          .append(" = ")
          .append(shown(setting.path(), value))
          .append("  # ")
          .append(Origins.describe(value.origin()).orElse("default"))
          .append('\n');
    }
    return text.toString();
  }

  private static String shown(String path, ConfigValue value) {
    ConfigValue safe =
        URLS.contains(path)
            ? ConfigValueFactory.fromAnyRef(
                SecretUrls.withoutSecrets(String.valueOf(value.unwrapped())))
            : value;
    return safe.render(ConfigRenderOptions.concise());
  }
}
