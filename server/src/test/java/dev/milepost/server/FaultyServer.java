package dev.milepost.server;

import com.google.inject.AbstractModule;
import dev.milepost.server.concurrent.TimeSource;
import dev.milepost.server.settings.LayeredSettings;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.sqlite.FaultyDisk;
import java.nio.file.Path;
import java.util.List;

/** A server program whose disk does not confirm the first change. */
final class FaultyServer {
  private FaultyServer() {}

  public static void main(String[] arguments) throws Exception {
    LayeredSettings settings =
        LayeredSettings.read(
            List.of(new LayeredSettings.Option("--listen", "milepost.listen", "localhost:0")),
            null);
    System.exit(
        Main.serve(
            settings,
            null,
            values -> {
              FaultyDisk disk = new FaultyDisk();
              JobStore store = disk.open(Path.of("jobs.db"), StoreClock.of(TimeSource.system()));
              disk.fail();
              return MilepostServer.start(
                  values,
                  TimeSource.system(),
                  new AbstractModule() {
                    @Override
                    protected void configure() {
                      bind(JobStore.class).toInstance(store);
                    }
                  });
            }));
  }
}
