package dev.milepost.faults;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Random;

/** Attacks on one connection after the other, and keeps as many open as its attack says. */
final class Attacker implements Runnable, AutoCloseable {
  private final Attack attack;
  private final int port;
  private final Random random;
  private final Thread thread = new Thread(this, "attacker");

  /** Oldest first. Guarded by itself. */
  private final ArrayDeque<RawClient> open = new ArrayDeque<>();

  private volatile boolean over;

  Attacker(Attack attack, int port, long seed) {
    this.attack = attack;
    this.port = port;
    this.random = new Random(seed);
  }

  void start() {
    thread.start();
  }

  @Override
  public void run() {
    while (!over) {
      RawClient client = new RawClient();
      synchronized (open) {
        open.addLast(client);
      }
      try {
        client.connect(port);
        attack.on(client, random);
      } catch (IOException e) {
        client.close();
      }
      synchronized (open) {
        while (open.size() > attack.connections()) {
          open.removeFirst().close();
        }
      }
    }
  }

  /** Stops, and closes all connections. */
  @Override
  public void close() throws InterruptedException {
    over = true;
    while (thread.isAlive()) {
      synchronized (open) {
        open.forEach(RawClient::close);
      }
      thread.join(100);
    }
    synchronized (open) {
      open.forEach(RawClient::close);
    }
  }
}
