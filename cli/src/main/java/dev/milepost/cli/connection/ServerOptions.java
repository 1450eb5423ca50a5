package dev.milepost.cli.connection;

import dev.milepost.cli.Environment;
import dev.milepost.cli.UsageException;
import dev.milepost.client.JobClient;
import dev.milepost.client.JobClientBuilder;
import dev.milepost.client.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options of every command that talks to a server. An option goes over an environment variable,
 * which goes over the context.
 */
public final class ServerOptions {
  private static final String DEFAULT_ADDRESS = "localhost:7300";
  private static final int MAX_TOKEN_BYTES = 65_536;

  @Option(
      names = {"-a", "--address"},
      paramLabel = "HOST:PORT",
      description = "The server (MILEPOST_ADDRESS; default: localhost:7300)")
  private @Nullable String address;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "A context of ~/.config/milepost/config.yaml (MILEPOST_CONTEXT)")
  private @Nullable String contextName;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "File with an API token or a JWT (MILEPOST_TOKEN_FILE, or MILEPOST_TOKEN itself)")
  private @Nullable Path tokenFile;

  @Option(
      names = "--user",
      paramLabel = "USER",
      description = "User on a server in development mode (MILEPOST_USER; default: your own)")
  private @Nullable String user;

  @Option(
      names = "--tenant",
      paramLabel = "TENANT",
      description = "Tenant on a server in development mode (MILEPOST_TENANT)")
  private @Nullable String tenant;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description =
          "user, worker, operator or admin on a server in development mode (MILEPOST_ROLE)")
  private @Nullable String role;

  @Option(
      names = "--tls",
      negatable = true,
      description = "Uses TLS, or not (MILEPOST_TLS; default: unless the host is this machine)")
  private @Nullable Boolean tls;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description = "Trusted certificate authorities, PEM (MILEPOST_CA; default: the JDK's)")
  private @Nullable Path ca;

  @Option(
      names = "--call-timeout",
      paramLabel = "DURATION",
      defaultValue = "10s",
      description = "How long to try each call (default: ${DEFAULT-VALUE})")
  private Duration callTimeout = Duration.ofSeconds(10);

  /** Connects to the server. The caller closes the client. */
  public JobClient connect(Environment environment) {
    return connect(environment, callTimeout);
  }

  /**
   * Connects to the server, for calls that may take this long, including the time in which the
   * server is away. The caller closes the client.
   */
  public JobClient connect(Environment environment, Duration callTimeout) {
    Context context = context(environment);
    JobClientBuilder builder =
        JobClient.builder(context.address().orElse(DEFAULT_ADDRESS)).callTimeout(callTimeout);
    context.tls().ifPresent(wanted -> setTls(builder, wanted));
    context.ca().ifPresent(builder::trust);
    if (context.certificate().isPresent() && context.key().isPresent()) {
      builder.clientCertificate(context.certificate().get(), context.key().get());
    }
    context.user().ifPresent(builder::user);
    context.tenant().ifPresent(builder::tenant);
    context.role().ifPresent(names -> builder.roles(roles(names)));
    token(environment, context).ifPresent(builder::token);
    try {
      return builder.build();
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new UsageException(e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  /** Where the server is, as the user named it. */
  public String address(Environment environment) {
    return context(environment).address().orElse(DEFAULT_ADDRESS);
  }

  /** How to reach the server, of options, environment and the chosen context. */
  public Context context(Environment environment) {
    Optional<String> name =
        Optional.ofNullable(contextName).or(() -> variable(environment, "MILEPOST_CONTEXT"));
    return ofOptions()
        .over(ofVariables(environment))
        .over(ContextFile.read(environment).context(name));
  }

  private Context ofOptions() {
    return new Context(
        Optional.ofNullable(address),
        Optional.ofNullable(tls),
        Optional.ofNullable(tokenFile),
        Optional.ofNullable(ca),
        Optional.empty(),
        Optional.empty(),
        Optional.ofNullable(user),
        Optional.ofNullable(tenant),
        Optional.ofNullable(role));
  }

  private static Context ofVariables(Environment environment) {
    Map<String, String> values = new HashMap<>();
    for (String key : Context.KEYS) {
      variable(environment, variableName(key)).ifPresent(value -> values.put(key, value));
    }
    return Context.of(values, Path.of(""), "The environment");
  }

  private static String variableName(String key) {
    return "MILEPOST_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  private static Optional<String> variable(Environment environment, String name) {
    return Optional.ofNullable(environment.variables().get(name)).filter(value -> !value.isBlank());
  }

  private static Role[] roles(String names) {
    try {
      return Arrays.stream(names.split(","))
          .map(name -> Role.valueOf(name.strip().toUpperCase(Locale.ROOT)))
          .toArray(Role[]::new);
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          "The role is " + names + ", but must be user, worker, operator or admin.");
    }
  }

  private static void setTls(JobClientBuilder builder, boolean wanted) {
    if (wanted) {
      builder.tls();
    } else {
      builder.plaintext();
    }
  }

  private Optional<String> token(Environment environment, Context context) {
    // A token in the environment is nearer than a file that a context names.
    Optional<String> inEnvironment = variable(environment, "MILEPOST_TOKEN").map(String::strip);
    if (tokenFile == null && inEnvironment.isPresent()) {
      return inEnvironment;
    }
    return context.tokenFile().map(ServerOptions::readToken);
  }

  private static String readToken(Path file) {
    try {
      if (Files.size(file) > MAX_TOKEN_BYTES) {
        throw new UsageException(file + " is larger than any token.");
      }
      String token = Files.readString(file, StandardCharsets.UTF_8).strip();
      if (token.isEmpty()) {
        throw new UsageException(file + " has no token.");
      }
      return token;
    } catch (IOException e) {
      throw new UsageException("Cannot read the token file " + file + ": " + e.getMessage());
    }
  }
}
