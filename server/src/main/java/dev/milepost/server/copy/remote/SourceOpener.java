package dev.milepost.server.copy.remote;

import dev.milepost.server.copy.CopyException;
import dev.milepost.server.copy.JobSource;
import dev.milepost.server.copy.StoreSource;
import dev.milepost.server.remote.RemoteException;
import dev.milepost.server.remote.ServerAddress;
import dev.milepost.server.remote.ServerConnection;
import dev.milepost.server.store.CommitObserver;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.StoreClock;
import dev.milepost.server.store.open.StoreOpener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * Opens the store or running server that a URL names, to copy from it.
 *
 * @param journalCap maximum number of entries of each kind in a journal
 * @param token file with the API token or JWT of an ADMIN at that server; empty: development
 *     credentials
 * @param ca PEM file with trusted certificates for that server; empty: those that Java trusts
 */
public record SourceOpener(int journalCap, Optional<Path> token, Optional<Path> ca) {
  /**
   * Opens a source. Blocks.
   *
   * @throws dev.milepost.server.store.StoreException if a store cannot be opened
   * @throws dev.milepost.server.copy.CopyException if the URL names nothing to copy from, or an
   *     incomplete copy
   */
  public JobSource open(String url) {
    if (ServerAddress.isUrl(url)) {
      return server(url);
    }
    if (url.equals(StoreOpener.MEMORY)) {
      throw new CopyException(
          "A memory: store exists only in its server. Use the address of the server, such as"
              + " grpc://localhost:7300.");
    }
    StoreOpener.sqliteFile(url)
        .filter(file -> !Files.exists(file))
        .ifPresent(
            file -> {
              throw new CopyException("There is no file " + file + " to copy from.");
            });
    JobStore store =
        StoreOpener.open(url, StoreClock.of(Clock.systemUTC()), journalCap, CommitObserver.NONE);
    try {
      return StoreSource.of(store);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private JobSource server(String url) {
    try {
      return new ServerSource(ServerConnection.open(url, "copy", token, ca));
    } catch (RemoteException e) {
      throw new CopyException(String.valueOf(e.getMessage()));
    }
  }
}
