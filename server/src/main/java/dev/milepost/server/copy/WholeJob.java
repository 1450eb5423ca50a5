package dev.milepost.server.copy;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import dev.milepost.server.job.JobKey;
import dev.milepost.server.store.ItemPage;
import dev.milepost.server.store.ItemQuery;
import dev.milepost.server.store.JobStore;
import dev.milepost.server.store.JournalPage;
import dev.milepost.server.store.JournalQuery;
import dev.milepost.storage.v1.JobRecord;
import dev.milepost.v1.Item;
import dev.milepost.v1.JournalEntry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A job with its journal and items.
 *
 * @param record the job's record
 * @param journal all kept entries
 * @param items all items, by id
 */
public record WholeJob(JobRecord record, List<JournalEntry> journal, List<Item> items) {
  private static final int ENTRIES = 1_000;
  private static final int ITEMS = 2_000;

  /** Keeps copies of the lists. */
  public WholeJob {
    journal = List.copyOf(journal);
    items = List.copyOf(items);
  }

  JobKey key() {
    return JobKey.of(record);
  }

  /** Returns its approximate size in bytes. */
  public long bytes() {
    long sum = record.getSerializedSize();
    for (JournalEntry entry : journal) {
      sum += entry.getSerializedSize();
    }
    for (Item item : items) {
      sum += item.getSerializedSize();
    }
    return sum;
  }

  /** Reads a job's journal and items. */
  public static CompletionStage<WholeJob> read(JobStore store, JobRecord record) {
    JobKey key = JobKey.of(record);
    List<JournalEntry> journal = new ArrayList<>();
    List<Item> items = new ArrayList<>();
    return readJournal(store, key, 0, journal)
        .thenCompose(done -> readItems(store, key, "", items))
        .thenApply(done -> new WholeJob(record, journal, items));
  }

  private static CompletionStage<Void> readJournal(
      JobStore store, JobKey key, long after, List<JournalEntry> into) {
    return store
        .journal(new JournalQuery(key, after, ENTRIES))
        .thenCompose(
            (JournalPage page) -> {
              into.addAll(page.entries());
              return page.through() < page.last()
                  ? readJournal(store, key, page.through(), into)
                  : CompletableFuture.<Void>completedFuture(null);
            });
  }

  private static CompletionStage<Void> readItems(
      JobStore store, JobKey key, String after, List<Item> into) {
    return store
        .items(new ItemQuery(key, Set.of(), "", after, ITEMS))
        .thenCompose(
            (ItemPage page) -> {
              into.addAll(page.items());
              return page.more()
                  ? readItems(store, key, into.get(into.size() - 1).getId(), into)
                  : CompletableFuture.<Void>completedFuture(null);
            });
  }

  /** Returns a SHA-256 checksum of everything: equal in two stores with the same content. */
  byte[] checksum() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      CodedOutputStream out =
          CodedOutputStream.newInstance(
              new DigestOutputStream(OutputStream.nullOutputStream(), digest));
      // Maps are not ordered.
      out.useDeterministicSerialization();
      write(out, 1, record);
      for (JournalEntry entry : journal) {
        write(out, 2, entry);
      }
      for (Item item : items) {
        write(out, 3, item);
      }
      out.flush();
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(CodedOutputStream out, int field, MessageLite message)
      throws IOException {
    out.writeMessage(field, message);
  }
}
