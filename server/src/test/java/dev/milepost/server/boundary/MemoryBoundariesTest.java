package dev.milepost.server.boundary;

import java.nio.file.Path;

class MemoryBoundariesTest extends BoundariesContract {
  @Override
  String store(Path directory) {
    return "memory:";
  }

  @Override
  boolean triesEverything() {
    return true;
  }
}
