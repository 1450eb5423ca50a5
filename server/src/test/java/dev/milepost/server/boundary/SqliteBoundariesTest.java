package dev.milepost.server.boundary;

import java.nio.file.Path;

class SqliteBoundariesTest extends BoundariesContract {
  @Override
  String store(Path directory) {
    return "sqlite:" + directory.resolve("milepost.db");
  }
}
