package dev.milepost.server.http;

import java.net.SocketAddress;

/** Decides how many connections there may be. Thread-safe. */
public interface ConnectionGate {
  /** Returns whether there may be one more from an address, and counts it. */
  boolean admit(SocketAddress peer);

  /** Counts the end of a connection that was admitted. */
  void released(SocketAddress peer);
}
