package dev.milepost.client;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Default worker ids. */
final class WorkerIds {
  private static final int MAX_ID = 128;

  private WorkerIds() {}

  /** "host:pid". */
  static String ofThisProcess() {
    return of(host(), ProcessHandle.current().pid());
  }

  /** "host:pid"; the end of a host's name too long for an id is left out. */
  static String of(String host, long pid) {
    String process = ":" + pid;
    return host.substring(0, Math.min(host.length(), MAX_ID - process.length())) + process;
  }

  private static String host() {
    String name = System.getenv("HOSTNAME");
    if (name != null && !name.isBlank()) {
      return name;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
