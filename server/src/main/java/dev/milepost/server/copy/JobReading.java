package dev.milepost.server.copy;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads a job's journal and items once, part by part. For use by one thread at a time. */
public interface JobReading {
  /** Reads the next part, of about two megabytes at most; empty after the last. */
  CompletionStage<Optional<JobPart>> next();

  /** Reads parts and joins them until they have so many bytes, or there are no more. */
  default CompletionStage<Gathered> gather(long bytes) {
    return gather(JobPart.EMPTY, bytes);
  }

  private CompletionStage<Gathered> gather(JobPart before, long bytes) {
    return next()
        .thenCompose(
            next -> {
              if (next.isEmpty()) {
                return done(new Gathered(before, true));
              }
              JobPart all = before.plus(next.get());
              return all.bytes() >= bytes ? done(new Gathered(all, false)) : gather(all, bytes);
            });
  }

  private static CompletionStage<Gathered> done(Gathered gathered) {
    return CompletableFuture.completedStage(gathered);
  }

  /**
   * Parts that were joined.
   *
   * @param isLast whether it is known that no more follow
   */
  record Gathered(JobPart part, boolean isLast) {}
}
