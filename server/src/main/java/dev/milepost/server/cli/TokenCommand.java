package dev.milepost.server.cli;

import dev.milepost.server.access.ApiToken;
import dev.milepost.server.access.CredentialSetupException;
import dev.milepost.server.access.DevelopmentAuthenticator;
import dev.milepost.server.access.Role;
import dev.milepost.server.access.TokenChanges;
import dev.milepost.server.access.TokenFile;
import dev.milepost.server.job.Names;
import dev.milepost.server.log.AuditFile;
import dev.milepost.server.settings.LayeredSettings;
import dev.milepost.server.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Creates, lists and revokes API tokens; a running server follows within seconds. */
@Command(
    name = "token",
    description = "Creates, lists and revokes API tokens.",
    mixinStandardHelpOptions = true,
    subcommands = {
      TokenCommand.Create.class,
      TokenCommand.Listing.class,
      TokenCommand.Revoke.class
    },
    synopsisSubcommandLabel = "COMMAND")
public final class TokenCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      throw new ParameterException(
          spec.commandLine(), "A command is missing: create, list or revoke.");
    }
  }

  /**
   * The server's audit file, if there is one: it says who has changed a token. The server's own
   * line says when the change took effect.
   */
  private record Audit(Optional<AuditFile> file) implements AutoCloseable {
    static Audit open(LayeredSettings settings) throws IOException {
      Optional<Path> path = settings.auditFile();
      return new Audit(
          path.isPresent() ? Optional.of(AuditFile.open(path.get())) : Optional.empty());
    }

    void record(String name, @Nullable ApiToken token) throws IOException {
      if (file.isPresent() && token != null) {
        Map<String, Object> fields = new LinkedHashMap<>(TokenChanges.event(name, token).fields());
        fields.put("system_user", System.getProperty("user.name", ""));
        file.get().write("INFO", name, fields);
      }
    }

    @Override
    public void close() throws IOException {
      if (file.isPresent()) {
        file.get().close();
      }
    }
  }

  /** A command on the token file. */
  abstract static class OnFile implements Callable<Integer> {
    @Option(
        names = "--file",
        paramLabel = "FILE",
        description = "The token file (default: the setting milepost.auth.tokens.file)")
    private @Nullable Path file;

    @Option(names = "--config", paramLabel = "FILE", description = "The server's settings (HOCON)")
    private @Nullable Path config;

    @Override
    public Integer call() {
      try {
        LayeredSettings settings = LayeredSettings.read(List.of(), config);
        try (Audit audit = Audit.open(settings)) {
          run(new TokenFile(file(settings)), audit);
        }
        return 0;
      } catch (SettingsException | CredentialSetupException e) {
        System.err.println(e.getMessage());
      } catch (IOException e) {
        System.err.println("The token file cannot be written (" + e + ").");
      }
      return 1;
    }

    abstract void run(TokenFile tokens, Audit audit) throws IOException;

    private Path file(LayeredSettings settings) {
      if (file != null) {
        return file;
      }
      return settings
          .tokenFile()
          .orElseThrow(
              () ->
                  new SettingsException(
                      "No token file is set: use --file FILE, or set MILEPOST_AUTH_TOKENS_FILE or"
                          + " milepost.auth.tokens.file, for the server too."));
    }
  }

  /** Creates a token. */
  @Command(
      name = "create",
      description = "Creates a token and prints it once.",
      mixinStandardHelpOptions = true,
      sortOptions = false)
  static final class Create extends OnFile {
    private static final Pattern TTL = Pattern.compile("([1-9][0-9]{0,4})([mhd])");

    @Option(names = "--user", required = true, description = "User of the token")
    private String user = "";

    @Option(
        names = "--tenant",
        description = "Tenant of the user (default: ${DEFAULT-VALUE})",
        defaultValue = DevelopmentAuthenticator.DEFAULT_TENANT)
    private String tenant = "";

    @Option(
        names = "--role",
        required = true,
        arity = "1..*",
        split = ",",
        description = "Roles: ${COMPLETION-CANDIDATES}")
    private List<Role> roles = List.of();

    @Option(
        names = "--ttl",
        required = true,
        description = "How long it is valid: minutes, hours or days, such as 90d")
    private String ttl = "";

    @Override
    void run(TokenFile tokens, Audit audit) throws IOException {
      name("--user", user);
      name("--tenant", tenant);
      Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      ApiToken.Issued issued =
          ApiToken.issue(tenant, user, Set.copyOf(roles), now, now.plus(lifetime()));
      tokens.update(
          all -> {
            all.put(issued.token().id(), issued.token());
            return all;
          });
      audit.record("token_created", issued.token());
      System.out.println(issued.bearer());
      System.err.printf(
          "Token %s for %s of %s, until %s. It is not shown again.%n",
          issued.token().id(), user, tenant, issued.token().expireTime());
    }

    private static void name(String option, String value) {
      if (!Names.isName(value)) {
        throw new SettingsException("The option " + option + " must be " + Names.RULE + ".");
      }
    }

    private Duration lifetime() {
      Matcher matcher = TTL.matcher(ttl);
      if (!matcher.matches()) {
        throw new SettingsException(
            "The option --ttl must be minutes, hours or days: 30m, 12h, 90d.");
      }
      long number = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "m" -> Duration.ofMinutes(number);
        case "h" -> Duration.ofHours(number);
        default -> Duration.ofDays(number);
      };
    }
  }

  /** Lists the tokens. */
  @Command(
      name = "list",
      description = "Lists the tokens, without their secrets.",
      mixinStandardHelpOptions = true)
  static final class Listing extends OnFile {
    @Override
    void run(TokenFile tokens, Audit audit) {
      Instant now = Instant.now();
      System.out.printf(
          "%-16s  %-8s  %-20s  %-16s  %-16s  %s%n",
          "ID", "STATE", "EXPIRES", "TENANT", "USER", "ROLES");
      for (ApiToken token : tokens.read().values()) {
        System.out.printf(
            "%-16s  %-8s  %-20s  %-16s  %-16s  %s%n",
            token.id(),
            token.revoked() ? "revoked" : now.isBefore(token.expireTime()) ? "valid" : "expired",
            token.expireTime(),
            token.tenantId(),
            token.userId(),
            token.roles().stream().map(Role::name).sorted().collect(Collectors.joining(",")));
      }
    }
  }

  /** Revokes a token. */
  @Command(
      name = "revoke",
      description = "Revokes a token; its open streams end within half a minute.",
      mixinStandardHelpOptions = true)
  static final class Revoke extends OnFile {
    @Parameters(paramLabel = "ID", description = "The token's id, as token list shows it")
    private String id = "";

    @Override
    void run(TokenFile tokens, Audit audit) throws IOException {
      tokens.update(
          all -> {
            ApiToken token = all.get(id);
            if (token == null) {
              throw new SettingsException("There is no token with this id: see token list.");
            }
            all.put(id, token.revoke());
            return all;
          });
      audit.record("token_revoked", tokens.read().get(id));
      System.err.println("Token " + id + " is revoked.");
    }
  }
}
