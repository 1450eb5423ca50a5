package dev.milepost.cli.connection;

import dev.milepost.cli.Environment;
import dev.milepost.cli.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The contexts of a user, in {@code ~/.config/milepost/config.yaml} (under {@code XDG_CONFIG_HOME},
 * or the file that {@code MILEPOST_CONFIG} names):
 *
 * <pre>
 * current: production
 * contexts:
 *   production:
 *     address: jobs.example.com:7300
 *     token-file: production.token
 * </pre>
 */
final class ContextFile {
  private static final int MAX_BYTES = 1 << 20;

  private final Path path;
  private final Map<String, Context> contexts = new LinkedHashMap<>();
  private Optional<String> current = Optional.empty();

  private ContextFile(Path path) {
    this.path = path;
  }

  /** Reads the user's file. A missing one has no contexts. */
  static ContextFile read(Environment environment) {
    ContextFile file = new ContextFile(path(environment));
    if (Files.exists(file.path)) {
      file.parse(file.content());
    }
    return file;
  }

  private static Path path(Environment environment) {
    @Nullable String named = environment.variables().get("MILEPOST_CONFIG");
    if (named != null && !named.isEmpty()) {
      return Path.of(named);
    }
    @Nullable String configHome = environment.variables().get("XDG_CONFIG_HOME");
    Path base =
        configHome == null || configHome.isEmpty()
            ? environment.home().resolve(".config")
            : Path.of(configHome);
    return base.resolve("milepost").resolve("config.yaml");
  }

  /** The context of this name; without a name, the current one, or one that says nothing. */
  Context context(Optional<String> name) {
    Optional<String> wanted = name.or(() -> current);
    if (wanted.isEmpty()) {
      return Context.NONE;
    }
    @Nullable Context found = contexts.get(wanted.get());
    if (found == null) {
      throw new UsageException(
          path
              + " has no context "
              + wanted.get()
              + (contexts.isEmpty()
                  ? "."
                  : ". It has: " + String.join(", ", contexts.keySet()) + "."));
    }
    return found;
  }

  private String content() {
    try {
      if (Files.size(path) > MAX_BYTES) {
        throw new UsageException(path + " is larger than " + MAX_BYTES + " bytes.");
      }
      return Files.readString(path, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UsageException("Cannot read " + path + ": " + e.getMessage());
    }
  }

  private void parse(String content) {
    Object tree;
    try {
      tree =
          new Load(LoadSettings.builder().setLabel(path.toString()).build())
              .loadFromString(content);
    } catch (YamlEngineException e) {
      throw new UsageException(path + " is not valid YAML: " + e.getMessage());
    }
    if (tree == null) {
      return;
    }
    for (Map.Entry<?, ?> entry : map(tree, path.toString()).entrySet()) {
      switch (String.valueOf(entry.getKey())) {
        case "current" -> current = Optional.of(String.valueOf(entry.getValue()));
        case "contexts" -> {
          for (Map.Entry<?, ?> context : map(entry.getValue(), path + ": contexts").entrySet()) {
            String name = String.valueOf(context.getKey());
            contexts.put(name, parse(context.getValue(), path + ": " + name));
          }
        }
        default ->
            throw new UsageException(
                path + " has the unknown key " + entry.getKey() + ". Known: contexts, current.");
      }
    }
  }

  private Context parse(@Nullable Object tree, String source) {
    Map<String, String> values = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : map(tree, source).entrySet()) {
      values.put(String.valueOf(entry.getKey()), String.valueOf(entry.getValue()));
    }
    Path directory = Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(Path.of(""));
    return Context.of(values, directory, source);
  }

  private static Map<?, ?> map(@Nullable Object tree, String source) {
    if (tree instanceof Map<?, ?> map) {
      return map;
    }
    throw new UsageException(source + " must be a map of names to values.");
  }
}
