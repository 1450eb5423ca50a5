package dev.milepost.server.config;

import dev.milepost.server.access.ApiTokens;
import dev.milepost.server.access.Authenticator;
import dev.milepost.server.access.AuthenticatorChain;
import dev.milepost.server.access.CredentialKind;
import dev.milepost.server.access.CredentialSetupException;
import dev.milepost.server.access.DevelopmentAuthenticator;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The credentials of a server: those that callers show it, and its own. What is kept in files is
 * read again when it changes, on a thread of its own.
 */
final class Credentials implements AutoCloseable {
  private final ScheduledThreadPoolExecutor thread;
  private final AuthSettings settings;
  private final List<CredentialKind> kinds = new ArrayList<>();
  private final Authenticator authenticator;

  private Credentials(Settings all, InstantSource clock) {
    this.settings = all.auth();
    this.thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, "milepost-credentials");
              made.setDaemon(true);
              return made;
            });
    settings
        .tokens()
        .ifPresent(
            file -> {
              ApiTokens tokens = new ApiTokens(file, clock);
              kinds.add(tokens);
              again(tokens::reload);
            });
    if (settings.development()) {
      kinds.add(new DevelopmentAuthenticator());
    }
    this.authenticator = new AuthenticatorChain(kinds, clock);
  }

  /**
   * Reads all that is set.
   *
   * @throws SettingsException where it cannot be used
   */
  static Credentials open(Settings settings, InstantSource clock) {
    try {
      return new Credentials(settings, clock);
    } catch (CredentialSetupException e) {
      throw new SettingsException(e.getMessage());
    }
  }

  private void again(Runnable reload) {
    long nanos = settings.reload().toNanos();
    var unused = thread.scheduleWithFixedDelay(reload, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  Authenticator authenticator() {
    return authenticator;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
