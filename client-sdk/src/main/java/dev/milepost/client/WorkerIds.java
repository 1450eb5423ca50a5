package dev.milepost.client;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Default worker ids. */
final class WorkerIds {
  private WorkerIds() {}

  /** "host:pid". */
  static String ofThisProcess() {
    return host() + ":" + ProcessHandle.current().pid();
  }

  private static String host() {
    String name = System.getenv("HOSTNAME");
    if (name != null && !name.isEmpty()) {
      return name;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
