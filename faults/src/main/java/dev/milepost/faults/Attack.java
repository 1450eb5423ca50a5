package dev.milepost.faults;

import dev.milepost.v1.ListJobsRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;

/** What an attacker does on one connection to take memory or time of a server. */
enum Attack {
  /** Holds connections and does nothing. */
  IDLE_CONNECTIONS(400, (client, random) -> {}),

  /** Sends half of each request, without a credential. */
  HALF_REQUESTS(
      50,
      (client, random) -> {
        for (int i = 0; i < 100; i++) {
          int stream = client.call(Calls.CHECK, Map.of());
          client.head(stream, 4 << 20);
          client.data(stream, new byte[16_000]);
        }
      }),

  /** Sends half of each request in pieces of one byte, with a credential. */
  TINY_PIECES(
      20,
      (client, random) -> {
        for (int i = 0; i < 50; i++) {
          int stream = client.call(Calls.CREATE, Calls.ATTACKER);
          client.head(stream, 4 << 20);
          for (int sent = 0; sent < 1_000; sent++) {
            client.data(stream, new byte[1]);
          }
        }
      }),

  /** Watches the health of services that do not exist. */
  UNKNOWN_WATCHES(
      50,
      (client, random) -> {
        for (int i = 0; i < 100; i++) {
          byte[] name =
              "%0100d".formatted(random.nextInt(1 << 30)).getBytes(StandardCharsets.US_ASCII);
          byte[] request = new byte[name.length + 2];
          request[0] = 0x0a;
          request[1] = (byte) name.length;
          System.arraycopy(name, 0, request, 2, name.length);
          client.message(client.call("grpc.health.v1.Health/Watch", Map.of()), request, true);
        }
      }),

  /** Asks for descriptors, and does not read them. */
  REFLECTION(
      50,
      (client, random) -> {
        byte[] symbol = "milepost.v1.JobService".getBytes(StandardCharsets.US_ASCII);
        byte[] request = new byte[symbol.length + 2];
        request[0] = 0x22;
        request[1] = (byte) symbol.length;
        System.arraycopy(symbol, 0, request, 2, symbol.length);
        for (int i = 0; i < 20; i++) {
          int stream =
              client.call("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Map.of());
          for (int question = 0; question < 100; question++) {
            client.message(stream, request, false);
          }
        }
      }),

  /** Calls without a credential, and does not read the errors. */
  UNREAD_ERRORS(
      50,
      (client, random) -> {
        for (int i = 0; i < 20_000; i++) {
          client.message(client.call(Calls.CREATE, Map.of()), new byte[0], true);
        }
      }),

  /** Lists large jobs, and does not read them. */
  UNREAD_LISTS(
      10,
      (client, random) -> {
        byte[] all = ListJobsRequest.getDefaultInstance().toByteArray();
        for (int i = 0; i < 100; i++) {
          client.message(client.call("milepost.v1.JobService/ListJobs", Calls.ATTACKER), all, true);
        }
      }),

  /** Sends bytes that are no frames. */
  GARBAGE(
      50,
      (client, random) -> {
        byte[] garbage = new byte[16_000];
        for (int i = 0; i < 100; i++) {
          random.nextBytes(garbage);
          client.bytes(garbage);
        }
      });

  /** The user whose credential the attacker has. */
  static final String USER = "attacker";

  private final int connections;

  @SuppressWarnings("ImmutableEnumChecker") // The lambdas above keep nothing.
  private final Strike strike;

  /** What is done on a connection. */
  private interface Strike {
    void on(RawClient client, Random random) throws IOException;
  }

  Attack(int connections, Strike strike) {
    this.connections = connections;
    this.strike = strike;
  }

  /** Returns how many connections each attacker holds open. */
  int connections() {
    return connections;
  }

  /** Attacks on one connection, and leaves it open. */
  void on(RawClient client, Random random) throws IOException {
    strike.on(client, random);
  }

  /** Apart, since the constants of an enum come before its fields. */
  private static final class Calls {
    static final String CHECK = "grpc.health.v1.Health/Check";
    static final String CREATE = "milepost.v1.JobService/CreateJob";
    static final Map<String, String> ATTACKER = Map.of("x-milepost-user", USER);
  }
}
