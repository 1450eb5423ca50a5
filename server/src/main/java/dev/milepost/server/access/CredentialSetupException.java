package dev.milepost.server.access;

import java.io.Serial;

/** Credentials cannot be used as they are set. The message is one sentence for people. */
public final class CredentialSetupException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** Creates an exception whose message says what is wrong and what to do. */
  public CredentialSetupException(String message) {
    super(message);
  }
}
