package dev.milepost.server.boundary;

import dev.milepost.server.store.Postgres;
import java.nio.file.Path;

class PostgresBoundariesTest extends BoundariesContract {
  @Override
  String store(Path directory) {
    return Postgres.emptyStore();
  }
}
