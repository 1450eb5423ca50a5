package dev.milepost.server.store.redis;

import dev.milepost.server.store.StoreException;
import dev.milepost.server.store.StoreException.Outcome;
import dev.milepost.server.store.engine.StoreMonitor;
import io.lettuce.core.RedisException;
import java.io.Serial;

/** A request was given up because Redis is away. */
final class RedisAway extends RedisException {
  @Serial private static final long serialVersionUID = 1;

  private final transient StoreMonitor monitor;

  RedisAway(StoreMonitor monitor) {
    super("Redis is away.");
    this.monitor = monitor;
  }

  /** Returns what the request's caller receives. */
  StoreException failure(Outcome outcome) {
    return monitor.unavailable(outcome);
  }

  /** There may be thousands at a time. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
