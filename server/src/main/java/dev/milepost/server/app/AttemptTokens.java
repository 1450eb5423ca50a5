package dev.milepost.server.app;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.util.Base64;

/** Generates attempt tokens: random, so that possession proves the attempt. Thread-safe. */
@Singleton
public final class AttemptTokens {
  private static final int BYTES = 18;

  private final SecureRandom random = new SecureRandom();

  @Inject
  AttemptTokens() {}

  String next() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
