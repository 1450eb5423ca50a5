package dev.milepost.server.boundary;

import dev.milepost.server.store.Redis;
import java.nio.file.Path;

class RedisBoundariesTest extends BoundariesContract {
  @Override
  String store(Path directory) {
    return Redis.emptyStore();
  }
}
