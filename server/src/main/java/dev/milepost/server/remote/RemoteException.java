package dev.milepost.server.remote;

import java.io.Serial;

/** Thrown if a server cannot be asked, or refuses a call of a command. */
public final class RemoteException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates an exception.
   *
   * @param message what is wrong, and what to do
   */
  public RemoteException(String message) {
    super(message);
  }
}
