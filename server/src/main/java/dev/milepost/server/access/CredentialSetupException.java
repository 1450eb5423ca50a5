package dev.milepost.server.access;

import java.io.Serial;

/** Thrown if the configured credentials cannot be used. */
public final class CredentialSetupException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** Creates an exception whose message says what is wrong and what to do. */
  public CredentialSetupException(String message) {
    super(message);
  }
}
