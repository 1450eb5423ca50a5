package dev.milepost.server.access;

import java.util.Optional;

/** What comes with a call besides its request. */
public interface CallMetadata {
  /** A header by its name in lower case; the last where it is repeated. */
  Optional<String> header(String name);

  /** Whether the other end of the connection is on this very machine. */
  boolean fromLoopback();
}
